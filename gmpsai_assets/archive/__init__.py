"""The tape path: a write-once store, the manifests in it, and the archive of a day.

What a day's files are belongs to ``lake``. A day goes through ``archiving`` into ``tape``, which looks for the mark of
the tape path (``tape_mark``; ``command`` makes it) and reads each file back; its manifest comes last, and makes it an
archived day.
"""
