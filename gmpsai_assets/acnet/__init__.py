"""What the control system speaks: device names, read-only commands, replies, the clock, TCLK, the HTTP client.

Here belongs what is true of the control system whoever asks it. Nothing here knows where data are kept, and nothing
here knows Dagster.

The path of a question: ``list_files``, ``parameter_lists`` (which devices, on which node) -> ``devices`` (names that
may be sent) -> ``commands`` (the closed set of read-only texts, and their URLs) -> ``addresses``, ``connections`` with
``connection_errors``, ``slots``, ``retrying``, ``stopping``, ``client`` (one request: its way, how many at once, how
often, until when) -> ``replies`` (bytes to rows, or a named error of ``errors``) -> ``datalogger`` (all of it as one
call).

Facts that others import: ``clock`` (local days and windows in UTC), ``instants`` (the type of time columns), ``tclk``
(event codes, meanings, rates), ``retention`` (until when the loggers keep data), ``device_facts`` (descriptions and
units where the device database cannot be asked).
"""
