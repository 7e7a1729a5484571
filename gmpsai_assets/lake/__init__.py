"""Tables at rest: their schemas, the day store, publication, revisions, and the DuckDB catalogue of views.

Where data comes from, what is computed of it, and Dagster do not belong here.

A day is written through ``tables`` and ``schemas`` (columns), ``parquet`` (files), ``publication`` with ``difference``,
``revisions`` and ``atomic`` (its place, under the lock of ``locks``), and read through ``stored_file``, ``origin``,
``parameter_days`` and ``day_store``, which knows every path; ``asked_for`` has the forms in which people ask it,
and what they are told. ``catalogue_files`` and ``catalogue`` show all days to DuckDB; ``layout`` refuses a data
directory of an older layout.
"""
