"""The tape path: write-once stores, manifests, and the archive of a day.

What a day's files are belongs to ``lake``. A day goes through ``archiving`` into ``tape``, its ``manifest`` last.
"""
