"""The architecture: imports run one way, and the pure packages know no Dagster."""

import ast
from itertools import pairwise
from pathlib import Path

import pytest

import gmpsai_assets

PACKAGE = Path(gmpsai_assets.__file__).parent

ORDER = (
    ("acnet",),
    ("lake",),
    ("fetch", "timeline", "machine_time"),
    ("quality",),
    ("archive", "site", "legacy", "load"),
    ("resources",),
    ("assets",),
    ("checks",),
    ("automation",),
    ("definitions",),
    ("launch",),
    ("cli",),
)
"""From left to right as docs/architecture.md draws the house: each knows what stands left of it, and nothing else."""
LAYERS = {name: place for place, names in enumerate(ORDER) for name in names}
BESIDE = {
    "settings": (
        *("fetch", "timeline", "archive", "site", "resources", "assets", "partitions"),
        *("automation", "launch"),
    ),
    "partitions": ("assets", "checks", "automation", "definitions", "launch"),
}
"""Names and numbers that stand beside the order, with those who may read them."""
WITHOUT_DAGSTER = (*(name for names in ORDER[:5] for name in names), "emulator", "settings", "cli")
PEERS = {
    ("settings", "acnet"),
    ("partitions", "acnet"),
    ("partitions", "settings"),
    ("timeline", "machine_time"),
    ("emulator", "acnet"),
}
SOURCES = sorted(PACKAGE.rglob("*.py"))


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _package(module: str) -> str:
    return module.split(".")[1] if module.count(".") else ""


def _is_allowed(own: str, other: str) -> bool:
    if other in BESIDE:
        return own in BESIDE[other]
    if own in LAYERS and other in LAYERS and LAYERS[other] < LAYERS[own]:
        return True
    return (own, other) in PEERS


def _own_package(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    own = _own_package(path)
    if own == "__init__":
        assert _imports(path) == set()
        return
    for module in _imports(path):
        if not module.startswith("gmpsai_assets."):
            continue
        other = _package(module)
        if other in ("__version__", own):
            continue
        assert _is_allowed(own, other), f"{own} must not import {module}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_pure_packages_know_no_dagster_and_the_client_no_emulator(path: Path) -> None:
    imported = _imports(path)
    if _own_package(path) in WITHOUT_DAGSTER:
        assert not any(name.split(".")[0].startswith("dagster") for name in imported)
    if _own_package(path) != "emulator":
        assert not any(name.startswith("gmpsai_assets.emulator") for name in imported)


def test_dagster_modules_keep_their_annotations_as_objects() -> None:
    for path in SOURCES:
        imported = _imports(path)
        if any(name.split(".")[0] == "dagster" for name in imported):
            assert "__future__.annotations" not in imported, path


def test_modules_do_not_import_each_other_in_circles() -> None:
    names = {_module_name(path): path for path in SOURCES}
    graph = {name: _imports(path) & names.keys() for name, path in names.items()}
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            circle = [*trail[trail.index(name) :], name]
            pytest.fail(" -> ".join(f"{a}" for a, _ in pairwise([*circle, ""])))
        if name not in done:
            for other in graph[name]:
                walk(other, (*trail, name))
            done.add(name)

    for name in names:
        walk(name, ())


def test_every_module_says_what_belongs_in_it() -> None:
    for path in SOURCES:
        docstring = ast.get_docstring(ast.parse(path.read_text()))
        assert docstring, path


def _module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
