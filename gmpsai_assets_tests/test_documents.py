"""Pages that list what there is list all of it: tables and units in the glossary, assets and variables in README."""

import re
from pathlib import Path

import pytest

from gmpsai_assets import settings
from gmpsai_assets.acnet import errors
from gmpsai_assets.acnet.errors import ConnectionFailed, ServiceRefused
from gmpsai_assets.definitions import defs
from gmpsai_assets.lake.schemas import DAY_TABLES
from gmpsai_assets.lake.tables import column_unit
from gmpsai_assets.machine_time.tables import MACHINE_TIME_TABLES

ROOT = Path(__file__).parents[1]
TABLES = (*DAY_TABLES, *MACHINE_TIME_TABLES)


def _section(page: str, heading: str) -> str:
    text = (ROOT / page).read_text()
    return text.partition(f"## {heading}")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", [table.name for table in TABLES])
def test_the_glossary_lists_each_table(name: str) -> None:
    assert f"| `{name}` |" in _section("docs/glossary.md", "Tables")


def test_the_glossary_lists_each_unit() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", _section("docs/glossary.md", "Units"), re.MULTILINE)
    listed = {unit for row in rows[1:] for unit in row.split(", ")}
    used = {column_unit(field) for table in TABLES for field in table.schema}
    assert used - {""} <= listed


def test_the_readme_lists_each_asset() -> None:
    listed = set(
        re.findall(r"^\| `(\w+)` \|", _section("README.md", "What is recorded"), re.MULTILINE)
    )
    specs = defs.resolve_all_asset_specs()
    assert listed == {spec.key.to_user_string() for spec in specs if spec.kinds != {"acnet"}}


def test_the_page_of_faults_lists_each_reason_of_no_reply() -> None:
    listed = set(
        re.findall(
            r"^\| `(\w+)` \|",
            _section("docs/faults.md", "When no reply comes at all"),
            re.MULTILINE,
        )
    )
    kinds = [each for each in vars(errors).values() if isinstance(each, type)]
    named = {each.__name__ for each in kinds if issubclass(each, ServiceRefused | ConnectionFailed)}
    assert listed == named - {"ServiceRefused"}


def test_the_readme_lists_each_variable() -> None:
    listed = set(
        re.findall(r"^\| `(GMPSAI_\w+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    )
    read = set(re.findall(r'"(GMPSAI_\w+)"', Path(settings.__file__).read_text()))
    assert listed == read


@pytest.mark.parametrize(
    "page", [*sorted(ROOT.glob("docs/**/*.md")), ROOT / "README.md"], ids=lambda path: path.name
)
def test_links_between_the_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target
