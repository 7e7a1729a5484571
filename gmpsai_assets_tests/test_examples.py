"""The examples run as they stand, on a small lake."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.machine_time.day_of_cycles import CYCLES_ARE_MADE_OF, build_cycles
from gmpsai_assets.machine_time.inputs import open_inputs
from gmpsai_assets_tests.machine_time.published_lake import publish_span
from gmpsai_assets_tests.machine_time.simulated_span import span

DAY = "2026-03-10"
EXAMPLES = Path(__file__).parents[1] / "examples"


def load(name: str) -> ModuleType:
    """An example as a module."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_numi_cycles_of_a_day_are_loaded_and_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = load("numi_cycles")
    part = span(1, DAY)
    lake = Lake(tmp_path)
    publish_span(lake, DAY, part, example.PARAMETERS)
    build_cycles(lake, open_inputs(lake, DAY, CYCLES_ARE_MADE_OF))
    picture = tmp_path / "numi.png"
    example.main(str(tmp_path), DAY, str(picture))
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "B:IMINER" in capsys.readouterr().out
    cycles = example.numi_cycles(tmp_path, DAY)
    planned = sum(each.recipe.booster_resets().count(0x15) for each in part.supercycles)
    assert len(cycles) == planned
    assert cycles.index.is_unique
    assert cycles[example.PARAMETERS].notna().all().all()
    assert cycles["time"].min() >= day_window(DAY).start


def test_the_example_fits_on_a_page() -> None:
    for example in EXAMPLES.glob("*.py"):
        assert len(example.read_text().splitlines()) < 60
