"""Pulling a published day again: equal content changes nothing, other content is kept beside the older one."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gmpsai_assets.acnet.datalogger import DataLogger
from gmpsai_assets.acnet.parameter_lists import ParameterList
from gmpsai_assets.emulator.service import EmulatorService
from gmpsai_assets.fetch.events import pull_events
from gmpsai_assets.fetch.failures import PullFailedError
from gmpsai_assets.fetch.options import FetchOptions
from gmpsai_assets.fetch.parameters import ParameterPull, pull_parameters
from gmpsai_assets.fetch.publishing import read_pull_log
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.lake.schemas import EVENT_DATA, PARAMETER_DATA

pytestmark = pytest.mark.system

DAY = "2026-03-10"
Lists = Callable[..., tuple[ParameterList, ...]]


def _pull(
    source: DataLogger, lake: Lake, wanted: tuple[ParameterList, ...], hour: int = 8
) -> ParameterPull:
    now = datetime(2026, 3, 12, hour, tzinfo=UTC)
    return pull_parameters(source, lake, DAY, wanted, FetchOptions(connections=2, now=lambda: now))


def test_the_same_content_leaves_file_and_log_as_they_are(
    datalogger: DataLogger, lake: Lake, lists: Lists
) -> None:
    two = lists("B:VIMIN,B:VIMAX")
    (file,) = _pull(datalogger, lake, two).files
    before, log = file.stat(), read_pull_log(lake.pull_log_file(PARAMETER_DATA, DAY))
    again = _pull(datalogger, lake, two, hour=9)
    assert [each.what for each in again.publication] == ["unchanged"]
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert read_pull_log(lake.pull_log_file(PARAMETER_DATA, DAY)) == log
    assert lake.revisions(PARAMETER_DATA, DAY, file.name) == []


def test_other_content_replaces_the_file_and_the_difference_is_recorded(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    two = lists("B:VIMIN,B:VIMAX")
    laboratory.set_faults("gap,device=B:VIMAX,start=2026-03-10T10:00:00,seconds=60")
    (file,) = _pull(datalogger, lake, two).files
    older = file.read_bytes()
    laboratory.set_faults()
    (published,) = _pull(datalogger, lake, two, hour=9).publication
    assert (published.what, published.revision) == ("replaced", 1)
    assert published.difference is not None
    (name,) = published.difference.subjects
    found = published.difference.subjects[name]
    assert name == "B:VIMAX"
    assert abs(found.added - 900) <= 2
    assert (found.removed, found.changed) == (0, 0)
    assert "samples added" in str(published)
    (revision,) = lake.revisions(PARAMETER_DATA, DAY, file.name)
    assert revision.file.read_bytes() == older
    record = revision.record["difference"]
    assert record["added"] == found.added
    assert record["subjects"]["B:VIMAX"]["first"].startswith("2026-03-10T15:00:0")
    assert revision.record["older_pulled_at"] == "2026-03-12T08:00:00+00:00"
    assert [each.name for each in lake.day_files(PARAMETER_DATA, DAY)] == ["MLrn.parquet"]


def test_a_partial_day_is_completed_by_a_later_pull(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    two = lists("B:VIMIN,B:VIMAX")
    laboratory.set_faults("http-403,device=B:VIMAX")
    part = pull_parameters(
        datalogger, lake, DAY, two, FetchOptions(connections=2, allow_partial=True)
    )
    assert [each.state for each in part.outcomes["MLrn"]] == ["complete", "refused"]
    laboratory.set_faults()
    (published,) = _pull(datalogger, lake, two).publication
    assert published.difference is not None
    assert published.difference.states == {"B:VIMAX": ("refused", "complete")}
    assert published.difference.total.added > 1_290_000


ROLLED_OFF = "gap,device=B:VIMAX,start=2026-03-10T00:00:00,seconds=43200"
"""What a circular logger answers when it has forgotten the first half of the day; asking again confirms it."""


@pytest.mark.parametrize(
    "fault",
    [
        "no-values,device=B:VIMAX",
        "http-403,device=B:VIMAX",
        ROLLED_OFF,
        "tier-1s,device=B:VIMAX",
    ],
)
def test_what_is_published_whole_is_never_replaced_by_less(
    fault: str, datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    two = lists("B:VIMIN,B:VIMAX")
    first = _pull(datalogger, lake, two)
    (file,) = first.files
    good = file.read_bytes()
    laboratory.set_faults(fault)
    again = pull_parameters(
        datalogger, lake, DAY, two, FetchOptions(connections=2, allow_partial=True)
    )
    assert [each.what for each in again.publication] == ["unchanged"]
    assert file.read_bytes() == good
    states = [(each.state, each.rows) for each in again.outcomes["MLrn"]]
    assert states == [(each.state, each.rows) for each in first.outcomes["MLrn"]]
    kept = [each.kept_rows for each in again.outcomes["MLrn"]]
    assert kept[0] == 0
    assert kept[1] > 640_000


def test_a_partial_day_keeps_what_it_has_when_the_logger_forgets(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    one = lists("B:VIMAX")
    laboratory.set_faults("http-504,device=B:VIMAX,start=2026-03-10T18:00:00,seconds=60")
    part = pull_parameters(
        datalogger, lake, DAY, one, FetchOptions(connections=1, allow_partial=True)
    )
    (outcome,) = part.outcomes["MLrn"]
    assert (outcome.state, outcome.rows > 1_270_000) == ("partial", True)
    for fault in ("tier-1s", "no-values"):
        laboratory.set_faults(fault)
        pull_parameters(datalogger, lake, DAY, one, FetchOptions(connections=1, allow_partial=True))
        assert lake.parameter_rows("B:VIMAX", DAY).num_rows >= outcome.rows


def test_a_partial_day_is_completed_although_its_other_half_is_forgotten(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    one = lists("B:VIMAX")
    _pull(datalogger, Lake(lake.root / "clean"), one)
    laboratory.set_faults("http-504,device=B:VIMAX,start=2026-03-10T18:00:00,seconds=60")
    pull_parameters(datalogger, lake, DAY, one, FetchOptions(connections=1, allow_partial=True))
    laboratory.set_faults(ROLLED_OFF)
    again = _pull(datalogger, lake, one, hour=9)
    (outcome,) = again.outcomes["MLrn"]
    assert (outcome.state, outcome.findings) == ("complete", ())
    assert 640_000 < outcome.kept_rows < 650_000
    rows = Lake(lake.root / "clean").parameter_rows("B:VIMAX", DAY)
    assert lake.parameter_rows("B:VIMAX", DAY).equals(rows)
    assert again.publication[0].difference is not None
    assert again.publication[0].difference.total.removed == 0


def test_samples_of_another_clock_are_not_mixed_in_and_replace_what_is_there_on_request(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    one = lists("B:VIMAX")
    laboratory.set_faults("clock-step,device=B:VIMAX,step=1.97")
    wrong = pull_parameters(
        datalogger, lake, DAY, one, FetchOptions(connections=1, allow_partial=True)
    )
    (file,) = wrong.files
    before = file.read_bytes()
    laboratory.set_faults()
    with pytest.raises(PullFailedError, match=r"clocks of the two pulls differ.*replace_with_less"):
        _pull(datalogger, lake, one)
    assert file.read_bytes() == before
    pull = pull_parameters(
        datalogger, lake, DAY, one, FetchOptions(connections=1, replace_with_less=True)
    )
    assert [each.what for each in pull.publication] == ["replaced"]
    (clean,) = _pull(datalogger, Lake(lake.root / "clean"), one).files
    assert file.read_bytes() == clean.read_bytes()
    (revision,) = lake.revisions(PARAMETER_DATA, DAY, file.name)
    assert revision.file.read_bytes() == before


def test_a_day_of_which_nothing_came_is_not_published_even_if_partial_ones_are_allowed(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake, lists: Lists
) -> None:
    laboratory.set_faults("http-403")
    with pytest.raises(PullFailedError, match="2 of 2 parameters"):
        pull_parameters(
            datalogger,
            lake,
            DAY,
            lists("B:VIMIN,B:VIMAX"),
            FetchOptions(connections=2, allow_partial=True),
        )
    assert lake.published_days(PARAMETER_DATA) == []


def test_the_log_of_a_pull_tells_its_effort(
    datalogger: DataLogger, lake: Lake, lists: Lists
) -> None:
    assert read_pull_log(lake.pull_log_file(PARAMETER_DATA, DAY)) == {}
    (outcome, _) = _pull(datalogger, lake, lists("B:VIMIN,B:VIMAX")).outcomes["MLrn"]
    log = read_pull_log(lake.pull_log_file(PARAMETER_DATA, DAY))
    assert list(log) == ["B:VIMIN", "B:VIMAX"]
    assert log["B:VIMIN"]["bytes_received"] == outcome.bytes_received > 30_000_000
    assert log["B:VIMIN"]["requests"] == 1
    assert log["B:VIMIN"]["seconds"] > 0


def test_the_log_that_a_killed_run_did_not_write_is_written_by_the_next_one(
    datalogger: DataLogger, lake: Lake, lists: Lists
) -> None:
    one = lists("B:VIMIN")
    _pull(datalogger, lake, one)
    log = lake.pull_log_file(PARAMETER_DATA, DAY)
    log.unlink()
    assert _pull(datalogger, lake, one).publication[0].what == "unchanged"
    assert read_pull_log(lake.pull_log_file(PARAMETER_DATA, DAY))["B:VIMIN"]["requests"] == 1
    log.write_text("{}")
    os.utime(log, ns=(0, 0))  # that of a pull before the published one
    assert _pull(datalogger, lake, one).publication[0].what == "unchanged"
    assert read_pull_log(lake.pull_log_file(PARAMETER_DATA, DAY))["B:VIMIN"]["requests"] == 1


def test_events_are_compared_in_the_same_way(
    datalogger: DataLogger, laboratory: EmulatorService, lake: Lake
) -> None:
    laboratory.set_faults("http-403,event=1d", "no-values")
    first = pull_events(datalogger, lake, DAY, FetchOptions(connections=4, allow_partial=True))
    laboratory.set_faults("no-values")
    second = pull_events(datalogger, lake, DAY, FetchOptions(connections=4))
    third = pull_events(datalogger, lake, DAY, FetchOptions(connections=4))
    kinds = [each.publication.what for each in (first, second, third)]
    assert kinds == ["published", "replaced", "unchanged"]
    assert second.publication.difference is not None
    assert second.publication.difference.states == {"$1D": ("refused", "no data")}
    assert len(lake.revisions(EVENT_DATA, DAY, second.file.name)) == 1


def test_a_damaged_published_file_is_kept_and_replaced(
    datalogger: DataLogger, lake: Lake, lists: Lists, tmp_path: Path
) -> None:
    one = lists("B:VIMIN")
    (file,) = _pull(datalogger, lake, one).files
    file.write_bytes(file.read_bytes()[:1000])
    (published,) = _pull(datalogger, lake, one).publication
    assert (published.what, published.difference) == ("replaced", None)
    assert "could not be read" in str(published)
    (revision,) = lake.revisions(PARAMETER_DATA, DAY, file.name)
    assert revision.file.stat().st_size == 1000
    assert lake.parameter_rows("B:VIMIN", DAY).num_rows > 1_290_000
