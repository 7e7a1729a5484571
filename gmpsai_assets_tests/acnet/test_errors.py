"""What error messages say, and that errors survive the way between processes."""

import pickle

import pytest

from gmpsai_assets.acnet import errors


def test_a_message_names_subject_reply_and_next_step() -> None:
    error = errors.UnreadableReply("no data", subject="B:VIMIN, a day", received=b"abc\x00\n\xff d")
    expected = "B:VIMIN, a day: no data; came back: 'abc d'. Look at the reply by hand"
    assert str(error).startswith(expected)


def test_a_long_reply_is_shortened() -> None:
    error = errors.EmptyReply("no data", received="x" * 100_000)
    assert len(error.received) == 203


@pytest.mark.parametrize(
    "error",
    [
        errors.NoValues("none", subject="s", received="r"),
        errors.DeviceRefused("DIO_NO_SUCH", subject="s", received="r"),
        errors.HttpRefused(403, subject="s", next_step="Ask from inside."),
        errors.HttpUnavailable(503, subject="s", retry_after=7),
    ],
)
def test_an_error_survives_pickling(error: errors.AcnetError) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert back.__dict__ == error.__dict__


def test_every_error_is_a_fact_or_transient_or_permanent() -> None:
    kinds = (errors.NothingLogged, errors.TransientError, errors.PermanentError)
    named = [
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.AcnetError)
    ]
    assert len(named) > 20
    for each in named:
        # Where nothing was asked there is no answer to be of a kind.
        is_one = each not in (errors.AcnetError, errors.StoppedError)
        assert sum(issubclass(each, kind) for kind in kinds) == is_one
