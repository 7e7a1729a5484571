"""The tier is the most frequent interval."""

import numpy as np
import pytest

from gmpsai_assets.fetch.checking.tiers import tier_seconds
from gmpsai_assets_tests.machine_time.line_locked import hour, ticks


@pytest.mark.parametrize(("period", "seconds"), [(1e6 / 15, 0.0667), (1e6, 1.0), (3e8, 300.0)])
def test_each_tier_of_the_logger_is_known_by_its_interval(period: float, seconds: float) -> None:
    times = ticks(hour(), period=period, jitter=100)
    assert tier_seconds(times) == tier_seconds(times, 1e6 / 15) == seconds


def test_fewer_than_two_samples_have_no_tier() -> None:
    assert tier_seconds(np.array([], dtype=np.int64)) is None
    assert tier_seconds(np.array([5], dtype=np.int64)) is None


def test_long_intervals_that_differ_do_not_outvote_the_frequent_short_one() -> None:
    intervals = [66_700] * 3 + [5_000_000, 7_000_000, 9_000_000, 11_000_000]
    assert tier_seconds(np.cumsum(intervals)) == 0.0667
