"""`gmpsai run`: the whole platform on one machine, started, watched and stopped together.

Only processes, ports and what the terminal shows belong here; nothing of what the processes do. In order: ``command``
finds the day, takes the data directory (``home``) and the ports (``addresses``), starts the processes (``children``),
has the first day made by a process of its own (``day``), shows how far it is (``display``), and watches until Ctrl-C.
"""
