"""Each rule of drafting matches its example, and each list of words is one that the rules read."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracker import drafting
from tracker.drafting.rules import Rule
from tracker.drafting.wordlists import FOLDER


def _rules(value: object, name: str) -> Iterator[tuple[str, Rule]]:
    """Yield the rules of a module's constant, by name, however deep they stand in tuples."""
    if isinstance(value, Rule):
        yield name, value
    elif isinstance(value, tuple):
        for place, inner in enumerate(value):
            yield from _rules(inner, f"{name}[{place}]")


RULES = {
    f"{module.name}.{name}": rule
    for module in pkgutil.iter_modules(drafting.__path__)
    for constant, value in vars(importlib.import_module(f"tracker.drafting.{module.name}")).items()
    for name, rule in _rules(value, constant)
}


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_matches_its_example(name: str) -> None:
    rule = RULES[name]
    match = rule.search(rule.example)
    assert match is not None, f"{rule.effect}: {rule.example!r}"
    assert match.group() or not rule.example
    assert rule.effect


def test_the_rules_are_found() -> None:
    assert len(RULES) > 150


LISTS = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_a_list_of_words_says_what_it_is_and_is_read(path: Path) -> None:
    about, *lines = path.read_text(encoding="utf-8").splitlines()
    assert about.startswith("# ")
    assert lines
    assert len(set(lines)) == len(lines)
    assert all(line == line.strip() != "" for line in lines)
    sources = "".join(module.read_text(encoding="utf-8") for module in FOLDER.parent.glob("*.py"))
    names = {path.stem, *(f"{path.stem[:at]}_{{" for at, letter in enumerate(path.stem) if letter == "_")}
    assert any(f'"{name}' in sources or f"'{name}'" in sources for name in names)
