"""Findings in words: the spans that could not be fetched, the counts of a reply, and lists too long to be read.

What is found is decided in ``pieces``, ``suspicion`` and ``review``.
"""

from gmpsai_assets.acnet.replies.sample_reply import ReplyCounts
from gmpsai_assets.fetch.asking.split import FailedSpan
from gmpsai_assets.fetch.outcome import Finding, FindingKind

MOST_GAPS = 40
_MOST_OTHERS = 4


def bounds(span: FailedSpan) -> tuple[int, int]:
    """First instant and first instant after, microseconds since 1970 UTC."""
    return span.window.start_microseconds, span.window.end_microseconds


def request_failed(spans: list[FailedSpan]) -> list[Finding]:
    """A finding for each span that could not be fetched, with the reason."""
    return [
        Finding("request failed", *bounds(span), f"{span.window}: {span.error.what}")
        for span in spans
    ]


def counted(counts: ReplyCounts, without_number: int, foreign: int) -> list[Finding]:
    """Findings that are numbers of rows, not spans.

    Args:
        counts: of the answers.
        without_number: rows kept without a number.
        foreign: rows outside the window that are not explained by an end that counts in.
    """
    numbers: dict[FindingKind, tuple[int, str]] = {
        "not a number": (without_number, "values are no numbers and kept as null"),
        "duplicates": (counts.exact_duplicates, "rows came twice and are kept once"),
        "out of order": (counts.out_of_order, "rows came late and are sorted in"),
        "outside window": (foreign, "rows lie outside the window and are dropped"),
        "impossible times": (counts.impossible_times, "rows have a local time that does not exist"),
        "irregular lines": (
            counts.irregular_lines,
            f"lines are no data, such as {', '.join(map(repr, counts.irregular_examples[:2]))}",
        ),
    }
    return [
        Finding(kind, None, None, f"{number} {text}")
        for kind, (number, text) in numbers.items()
        if number
    ]


def shortened(findings: list[Finding]) -> list[Finding]:
    """The findings of one kind, the last of them summed up where there are too many to be read."""
    most = MOST_GAPS if findings[0].kind == "gap" else _MOST_OTHERS
    if len(findings) <= most:
        return findings
    rest = findings[most - 1 :]
    detail = f"{len(rest)} more; {rest[0].detail}"
    repaired = all(each.repaired for each in rest)
    return [
        *findings[: most - 1],
        Finding(rest[0].kind, rest[0].start, rest[-1].end, detail, repaired),
    ]
