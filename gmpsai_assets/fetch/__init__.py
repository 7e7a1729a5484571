"""A day from the DataLogger into the lake: ask, check the answer, ask again, merge with what is known, publish.

What the service understands belongs to ``acnet``, how a table is stored to ``lake``; no Dagster here. A day goes
through ``parameters`` or ``events`` (what is asked for), ``day_file`` (one file), ``collect`` (many subjects
side by side), ``asking`` (one subject), ``checking`` (its rows), ``drafts`` and ``known``
(what came before), and ``publishing``.
"""
