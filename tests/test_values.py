"""The types of values agree with the models: each field that they name is there, with that type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args, get_type_hints

import pytest
from typing_extensions import get_original_bases

from tracker.models import RESOURCES, Base, Resource, fields_of
from tracker.models.values import ResourceValues

OF_KIND = {"number": int, "flag": bool}


def differences(model: type[Base], values: type) -> Iterator[str]:
    """Yield each field of a type of values that its model has not, or has of another type."""
    fields = fields_of(model)
    lists = {nested.name: nested for nested in getattr(model, "nested", ())}
    for name, hint in get_type_hints(values).items():
        if name in lists:
            (entry,) = get_args(hint)
            if lists[name].scalar is None:
                yield from differences(lists[name].model, entry)
            elif entry is not str:
                yield f"{model.__name__}.{name} holds {entry}"
        elif name not in fields:
            yield f"{model.__name__} has no {name}"
        else:
            field = fields[name]
            expected: object = OF_KIND.get(field.kind, str)
            if hint != (expected if field.required else expected | None):  # type: ignore[operator]
                yield f"{model.__name__}.{name} is no {hint}"


@pytest.mark.parametrize("model", RESOURCES.values(), ids=RESOURCES)
def test_values_are_typed_as_their_model_is(model: type[Resource]) -> None:
    (base,) = get_original_bases(model)
    (values,) = get_args(base) or (ResourceValues,)  # it may name no fields of its own
    assert list(differences(model, values)) == []
