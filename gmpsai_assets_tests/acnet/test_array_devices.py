"""Array devices at the service: what is asked for an element, and replies with several values at a time."""

import pickle

import pytest

from gmpsai_assets.acnet import errors
from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.commands import LoggerGet
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import Parameter
from gmpsai_assets.acnet.replies.logger_lists import LoggerList, parse_logger_lists
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets_tests.acnet.sample_texts import sample
from gmpsai_assets_tests.acnet.services import Answer, raw_wire, redirects, says, service

DAY = day_window("2020-03-10")
ONCE = RetryPolicy(attempts=1)
ELEMENT = Parameter("Lina2", "G:PIDKI[3]")
ROW = "{name} {node} 15 Hz 13 p,66,true"


def table(name: str, *rows: str) -> bytes:
    """A reply of ``show/whereLogged``; each row is ``NAME NODE``."""
    lines = [ROW.format(name=row.split()[0], node=row.split()[1]) for row in rows]
    head = (
        f"Logger lists containing {name} ({len(rows)}) :\n \nName Node List Data Event\n---- ----"
    )
    return "\n".join([head, *lines, ""]).encode()


def test_brackets_travel_raw() -> None:
    with raw_wire() as (url, received), AclClient(url, retry=ONCE) as client:
        assert DataLogger(client).samples(ELEMENT, DAY).table.num_rows == 1
    target = received[0].split(b" ")[1]
    assert target.endswith(b"/node=Lina2+G:PIDKI[3]")
    assert b"%" not in target


def test_a_redirect_may_escape_brackets() -> None:
    def move(handler: object) -> None:
        target = running.targets[0].replace("/cgi-bin/", "/new/")
        redirects(target.replace("[", "%5B").replace("]", "%5D"))(handler)  # type: ignore[arg-type]

    with (
        service(move, says(b"1583816400.048000 1\n")) as running,
        AclClient(running.url, retry=ONCE) as client,
    ):
        client.fetch(LoggerGet("G:PIDKI[3]", DAY, "Lina2"))
        assert running.targets[1].startswith("/new/acl.pl?")
        assert running.targets[1].endswith("+G:PIDKI[3]")


def refused(device: str, body: bytes) -> errors.SeveralValues:
    with service(says(body)) as running, AclClient(running.url, retry=ONCE) as client:
        with pytest.raises(errors.SeveralValues) as caught:
            DataLogger(client).samples(Parameter("MLrn", device), DAY)
        assert len(running.targets) == 1
    return caught.value


IN_A_LINE = b"".join(
    b"%d.048000 1 2.5 3 -4e1\n" % second for second in range(1583816400, 1583816410)
)
ON_LINES = b"".join(
    b"%d.048000 %d\n" % (second, value)
    for second in range(1583816400, 1583816410)
    for value in (7, 8, 7, 9)
)


@pytest.mark.parametrize(
    ("body", "elements"), [(IN_A_LINE, "B:X[0:3]"), (ON_LINES, "B:X[0:2]")], ids=["line", "lines"]
)
def test_an_array_is_refused_with_its_elements_as_they_can_be_listed(
    body: bytes, elements: str
) -> None:
    error = refused("B:X", body)
    assert f"B:X is an array device: list its elements, such as {elements}, instead" in str(error)
    assert str(error).startswith("B:X on MLrn, 2020-03-10 00:00:00 CDT to")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_the_line_with_several_values_is_shown_and_not_another_one() -> None:
    body = b"1583816400.048000 1\nsome words among the rows\n1583816401. 1 2.5 3\n"
    text = str(refused("B:X", body))
    assert "came back: '1583816401. 1 2.5 3'" in text
    assert "such as B:X[0:2]" in text


def test_a_long_line_names_elements_that_it_has() -> None:
    line = b"1583816400.048000 " + b" ".join(b"%d.25" % n for n in range(100, 300)) + b"\n"
    text = str(refused("B:X", line))
    last = int(text.partition("B:X[0:")[2].partition("]")[0])
    assert 20 < last < 200


@pytest.mark.parametrize("body", [IN_A_LINE, ON_LINES], ids=["line", "lines"])
def test_an_element_with_several_values_is_not_told_to_be_listed_as_one(body: bytes) -> None:
    text = str(refused("B:X[3]", body))
    assert "One element was asked for, and nothing says which of the values is B:X[3]" in text
    assert "list its elements" not in text


def test_elements_that_are_mostly_equal_are_no_repetitions() -> None:
    rows = [(second, value) for second in range(100) for value in (0, 0, int(second % 10 == 0))]
    body = b"".join(b"%d.5 %d\n" % (1583816400 + second, value) for second, value in rows)
    assert "10 of 100 times have several values" in str(refused("B:X", body))


def test_repetitions_and_some_equal_times_are_no_array() -> None:
    rows = [b"%d.5 %d\n" % (1583816400 + n, n) for n in range(100)]
    for body, kept in ((rows * 2, 100), (rows + [row[:-1] + b"0\n" for row in rows[1:40]], 139)):
        answer: Answer = says(b"".join(body))
        with service(answer) as running, AclClient(running.url, retry=ONCE) as client:
            assert DataLogger(client).samples(Parameter("MLrn", "B:X"), DAY).table.num_rows == kept


def test_recorded_lists_of_arrays_are_read() -> None:
    first, mark, second = sample("show_logger_lists_array").partition(
        b"Logger lists containing L:D7TOR"
    )
    assert parse_logger_lists(first, "the loggers", "G:PIDKI[3]") == (
        LoggerList("G:PIDKI[3]", "Lina2", "10 Sec", 4, "p,10000,true"),
    )
    lists = parse_logger_lists(mark + second, "the loggers", "L:D7TOR")
    assert [each.device for each in lists] == ["L:D7TOR", "L:D7TOR[0:1]", *["L:D7TOR"] * 8]
    assert lists[1].nominal_rate_hz is None


@pytest.mark.parametrize(
    ("device", "answers", "found", "asked"),
    [
        ("B:X[3]", [["B:X MLrn", "B:X[0:3] Bstr"]], ["B:X", "B:X[0:3]"], ["B:X"]),
        ("B:X[3]", [["B:X MLrn", "B:X[0:3] mlrn"]], ["B:X[0:3]"], ["B:X"]),
        ("B:X[3]", [["B:X MLrn"], ["B:X[3] MLrn"]], ["B:X[3]"], ["B:X", "B:X[3]"]),
        ("B:X[3]", [[], ["B:X[3] MLrn"]], ["B:X[3]"], ["B:X", "B:X[3]"]),
        ("B:X[3]", [["B:X[0:2] MLrn", "B:X MLrn"], []], ["B:X"], ["B:X", "B:X[3]"]),
        ("B:X[3]", [["B:X MLrn"], "refused"], ["B:X"], ["B:X", "B:X[3]"]),
        ("B:X", [["B:X MLrn", "B:X[0:3] MLrn"]], ["B:X"], ["B:X"]),
    ],
)
def test_the_lists_of_an_element_are_those_that_hold_it_on_each_node(
    device: str, answers: list[list[str] | str], found: list[str], asked: list[str]
) -> None:
    bodies = [
        b"Bad device name - DIO_NO_SUCH\n" if rows == "refused" else table(name, *rows)
        for name, rows in zip(asked, answers, strict=False)
    ]
    with service(*map(says, bodies)) as running, AclClient(running.url, retry=ONCE) as client:
        lists = DataLogger(client).logger_lists(device)
        assert [target.rpartition("+")[2] for target in running.targets] == asked
    assert [each.device for each in lists] == found
