"""A day from the DataLogger into the lake: ask, check the answer, ask again, merge with what is known, publish.

What the service understands belongs to ``acnet``, how a table is stored to ``lake``; no Dagster here. A day comes from
``parameters`` (with their ``rates``) or ``events`` (what is asked for) with its ``options``, and goes through
``publishing`` (the day, whole or not at all), ``day_file`` (one file, its ``subjects`` side by side, with their
``progress``), ``asking`` (one subject), ``checking`` (its rows), ``drafts`` (kept until the day is published) and
``known`` (merged with what is ``published``). Its ``outcome`` says what became of each subject, ``failures`` why
nothing was published. ``device_database`` brings what is known of the devices.
"""
