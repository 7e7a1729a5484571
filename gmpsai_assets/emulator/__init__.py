"""An ACL web service with one simulated Booster behind it.

``service.running_emulator`` starts one for a test, ``machine.Machine`` tells the simulated truth.
"""
