"""The retry policy."""

import pytest

from gmpsai_assets.acnet.errors import EmptyReply, HttpUnavailable, PermanentError
from gmpsai_assets.acnet.retrying import RetryPolicy, at_most


def test_delays_double_up_to_a_cap() -> None:
    policy = RetryPolicy(first_delay=1, longest_delay=5, jitter=0)
    assert [policy.delay(attempt) for attempt in (1, 2, 3, 4, 99)] == [1, 2, 4, 5, 5]


@pytest.mark.parametrize(("drawn", "delay"), [(0.0, 0.75), (0.5, 1.0), (1.0, 1.25)])
def test_jitter_spreads_a_delay_both_ways(drawn: float, delay: float) -> None:
    assert RetryPolicy(draw=lambda: drawn).delay(1) == pytest.approx(delay)


def test_a_wait_that_the_service_asks_for_is_kept_up_to_the_cap() -> None:
    policy = RetryPolicy(first_delay=1, longest_delay=30, jitter=0)
    assert policy.delay(1, 7) == 7
    assert policy.delay(3, 1) == 4
    assert policy.delay(1, 3600) == 30


def test_transient_faults_are_retried_until_the_attempts_are_used_up() -> None:
    waited: list[float] = []
    asked = []

    def fail() -> None:
        asked.append(1)
        msg = "nothing came"
        raise EmptyReply(msg)

    with pytest.raises(EmptyReply):
        RetryPolicy(attempts=3, jitter=0, sleep=waited.append).run(fail)
    assert len(asked) == 3
    assert waited == [1, 2]


def test_a_permanent_fault_is_not_retried() -> None:
    asked = []

    def fail() -> None:
        asked.append(1)
        msg = "never"
        raise PermanentError(msg)

    with pytest.raises(PermanentError):
        RetryPolicy(sleep=lambda _: None).run(fail)
    assert len(asked) == 1


@pytest.mark.parametrize(
    "wrong", [{"attempts": 0}, {"first_delay": -1}, {"longest_delay": -1}, {"jitter": 2}]
)
def test_a_policy_without_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"attempt|jitter"):
        RetryPolicy(**wrong)  # type: ignore[arg-type]


def test_a_caller_may_lower_the_number_of_attempts() -> None:
    made = []

    def fail() -> None:
        made.append(1)
        raise HttpUnavailable(503)

    policy = RetryPolicy(attempts=4, sleep=lambda _: None)
    for limit, expected in ((1, 1), (2, 2), (9, 4)):
        made.clear()
        with pytest.raises(HttpUnavailable), at_most(limit):
            policy.run(fail)
        assert len(made) == expected
    made.clear()
    with pytest.raises(HttpUnavailable):
        policy.run(fail)
    assert len(made) == 4
