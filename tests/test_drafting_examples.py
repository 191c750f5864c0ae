"""Each rule of drafting matches its example, and every pattern of drafting is a rule or says why not."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

from tracker import drafting
from tracker.drafting.rules import Rule


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
    found = rule.search(rule.example)
    assert found is not None, f"{rule.effect}: {rule.example!r}"
    assert found.group() or not rule.example
    assert rule.effect


def test_the_rules_are_found() -> None:
    assert len(RULES) > 150
