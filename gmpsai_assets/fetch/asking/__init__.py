"""One subject asked for: whole, in smaller spans where that fails, and again where the answer has findings.

What is looked for in an answer belongs to ``checking``. The way: ``ask``, ``split``, ``refetch``.
"""
