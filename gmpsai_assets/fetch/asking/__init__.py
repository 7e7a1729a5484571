"""One subject asked for: whole, in smaller spans where that fails, and again where the answer has findings.

What is seen in an answer belongs to ``checking``; many subjects side by side, to ``day_file``. The way of a subject:
``ask`` (its ``answer``), ``split`` (requests that fail, with ``windows`` that may be asked for), ``asker`` (each
request, within its limits), ``other_window`` (whether the service answers what it is asked), ``refetch`` (the findings
asked for again, with ``answer_so_far``, ``faster_tier`` and ``cut_ends``).
"""
