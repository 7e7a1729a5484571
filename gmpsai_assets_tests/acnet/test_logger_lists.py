"""The tables of logger lists in every recorded shape, and in any that can be made of their parts."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmpsai_assets.acnet import errors
from gmpsai_assets.acnet.replies.logger_lists import LoggerList, parse_logger_lists
from gmpsai_assets_tests.acnet.sample_texts import error_lines, sample

ARRAYS, PLAIN = sample("show_logger_lists_array"), sample("show_logger_lists_plain")


def _parsed(body: bytes, device: str) -> list[tuple[str, str, str, float | None]]:
    found = parse_logger_lists(body, f"the loggers of {device}", device)
    return [(each.node, each.rate, each.event, each.nominal_rate_hz) for each in found]


def test_recorded_logger_lists_are_read() -> None:
    found = parse_logger_lists(sample("show_logger_lists"), "s", "L:RFQPAH")
    assert found[0] == LoggerList("L:RFQPAH", "Ctrls", "15 Hz", 13, "p,66,true")
    assert [each.rate for each in found] == ["15 Hz", "Event", "15 Sec", "15 Hz"]
    assert [each.node for each in found] == ["Ctrls", "Lina3", "Lina3", "DCE46"]
    assert [each.nominal_rate_hz for each in found] == [15, None, 1 / 15, 15]


def test_of_several_devices_in_one_answer_each_has_its_own() -> None:
    assert _parsed(ARRAYS, "G:PIDKI[3]") == [("Lina2", "10 Sec", "p,10000,true", 0.1)]
    array = _parsed(ARRAYS, "l:d7tor")
    assert len(array) == 10
    assert {node for node, *_ in array} >= {"Ctrls", "Lina2", "MTA", "DCE46"}
    assert ("Lina2", "2 Min", "p,120000,true", 1 / 120) in array
    assert ("CBSDA", "Client", "client", None) in array
    assert _parsed(ARRAYS, "L:D7TOR[0:1]") == array
    with pytest.raises(errors.UnreadableReply):
        parse_logger_lists(ARRAYS, "s", "L:D7TOR[1]")


def test_the_older_shape_has_no_rule_of_dashes_and_a_refusal_of_another_device_in_front() -> None:
    assert _parsed(PLAIN, "L:AIG") == [
        ("Ctrls", "15 Hz", "p,66,true", 15),
        ("Linac", "Event", "e,52,e,0", None),
        ("Bstr2", "15 Sec", "p,15000,true", 1 / 15),
        ("Bstr2", "1 Sec", "p,1000,true", 1),
        ("DCE46", "15 Hz", "p,66,true", 15),
    ]
    assert _parsed(PLAIN, "L|B7MODR") == [("Linac", "Event", "e,52,e,0", None)]


@pytest.mark.parametrize("body", [PLAIN, PLAIN.splitlines(keepends=True)[0]])
def test_the_device_of_the_refusal_is_refused(body: bytes) -> None:
    with pytest.raises(errors.DeviceRefused, match="L:MTAF01"):
        parse_logger_lists(body, "s", "L:MTAF01")


@pytest.mark.parametrize("body", [ARRAYS, PLAIN, sample("show_logger_lists")])
def test_an_answer_about_other_devices_says_nothing_of_this_one(body: bytes) -> None:
    with pytest.raises(errors.UnreadableReply, match="the lists are those of "):
        parse_logger_lists(body, "s", "B:VIMIN")


@pytest.mark.parametrize("line", error_lines())
def test_errors_in_place_of_a_table_are_named(line: bytes) -> None:
    with pytest.raises(errors.AcnetError, match=r"^subject: "):
        parse_logger_lists(line, "subject", "B:VIMIN")


@pytest.mark.parametrize(
    ("rate", "event", "hertz"),
    [
        ("15 Hz", "p,66,true", 15),
        ("Client", "p,66,true", 15),
        ("15 Hz", "p,67,true", 15),
        ("30 Hz", "p,33,true", 30),
        ("10 Hz", "p,100,true", 10),
        ("1 Hz", "p,1000,true", 1),
        ("1 Min", "p,60000,true", 1 / 60),
        ("2 Mins", "", 1 / 120),
        ("1 Hour", "", 1 / 3600),
        ("1 Hour", "p,3600000,true", 1 / 3600),
        ("1 Day", "p,86400000,true", 1 / 86_400),
        ("1 Sec", "p,66,true", 15),
        ("15 Hz", "p,1000,true", 1),
        ("often", "p,500", 2),
        ("often", "p", 1),
        ("often", "P,15H", 15),
        ("often", "p,2s,f", 0.5),
        ("Client", "p,1000", 1),
        ("Event", "e,0A,e,0", None),
        ("Event", "p,0,true", None),
        ("0 Hz", "q,500,true", 2),
        ("1.2.3 Hz", "e,0A,e,0", None),
        ("Client", "client", None),
    ],
)
def test_a_list_has_the_rate_of_its_data_event_and_the_name_where_that_is_exact(
    rate: str, event: str, hertz: float | None
) -> None:
    assert LoggerList("B:VIMIN", "MLrn", rate, 1, event).nominal_rate_hz == hertz


@pytest.mark.parametrize(
    ("event", "none"),
    [("e,0A,e,0", True), ("e,03,h,5", True), ("client", True), ("often", False), ("p,0", False)],
)
def test_having_no_rate_is_a_fact_only_where_the_list_says_when_it_keeps_a_sample(
    event: str, none: bool
) -> None:
    assert LoggerList("B:VIMIN", "MLrn", "Event", 1, event).has_no_rate is none


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"L:RFQPAH DCE46  15 Hz    13 p,66,true\n", b"", "4 lists are announced and 3 came"),
        (b"15 Sec   14 p,15000,true", b"15 Sec", "a row of the table"),
        (b"DCE46  15 Hz    13 p,66", b"DCE46  15 H", "a row of the table"),
        (b"L:RFQPAH Lina3  Event", b"L:RFQPMH Lina3  Event", "has a row of L:RFQPMH"),
        (b"(4) :\n", b":\n", None),
        (b"(4) :\n", b"= 4\n", None),
        (
            b"-------- ------ ----------- ----------------------------------------------\n",
            b"",
            None,
        ),
        (b"Lina3  15 Sec", b"Lina3  15 Sec slow", None),
        (b"p,66,true\n", b"p,66,true\n! a message\n", None),
    ],
)
def test_a_table_is_whole_or_named(old: bytes, new: bytes, words: str | None) -> None:
    body = sample("show_logger_lists").replace(old, new, 1)
    if words is None:
        assert len(_parsed(body, "L:RFQPAH")) == 4
        return
    with pytest.raises(errors.UnreadableReply, match=words):
        parse_logger_lists(body, "s", "L:RFQPAH")


@pytest.mark.parametrize("title", ["(0) :", "= 0", "(0)"])
def test_a_device_on_no_list_has_none(title: str) -> None:
    assert _parsed(f"Logger lists containing B:X {title}\n".encode(), "B:X") == []


@pytest.mark.parametrize(
    "body", [b"Logger lists containing B:X :\n", b"Name Node List Data Event\n"]
)
def test_a_table_that_announces_nothing_and_has_nothing_is_no_answer(body: bytes) -> None:
    with pytest.raises(errors.UnreadableReply):
        parse_logger_lists(body, "s", "B:X")


@dataclass(frozen=True)
class Shape:
    """How the tables of an answer are written."""

    count: str
    rule: bool
    blank_line: bool
    gap: int
    refusal: bool
    line_end: str
    page: bool


ROWS = st.tuples(
    st.sampled_from(["Ctrls", "MLrn", "NuMI2", "DCE46"]),
    st.sampled_from(
        ["15 Hz", "10 Hz", "1 Hz", "1 Sec", "2 Min", "1 Hour", "1 Day", "Event", "Client"]
    ),
    st.integers(0, 9_999),
    st.sampled_from(["p,66,true", "p,86400000,true", "e,03,h,5", "e,0A,e,0", "client"]),
)
DEVICES = st.sampled_from(
    ["B:VIMIN", "B|GMPSSC", "B_VIMIN", "G:PIDKI[3]", "L:D7TOR[0:1]", "L:D7TOR"]
)
TABLES = st.dictionaries(DEVICES, st.lists(ROWS, max_size=5, unique=True), min_size=1)
SHAPES = st.builds(
    Shape,
    st.sampled_from(["(N) :", "(N)", "= N"]),
    st.booleans(),
    st.booleans(),
    st.integers(1, 12),
    st.booleans(),
    st.sampled_from(["\n", "\r\n", "  \n"]),
    st.booleans(),
)


def _written(tables: dict[str, list[tuple[str, str, int, str]]], shape: Shape) -> bytes:
    between = " " * shape.gap
    lines = ["Bad device name (L:MTAF01) at line number 178"] * shape.refusal
    for device, rows in tables.items():
        title = shape.count.replace("N", str(len(rows)))
        lines += [f"Logger lists containing {device} {title}", *[" "] * shape.blank_line]
        if rows:
            lines += [f"Name{between}Node   List        Data Event"]
            lines += [f"----{between}------ ----------- -----------------"] * shape.rule
        for node, rate, number, event in rows:
            lines.append(f"{device}{between}{node:<6} {rate:<7}{number:>{shape.gap + 1}} {event}")
    text = shape.line_end.join([*lines, ""])
    return (
        f"<html><body><pre>\n{text}</pre></body></html>".encode() if shape.page else text.encode()
    )


def _own(body: bytes, device: str) -> list[LoggerList]:
    return [row for row in parse_logger_lists(body, "s", device.lower()) if row.device == device]


@given(TABLES, SHAPES)
def test_each_device_of_any_answer_has_the_rows_that_were_written_for_it(
    tables: dict[str, list[tuple[str, str, int, str]]], shape: Shape
) -> None:
    body = _written(tables, shape)
    for device, rows in tables.items():
        found = _own(body, device)
        wanted = [LoggerList(device, *row) for row in rows]
        assert list(found) == list(dict.fromkeys(wanted))


@given(TABLES, SHAPES, st.data())
def test_a_part_of_a_table_is_never_a_table(
    tables: dict[str, list[tuple[str, str, int, str]]], shape: Shape, data: st.DataObject
) -> None:
    body = _written(tables, shape)
    torn = body[: data.draw(st.integers(0, len(body) - 1))]
    for device, rows in tables.items():
        try:
            found = _own(torn, device)
        except errors.AcnetError:
            continue
        wanted = list(dict.fromkeys(LoggerList(device, *row) for row in rows))
        if len(found) != len(wanted) or not found:
            assert not wanted, "lists that were written are not there"
            continue
        # The last word of the last row can lose letters and be a word still; its rate is then that of its name.
        assert list(found)[:-1] == wanted[:-1]
        if torn.endswith(b"\n") or wanted[-1].rate not in ("Event", "Client"):
            assert found[-1].nominal_rate_hz in (wanted[-1].nominal_rate_hz, _of_name(wanted[-1]))


def _of_name(each: LoggerList) -> float | None:
    return LoggerList(each.device, each.node, each.rate, each.number, "e,0A").nominal_rate_hz


def test_a_last_line_without_an_end_whose_rate_is_not_that_of_its_name_is_cut() -> None:
    body = sample("show_logger_lists").rstrip(b"\n")
    assert len(_parsed(body, "L:RFQPAH")) == 4
    with pytest.raises(errors.TruncatedReply):
        parse_logger_lists(body.removesuffix(b"6,true"), "s", "L:RFQPAH")


@given(st.binary(max_size=300))
def test_any_bytes_give_lists_or_a_named_error(body: bytes) -> None:
    try:
        found = parse_logger_lists(body, "subject", "B:VIMIN")
    except errors.AcnetError:
        return
    assert isinstance(found, tuple)
