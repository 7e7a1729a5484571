"""`gmpsai run`: the whole platform on one machine, started, watched and stopped together.

Only processes, ports and what the terminal shows belong here; nothing of what the processes do.
"""
