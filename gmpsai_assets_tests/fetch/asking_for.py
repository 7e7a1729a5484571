"""One subject asked for by its rate, as the tests of asking do."""

from collections.abc import Callable
from typing import Any

from gmpsai_assets.acnet.clock import Window
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.fetch.asking.answer import Answer
from gmpsai_assets.fetch.asking.ask import ask_thoroughly
from gmpsai_assets.fetch.subjects import Subject


def ask_for(
    fetch: Callable[[Window], SampleReply],
    window: Window,
    *,
    nominal_rate_hz: float | None = None,
    rate_may_change: bool = False,
    without_number_before: tuple[float, ...] = (),
    **options: Any,
) -> Answer:
    """Ask for the rows of a subject with this rate in a window."""
    subject = Subject("a subject", None, nominal_rate_hz, rate_may_change)
    return ask_thoroughly(fetch, subject.expected(window, without_number_before), **options)
