"""Imports run one way: what is lower never knows what is higher."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "tracker"

FLOORS = [
    {"tracker", "errors", "text"},
    {"codes", "dates", "formulas", "kinds", "romanisation", "shipped", "strict_json"},
    {"config", "drafting"},
    {"database"},
    {"models"},
    {"validation"},
    {"queries"},
    {"services"},
    {"loading", "backup", "reports"},
    {"api"},
    {"app"},
    {"cli"},
]
"""Every part of the package, from the ground up; a part imports from floors below its own."""

ONLY_IN = {"flask": {"api", "app"}, "werkzeug": {"api", "app"}, "click": {"cli"}, "granian": {"cli"}}
"""Libraries that belong to some parts only."""


def _modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if "_packaged" not in path.parts:
            part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
            yield ("tracker" if part == "__init__" else part), path


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "tracker":
                yield from (f"tracker.{name.name}" for name in node.names)


def _floor(part: str) -> int:
    return next(level for level, parts in enumerate(FLOORS) if part in parts)


@pytest.mark.parametrize("part", sorted({part for part, _ in _modules()}))
def test_every_part_has_its_floor(part: str) -> None:
    if part != "__main__":
        assert any(part in parts for parts in FLOORS), f"{part} stands on no floor"


def test_imports_run_downwards_only() -> None:
    wrong = []
    for part, path in _modules():
        if part == "__main__":
            continue
        for name in _imported(path):
            parts = name.split(".")
            if parts[0] != "tracker" or len(parts) < 2 or parts[1] == part:
                continue
            if parts[1].startswith("__"):
                continue
            if _floor(parts[1]) >= _floor(part):
                wrong.append(f"{path.relative_to(PACKAGE)} imports {name}")
    assert not wrong


def test_no_modules_import_each_other_in_a_circle() -> None:
    modules = {
        ".".join(("tracker", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
            ".__init__"
        ): path
        for _, path in _modules()
    }
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for name, path in modules.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                inner = {f"{node.module}.{each.name}" for each in node.names} & modules.keys()
                graph[name] |= inner or ({node.module} & modules.keys())
            elif isinstance(node, ast.Import):
                graph[name] |= {each.name for each in node.names} & modules.keys()
        graph[name].discard(name)
    tuple(TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle


def test_libraries_stay_where_they_belong() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for part, path in _modules()
        for name in _imported(path)
        if name.split(".")[0] in ONLY_IN and part not in ONLY_IN[name.split(".")[0]]
    ]
    assert not wrong


def test_drafts_of_the_schema_import_nothing_of_ours() -> None:
    versions = PACKAGE.parent / "migrations" / "versions"
    for path in versions.glob("*.py"):
        assert not [name for name in _imported(path) if name.split(".")[0] == "tracker"]


def test_only_the_transaction_helper_ends_transactions() -> None:
    calls = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for part, path in _modules()
        if part != "database"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("commit", "rollback")
    ]
    assert not calls


def test_drafting_needs_no_database_and_no_network() -> None:
    ours = {"tracker.codes", "tracker.dates", "tracker.errors", "tracker.romanisation", "tracker.text"}
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for part, path in _modules()
        if part == "drafting"
        for name in _imported(path)
        if (name.startswith("tracker.") and not name.startswith("tracker.drafting") and name not in ours)
        or name.split(".")[0] in ("sqlalchemy", "sqlite3", "socket", "urllib.request", "http", "random")
        or name == "urllib.request"
    ]
    assert not wrong
