"""Whole questions over HTTP: samples, events, timeline, supercycle."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from gmpsai_assets.acnet import errors
from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import Parameter
from gmpsai_assets.acnet.replies.device_database import DeviceDescription
from gmpsai_assets.acnet.replies.sample_reply import SampleReply
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.emulator.devices import DEVICES
from gmpsai_assets.emulator.service import running_emulator
from gmpsai_assets_tests.acnet.sample_texts import sample
from gmpsai_assets_tests.acnet.services import Answer, cut, says, service

DAY = day_window("2020-03-10")
MINIMUM = Parameter("MLrn", "B:VIMIN")
PATIENT = RetryPolicy(attempts=3, sleep=lambda _: None)
SAMPLES = sample("logger_get_utc_seconds")


def ask(question: str, *answers: Answer, arguments: tuple[object, ...] = ()) -> object:
    with service(*answers) as running, AclClient(running.url, retry=PATIENT) as client:
        return getattr(DataLogger(client), question)(*arguments)


def test_samples_come_as_a_settled_table_with_their_provenance() -> None:
    with (
        service(says(SAMPLES)) as running,
        AclClient(running.url.replace("//", "//u:secret@")) as client,
    ):
        logger = DataLogger(client)
        reply = logger.samples(MINIMUM, DAY)
        assert running.targets[0].endswith("/node=MLrn+B:VIMIN")
    assert reply.table.schema == pa.schema(
        [("time", pa.timestamp("us", tz="UTC")), ("value", pa.float64())]
    )
    assert reply.table["time"][0].as_py() == datetime(2020, 3, 10, 5, 0, 0, 48000, UTC)
    assert reply.table.num_rows == 5
    assert reply.bytes == len(SAMPLES)
    assert reply.seconds > 0
    assert logger.source == running.url


@pytest.mark.parametrize(
    "fault",
    [
        cut(SAMPLES[:50], len(SAMPLES)),
        says(SAMPLES[:-5]),
        says(b""),
        says(b"", 503),
        says(b"<html><h1>502 Bad Gateway</h1></html>"),
        says(b"reply is DPM_PEND\n"),
    ],
)
def test_a_fault_that_passes_leaves_no_trace_in_the_data(fault: Answer) -> None:
    with service(fault, says(SAMPLES)) as running, AclClient(running.url, retry=PATIENT) as client:
        reply = DataLogger(client).samples(MINIMUM, DAY)
        assert len(running.targets) == 2
    assert reply.table.num_rows == 5
    assert reply.bytes == len(SAMPLES)


def test_a_fault_that_stays_is_named_with_its_subject() -> None:
    with pytest.raises(errors.TruncatedReply, match="B:VIMIN on MLrn, 2020-03-10 00:00:00 CDT to"):
        ask("samples", cut(SAMPLES[:20], len(SAMPLES)), arguments=(MINIMUM, DAY))


@pytest.mark.parametrize(
    ("last", "rows"),
    [(says(SAMPLES[:-5]), 5), (cut(SAMPLES[:-5], len(SAMPLES)), 4), (says(b"", 503), 4)],
    ids=["last line torn", "broken off", "then an error"],
)
def test_of_a_reply_that_never_comes_whole_the_lines_that_came_are_kept(
    last: Answer, rows: int
) -> None:
    broken = cut(SAMPLES[:-5], len(SAMPLES))
    reply = ask("samples", cut(SAMPLES[:40], len(SAMPLES)), broken, last, arguments=(MINIMUM, DAY))
    assert isinstance(reply, SampleReply)
    assert isinstance(reply.cut_short, errors.TransientError)
    assert reply.table.num_rows == rows
    assert reply.counts.irregular_lines == 0


def test_an_error_text_is_not_asked_for_again() -> None:
    answer = says(b"Invalid device name (B:VIMIN) in logger_get - DIO_NO_SUCH\n")
    with service(answer) as running, AclClient(running.url, retry=PATIENT) as client:
        with pytest.raises(errors.DeviceRefused) as caught:
            DataLogger(client).samples(MINIMUM, DAY)
        assert len(running.targets) == 1
    assert caught.value.code == "DIO_NO_SUCH"


def test_nothing_logged_is_an_empty_table_and_a_fact() -> None:
    with service(says(b"No values found\n")) as running, AclClient(running.url) as client:
        reply = DataLogger(client).samples(MINIMUM, DAY)
    assert reply.nothing_logged == "No values found"
    assert reply.table.num_rows == 0
    with service(says(sample("event_log_none"))) as running, AclClient(running.url) as client:
        reply = DataLogger(client).events(4, DAY)
    assert reply.nothing_logged.startswith("No occurrences")
    assert reply.table.column_names == ["time", "supercycle_seconds"]


def test_events_come_with_their_place_in_the_supercycle() -> None:
    with service(says(sample("event_log_fall_back"))) as running, AclClient(running.url) as client:
        reply = DataLogger(client).events(0, day_window("2026-11-01"))
        assert running.targets[0].endswith("/event=00")
    assert reply.table.num_rows == 6
    assert reply.counts.out_of_order == 0
    assert reply.table["supercycle_seconds"].to_pylist() == [0.0] * 6


def test_the_description_and_the_lists_of_a_device_are_read() -> None:
    found = ask("logger_lists", says(sample("show_logger_lists")), arguments=("L:RFQPAH",))
    assert isinstance(found, tuple)
    assert len(found) == 4
    body = b"B:VIMIN text         Minimum\nB:VIMIN units        A\nB:VIMIN FTD              15 Hz\n"
    text = ask("device_description", says(body), arguments=("B:VIMIN",))
    assert text == DeviceDescription("Minimum", "A")


def test_the_emulator_describes_its_devices_and_refuses_others() -> None:
    with running_emulator() as laboratory, AclClient(laboratory.url) as client:
        logger = DataLogger(client)
        for device in (*DEVICES.values(), DEVICES["B:VIMIN"]):
            found = logger.device_description(device.name.lower())
            assert found == DeviceDescription(device.text, device.unit)
        with pytest.raises(errors.DeviceRefused, match="the description of B:CHARGE7") as caught:
            logger.device_description("B:CHARGE7")
    assert caught.value.code == "DIO_NO_SUCH"
