"""`gmpsai run`: the whole platform on one machine, started, watched and stopped together.

Only processes, ports and what the terminal shows belong here; nothing of what the processes do. In order: ``command``
finds the day, takes the ports (``addresses``) and the data directory (``home``, ``source``), starts the processes
(``children``), has the first day made by a process of its own (``day``), shows how far it is (``display``), and watches
until Ctrl-C.
"""

COMMANDS = {
    "run": ("gmpsai_assets.launch.command", "start the whole platform on this machine"),
    "emulator": ("gmpsai_assets.emulator.command", "the emulated ACL service alone"),
    "timeline-logger": ("gmpsai_assets.timeline.command", "capture every supercycle's timeline"),
    "source": ("gmpsai_assets.launch.source", "the service that the data directory belongs to"),
    "tape": ("gmpsai_assets.archive.command", "mark the tape path, once"),
    "site": ("gmpsai_assets.site.server", "serve the published plot site"),
}
"""The sub-commands of ``gmpsai``: the module that declares each, imported only when it is called, and a summary."""
