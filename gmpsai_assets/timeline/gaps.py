"""How many supercycles lie between two starts; pure arithmetic."""


def missed_between(planned_end: int, start: int, length: float, next_length: float) -> int:
    """How many supercycles began and were not captured between two that were.

    A supercycle lasts as long as planned within a tenth of a second (the line-locked clock wanders), so a delay of
    half of one means that one was missed. Their number is an estimate where the length changed meanwhile.

    Args:
        planned_end: when the earlier one should have ended, microseconds since 1970 UTC.
        start: when the later one began, microseconds since 1970 UTC.
        length: planned seconds of the earlier one.
        next_length: planned seconds of the later one.
    """
    gap = (start - planned_end) / 1e6
    if gap < min(length, next_length) / 2:
        return 0
    return max(1, round(gap / ((length + next_length) / 2)))
