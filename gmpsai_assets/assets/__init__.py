"""The assets: each reads, calls one plain function, publishes, and describes what it published.

What is computed belongs to ``fetch``, ``timeline``, ``machine_time``, ``quality``, ``archive`` and ``site``. A module
is one asset, and what only its page in the UI shows stands below it; ``presentation`` holds what all of them share,
``cells`` how numbers and times look, ``outcomes`` what the two pulls share, ``failures`` how an error is shown. In
order of the day: ``sources``, then ``parameter_data`` and ``event_data``, ``supercycle_timeline``,
``timeline_reconciliation`` and ``cycles``, ``file_statistics`` and ``completeness``, ``published_json`` and
``tape_archive``.
"""
