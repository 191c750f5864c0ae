"""One checker for bodies, seed files and sheets, compiled from the Fields of each model.

What is absent stays absent, null is null, unknown keys are refused, and every fault is found at once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Any, Literal

from sqlalchemy import UniqueConstraint

from tracker.errors import Fault, Invalid, nearest
from tracker.models import (
    CHILDREN,
    Agreement,
    Base,
    Field,
    Nested,
    Party,
    Resource,
    Value,
    fields_of,
    table_of,
)
from tracker.validation.fields import Check, Wrong, brief, check_of, schema_of

Purpose = Literal["create", "change", "seed"]
"""A POST body, a PATCH body, or an object of a seed file."""

Checked = tuple[dict[str, Value], list[Fault]]
"""The values of an object that are good, and the faults of the others, each with its pointer."""

_SEED_KEYS: dict[type[Base], tuple[str, ...]] = {Agreement: ("defaults",)}
"""What else a seed object may have that is no value of its own."""

LONGEST_LIST = 10_000


def check(model: type[Base], content: object, purpose: Purpose, *, textual: bool = False) -> Checked:
    """Check a body or an object of a seed file against the fields of its model.

    Returns the good values beside the faults of the others: text in NFC, instants in UTC. In a nested list
    the entries keep their positions: what is wrong in one is left out of it, a scalar that is wrong is None.
    ``textual`` says that every scalar is text until its field says otherwise, as in YAML. The resources inside
    a seed object (``CHILDREN``), its `draft` and `defaults` are no values of its own: they are left out unchecked.
    """
    if not isinstance(content, dict):
        return {}, [Fault("wrong_type", "the body must be an object", None, "")]
    try:
        return _object_checks(model, purpose)[textual](content), []
    except _Unusual as unusual:
        repeated = [_repeated(nested, unusual.good.get(nested.name) or []) for nested in _nested(model)]
        return unusual.good, [*unusual.faults, *chain(*repeated)]


def parse(model: type[Base], content: object, purpose: Purpose, *, textual: bool = False) -> dict[str, Value]:
    """Return the values of a body or an object of a seed file as ``check`` does; raises Invalid with all faults."""
    values, faults = check(model, content, purpose, textual=textual)
    if faults:
        raise Invalid(faults)
    return values


def json_schema(model: type[Base], purpose: Purpose) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what ``check`` accepts, as far as a schema can tell."""
    properties = {name: schema_of(field) for name, field in writable(model, purpose).items()}
    for nested in _nested(model):
        properties[nested.name] = _list_schema(
            json_schema(nested.model, _purpose_of_entries(purpose))
            if nested.scalar is None
            else schema_of(fields_of(nested.model)[nested.scalar])
        )
    if purpose == "seed":
        for name, child in CHILDREN.get(model, {}).items():
            properties[name] = _list_schema(json_schema(child, "seed"))
        properties |= {name: {} for name in ("draft", *_SEED_KEYS.get(model, ()))}
    schema = {"type": "object", "description": model.__doc__, "properties": properties}
    needed = _needed(model, purpose)
    return schema | ({"required": needed} if needed else {}) | {"additionalProperties": False}


def writable(model: type[Base], purpose: Purpose) -> dict[str, Field]:
    """Return the fields that a body or a seed file may set, by name, in order."""
    return {
        name: field
        for name, field in fields_of(model).items()
        if (not field.hidden or name == "text")
        and (field.set_by == "client" or (field.set_by == "seed" and purpose == "seed"))
        and not (field.unchanging and purpose == "change")
    }


@cache
def unique_keys(model: type[Base], owner: str) -> list[list[str]]:
    """Return the groups of fields in which no two entries of a nested list are alike."""
    keys = [
        [column.name for column in constraint.columns if column.name != owner]
        for constraint in table_of(model).constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    return [key for key in keys if "ordinal" not in key and owner not in key]


def pointer(path: Iterable[str | int]) -> str:
    """Return the JSON pointer of a path (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def match_key(name: str) -> str:
    """Return a name's letters and digits, folded: "Min Ki-young" and "Minki Young" have the same key."""
    # No name is that long; thousands of combining marks would take seconds to normalise.
    folded = unicodedata.normalize("NFKC", name[:3000]).casefold()
    key = "".join(letter for letter in folded if letter.isalnum()) or folded
    return key[: _longest_key()]  # folding makes some names longer: ß gives ss


@cache
def _longest_key() -> int:
    return fields_of(Party)["match_key"].length or 0


class _Unusual(Exception):
    """An object or a list has faults, or entries that may repeat others; ``good`` is what is good of it.

    ``good`` is None for what should be a list and is none.
    """

    def __init__(self, good: Any, faults: list[Fault]) -> None:
        super().__init__(faults)
        self.good = good
        self.faults = faults


_ObjectCheck = Callable[[dict[str, Any]], dict[str, Value]]


@cache
def _object_checks(model: type[Base], purpose: Purpose) -> tuple[_ObjectCheck, _ObjectCheck]:
    """Return the checks of a model's objects: of values, and of scalars that are all text; they raise _Unusual."""
    return _object_check(model, purpose, textual=False), _object_check(model, purpose, textual=True)


def _object_check(model: type[Base], purpose: Purpose, *, textual: bool) -> _ObjectCheck:
    checks = _checks(model, purpose, textual=textual)
    nullable = frozenset(name for name, field in fields_of(model).items() if not field.required)
    needed = _needed(model, purpose)
    children = CHILDREN.get(model, {}) if purpose == "seed" else {}
    left_out = {"draft", *children, *_SEED_KEYS.get(model, ())} if purpose == "seed" else set()

    def check_object(content: dict[str, Any]) -> dict[str, Value]:
        values: dict[str, Value] = {}
        wrong: dict[str, list[Fault]] = {}
        for name, value in content.items():
            check_value = checks.get(name)
            if check_value is None:
                if name not in left_out:
                    wrong[name] = [_unknown_key(model, purpose, name, (*checks, *children))]
            elif value is None and name in nullable:
                values[name] = None
            else:
                try:
                    values[name] = check_value(value)
                except Wrong as error:
                    wrong[name] = [_fault(error, name, value, [name])]
                except _Unusual as error:
                    wrong[name] = error.faults
                    if error.good is not None:
                        values[name] = error.good
        for name in needed:
            if name not in content:
                wrong[name] = [_missing(model, name)]
        if wrong:
            in_order = [wrong.pop(name) for name in checks if name in wrong]
            raise _Unusual(values, [*chain(*in_order, *wrong.values())])
        return values

    return check_object


def _checks(model: type[Base], purpose: Purpose, *, textual: bool) -> dict[str, Check]:
    checks = {name: check_of(field, textual=textual) for name, field in writable(model, purpose).items()}
    for nested in _nested(model):
        checks[nested.name] = _list_check(nested, _purpose_of_entries(purpose), textual=textual)
    return checks


def _list_check(nested: Nested, purpose: Purpose, *, textual: bool) -> Check:
    """Return the check of a nested list; it raises _Unusual."""
    name = nested.name
    is_scalar = nested.scalar is not None
    check_entry: Callable[[Any], Value]
    if nested.scalar is None:
        check_entry = _object_checks(nested.model, purpose)[textual]
    else:
        check_entry = check_of(fields_of(nested.model)[nested.scalar], textual=textual)

    parts = [None if is_scalar else key[0] for key in unique_keys(nested.model, nested.owner)]

    def check_list(value: object) -> list[Value]:
        if value is None:
            return []
        if not isinstance(value, list):
            fault = Fault("wrong_type", f"`{name}` must be a list", None, pointer([name]))
            raise _Unusual(None, [fault])
        if len(value) > LONGEST_LIST:
            detail = f"`{name}`: must have at most {LONGEST_LIST} entries"
            raise _Unusual(None, [Fault("too_long", detail, None, pointer([name]))])
        entries: list[Value] = []
        faults: list[Fault] = []
        for position, entry in enumerate(value):
            try:
                if is_scalar or isinstance(entry, dict):
                    entries.append(check_entry(entry))
                else:
                    entries.append({})
                    detail = f"`{name}[{position}]` must be an object"
                    faults.append(Fault("wrong_type", detail, None, pointer([name, position])))
            except Wrong as error:
                entries.append(None)
                faults.append(_fault(error, f"{name}[{position}]", entry, [name, position]))
            except _Unusual as error:
                entries.append(error.good)
                faults += [fault.below(pointer([name, position])) for fault in error.faults]
        if faults or (len(entries) > 1 and _may_repeat(entries, parts)):
            raise _Unusual(entries, faults)
        return entries

    return check_list


def _may_repeat(entries: list[Any], parts: list[str | None]) -> bool:
    """Return whether a part of a unique key, or a scalar, stands in a list more than once: a test for the usual case."""
    for part in parts:
        if len({entry if part is None else entry.get(part) for entry in entries}) < len(entries):
            return True
    return False


def _repeated(nested: Nested, entries: list[Any]) -> Iterator[Fault]:
    """Yield a fault for each entry of a list that says again what an earlier one says."""
    for names in unique_keys(nested.model, nested.owner):
        first: dict[Hashable, int] = {}
        for position, entry in enumerate(entries):
            key = entry if nested.scalar else _key_of(nested.model, names, entry)
            earlier = first.setdefault(key, position)
            if earlier != position and key is not None:
                detail = f"`{nested.name}[{position}]` says the same as `{nested.name}[{earlier}]`"
                yield Fault("repeated", detail, "remove one", pointer([nested.name, position]))


def _key_of(model: type[Base], names: list[str], entry: dict[str, Any]) -> Hashable:
    """Return what makes an entry unique, None where a part of that is missing or at fault."""
    fields, columns = fields_of(model), table_of(model).c
    key = []
    for name in names:
        default: Any = columns[name].server_default if fields[name].defaulted else None
        key.append(entry.get(name, default and default.arg))
    return None if None in key else tuple(key)


def _nested(model: type[Base]) -> tuple[Nested, ...]:
    return model.nested if issubclass(model, Resource) else ()


def _needed(model: type[Base], purpose: Purpose) -> list[str]:
    """Return the fields that have to be there; a change and a seed file may leave out what is stored already."""
    if purpose != "create" and issubclass(model, Resource):
        return []
    own = writable(model, purpose).items()
    return [name for name, field in own if field.required and not field.defaulted]


def _purpose_of_entries(purpose: Purpose) -> Purpose:
    """Return the purpose of the entries of nested lists: a change writes them as a whole."""
    return "seed" if purpose == "seed" else "create"


def _fault(wrong: Wrong, name: str, value: object, path: list[str | int]) -> Fault:
    if value is None:
        hint = "leave it out, or give a value"
        return Fault("required", f"`{name}`: must not be null", hint, pointer(path))
    return Fault(wrong.code, f"`{name}`: {wrong.detail}", wrong.hint, pointer(path))


def _missing(model: type[Base], name: str) -> Fault:
    codelist = fields_of(model)[name].codelist
    hint = None if codelist is None else f"one of {', '.join(codelist)}"
    return Fault("required", f"`{name}` is missing", hint, pointer([name]))


def _unknown_key(model: type[Base], purpose: Purpose, name: str, known: tuple[str, ...]) -> Fault:
    field = fields_of(model).get(name)
    if field is not None and not field.hidden:
        if field.unchanging and purpose == "change":
            return Fault("unchanging", f"`{name}` never changes", "leave it out", pointer([name]))
        return Fault("set_by_server", f"`{name}` is set by the server", "leave it out", pointer([name]))
    detail = f"`{brief(name)}` is not a field of {model.__tablename__}"
    hint = nearest(brief(name), known) or f"known are {', '.join(known)}"
    return Fault("unknown_key", detail, hint, pointer([name]))


def _list_schema(entry: dict[str, Any]) -> dict[str, Any]:
    return {"type": ["array", "null"], "items": entry, "maxItems": LONGEST_LIST}
