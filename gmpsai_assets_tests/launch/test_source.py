"""`gmpsai run` and its data directory: its emulator at whatever port, or a named service, and never both."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gmpsai_assets.acnet.addresses import ServiceAddressError
from gmpsai_assets.cli import main
from gmpsai_assets.lake.parquet import METADATA_KEY
from gmpsai_assets.lake.source import (
    AnotherSourceError,
    accept_source,
    known_source,
    refuse_another_source,
    remember_source,
    source_file,
)
from gmpsai_assets.launch.addresses import Addresses, choose_addresses
from gmpsai_assets.launch.source import claim_source, emulator_cache

LABORATORY = "https://www-ad.test/cgi-bin/acl.pl"
TUNNEL = "http://127.0.0.1:8471/cgi-bin/acl.pl"


def _addresses(monkeypatch: pytest.MonkeyPatch, named: str = "") -> Addresses:
    monkeypatch.setenv("GMPSAI_ACL_URL", named)
    chosen = choose_addresses(0, 0, 0)
    chosen.release()
    return chosen


def test_the_emulator_may_have_another_port_at_each_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        addresses = _addresses(monkeypatch)
        claim_source(tmp_path, addresses)
        refuse_another_source(tmp_path, addresses.acl_url)
        remember_source(tmp_path, addresses.acl_url)


@pytest.mark.parametrize("named", [LABORATORY, TUNNEL])
def test_a_lake_of_the_emulator_is_refused_to_a_named_service_and_the_other_way_round(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim_source(tmp_path / "emulated", _addresses(monkeypatch))
    with pytest.raises(AnotherSourceError, match="the service that gmpsai run starts"):
        claim_source(tmp_path / "emulated", _addresses(monkeypatch, named))
    claim_source(tmp_path / "real", _addresses(monkeypatch, named))
    remember_source(tmp_path / "real", named)
    with pytest.raises(AnotherSourceError, match=f"what came from {named}"):
        claim_source(tmp_path / "real", _addresses(monkeypatch))


def test_the_lake_of_an_older_version_is_the_emulators_if_its_cache_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "event_data" / "day=2026-03-10" / "events.parquet"
    file.parent.mkdir(parents=True)
    origin = {METADATA_KEY: b'{"source": "%s"}' % TUNNEL.encode()}
    pq.write_table(pa.table({"x": [1]}).replace_schema_metadata(origin), file)
    with pytest.raises(AnotherSourceError, match=TUNNEL):
        claim_source(tmp_path, _addresses(monkeypatch))
    emulator_cache(tmp_path).mkdir()
    claim_source(tmp_path, _addresses(monkeypatch))
    with pytest.raises(AnotherSourceError):
        claim_source(tmp_path, _addresses(monkeypatch, LABORATORY))


def test_a_named_address_that_can_be_none_ends_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ServiceAddressError):
        claim_source(tmp_path, _addresses(monkeypatch, "www-ad.test/acl.pl"))


def test_a_start_on_the_data_of_another_service_says_so_and_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    accept_source(tmp_path, LABORATORY)
    monkeypatch.setenv("GMPSAI_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("GMPSAI_ACL_URL", raising=False)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    ports = ["--ui-port", "0", "--site-port", "0", "--emulator-port", "0"]
    assert main(["run", *ports]) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("gmpsai run: ")
    assert LABORATORY in said
    assert not (tmp_path / "logs").exists()


def test_the_command_shows_the_source_and_accepts_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GMPSAI_DATA_DIR", str(tmp_path))
    assert main(["source"]) == 0
    assert "nothing of any service yet" in capsys.readouterr().out
    login = LABORATORY.replace("//", "//reader:sesame@")
    assert main(["source", "--accept", login]) == 0
    assert LABORATORY in capsys.readouterr().out
    assert main(["source", "--accept", "emulator"]) == 0
    said = capsys.readouterr().out
    assert "the service that gmpsai run starts" in said
    assert f": {LABORATORY}" in said
    assert "sesame" not in said + source_file(tmp_path).read_text()
    claim_source(tmp_path, _addresses(monkeypatch))
    assert main(["source", "--accept", "nowhere:sesame@x"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert "sesame" not in captured.err
    assert known_source(tmp_path) is not None
