"""An ACL web service with one simulated Booster behind it, for those whom the laboratory's network does not let in.

Here belongs the other side of the protocol, and the truth that tests compare with. It imports only ``acnet``; nothing
else imports it: it is started as a program (``gmpsai emulator``), and production code knows only an address.

The simulation, from below: ``noise`` (random numbers without a sequence) -> ``line_clock`` (15 Hz ticks) -> ``recipes``
(supercycles) -> ``tclk_table``, ``tclk_events`` (events) and ``devices``, ``arrays``, ``regulator``, ``signals``
(values) -> ``machine`` (samples with their stamps: the facade that tests ask, too).

A request: ``connection`` (HTTP) -> ``request`` (the command) -> ``faults`` (which of them meet it) -> ``answers`` (what
it means) -> ``streams`` (blocks, rendered once) -> ``fault_effects``, ``render``, ``texts`` (rows and words).
``options``, ``command`` and ``service`` start and end it; ``captures`` writes capture files of past days
(docs/captures.md).
"""
