"""The record of the supercycles: the logger that runs all the time, its capture files, and a day made of them.

What a supercycle's ticks and events are is found in ``machine_time``; watching and restarting the logger do not belong
here.

``command`` starts ``logger``, which asks ``source`` by the time of ``clock``, makes a ``capture`` out of the readings
(``start_estimate``), keeps it as lines (``records``) in ``capture_files``, and shows its state in ``heartbeat``.
A day is made of the files by ``day`` and its ``gaps``. The logger must stay small: only these two may import Arrow and
NumPy.
"""
