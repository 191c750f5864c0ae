"""The types of values name fields of the models, with the types that the models give them."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import pytest

from tracker.models import (
    Agreement,
    AgreementLink,
    Base,
    Clause,
    Evidence,
    FollowUp,
    Initiative,
    Party,
    Quote,
    Source,
    values,
)

MODELS: list[tuple[type[Any], type[Base]]] = [
    (values.PartyValues, Party),
    (values.SourceValues, Source),
    (values.InitiativeValues, Initiative),
    (values.AgreementLinkValues, AgreementLink),
    (values.AgreementValues, Agreement),
    (values.ClauseValues, Clause),
    (values.QuoteValues, Quote),
    (values.EvidenceValues, Evidence),
    (values.FollowUpValues, FollowUp),
]
BASES = {values.ResourceValues, values.PrintedValues}


@pytest.mark.parametrize(("type_", "model"), MODELS)
def test_values_have_the_types_of_their_model(type_: type[Any], model: type[Base]) -> None:
    mapped = {name: get_args(hint) for name, hint in get_type_hints(model).items()}
    nested: dict[str, Any] = {}
    for each in getattr(model, "nested", ()):
        of_entries = next((type_ for type_, other in MODELS if other is each.model), None)
        nested[each.name] = list[str] if each.scalar else list[of_entries]  # type: ignore[valid-type]
    for name, hint in get_type_hints(type_).items():
        assert nested.get(name) == hint or mapped.get(name) == (hint,), name


def test_every_type_of_values_is_compared() -> None:
    types = {
        each
        for each in vars(values).values()
        if isinstance(each, type) and each.__module__ == values.__name__
    }
    assert types == {type_ for type_, _ in MODELS} | BASES
