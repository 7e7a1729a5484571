"""Reading of what the ACL service answers: text in, Arrow or a named error out.

Nothing here sends a request, and nothing here decides whether a day is complete.

The path of a long reply: ``lines`` (blocks of whole lines) -> ``reader`` (preamble, data, nothing else) -> ``rows`` in
one pass, or ``ragged_rows`` line by line (values that are no plain numbers: ``notations``) -> ``samples`` (times in
UTC) -> ``sample_reply`` (trimmed, in order, each row once, counted) -> ``repeated_hour`` (events of the hour that comes
twice). Short replies: ``readings``, ``timeline_entries``, ``device_database``, ``logger_lists``. Which text means which
error: ``refusals``.
"""
