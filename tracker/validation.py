"""Request and seed shapes: pydantic types derived from the columns.

A shape is a TypedDict made from a mapped class: what is absent stays absent, null is null, unknown
keys are refused. ``parse`` gives plain values or raises ``Invalid`` with every fault at its pointer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, Literal, NotRequired, Required
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from sqlalchemy import UniqueConstraint
from typing_extensions import TypedDict

from tracker import dates
from tracker.errors import Fault, Invalid, a, nearest
from tracker.models import (
    RESOURCES,
    Agreement,
    Base,
    Clause,
    Field,
    FollowUp,
    Party,
    Quote,
    fields_of,
    table_of,
)
from tracker.models.base import Resource

Purpose = Literal["create", "change", "seed"]
"""A POST body, a PATCH body, or an object of a seed file."""

CHILDREN: dict[type[Base], dict[str, type[Resource]]] = {
    Agreement: {"clauses": Clause, "quotes": Quote},
    Clause: {"follow_ups": FollowUp},
}
"""The resources that a seed file writes inside another."""

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
CLAUSE_ID = re.compile(r"([a-z0-9][a-z0-9-]{0,79})\.([1-9][0-9]{0,9})")
QUOTE_ID = re.compile(r"([a-z0-9][a-z0-9-]{0,79})\.q([1-9][0-9]{0,9})")
EXAMPLES = {
    "clause": "gwangju-kdata-2020.4",
    "quote": "gwangju-kdata-2020.q1",
    "follow_up": "018f3c2a-5b1e-7c3d-8e4f-0123456789ab",
}
"""What ids look like, where they are not simple words."""
LONGEST_LIST = 10_000


def parse(model: type[Base], content: object, purpose: Purpose, *, textual: bool = False) -> dict[str, Any]:
    """Check a body or an object of a seed file against the columns of its mapped class.

    Gives the values that are there, cleaned: text in NFC, instants in UTC. ``textual`` says that
    every scalar is text until its field says otherwise, as in YAML. Raises Invalid with all faults.
    """
    values, faults = examine(model, content, purpose, textual=textual)
    if faults:
        raise Invalid(faults)
    return values


def examine(
    model: type[Base], content: object, purpose: Purpose, *, textual: bool = False
) -> tuple[dict[str, Any], list[Fault]]:
    """Check as ``parse`` does, but give the values that are good beside the faults of the others.

    So whoever checks further, against the database, can name all faults at once. In a nested list the
    entries keep their places: what is wrong in one is left out of it, a word that is wrong is None.
    """
    adapter = _adapter(model, purpose)
    context = {"textual": textual}
    try:
        values: dict[str, Any] = adapter.validate_python(content, context=context)
    except ValidationError as error:
        found = error.errors(include_url=False)
        faults = [_fault(model, purpose, each) for each in found]
        rest = _without(model, content, [each["loc"] for each in found])
        try:
            values = _adapter(model, purpose, partial=True).validate_python(rest, context=context)
        except ValidationError:
            return {}, faults
        return values, [*faults, *_repeated(model, values)]
    return values, list(_repeated(model, values))


def json_schema(model: type[Base], purpose: Purpose) -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a shape."""
    return _adapter(model, purpose).json_schema()


def writable(model: type[Base], purpose: Purpose) -> dict[str, Field]:
    """Give the fields that a body or a seed file may set."""
    return {
        name: field
        for name, field in fields_of(model).items()
        if (not field.hidden or name == "text")
        and (field.set_by == "client" or (field.set_by == "seed" and purpose == "seed"))
        and not (field.unchanging and purpose == "change")
    }


def is_id(table: str, text: str) -> bool:
    """Whether a text has the form of an id of that kind of thing."""
    return _FORMS.get(table, ID).fullmatch(text) is not None


def pointer(path: Iterable[str | int]) -> str:
    """Give the JSON pointer of a path (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def match_key(name: str) -> str:
    """Give a name's letters and digits, folded: "Min Ki-young" and "Minki Young" give the same key."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    key = "".join(letter for letter in folded if letter.isalnum()) or folded
    return key[: _longest_key()]  # folding makes some names longer: ß gives ss


@cache
def _longest_key() -> int:
    return fields_of(Party)["match_key"].length or 0


_JSON_NAMES = {dict: "an object", list: "a list", bool: "true or false", int: "a number", float: "a number"}
"""What JSON calls values that are no text."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_FORMS = {"clause": CLAUSE_ID, "quote": QUOTE_ID, "follow_up": _UUID}
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
UNWANTED = re.compile("[\x00\ud800-\udfff]")
"""What no text of ours has: NUL, which PostgreSQL cannot store, and halves of surrogate pairs, which are no text."""
_CONTROL = re.compile("[\x00-\x1f\x7f]")


@cache
def _adapter(model: type[Base], purpose: Purpose, *, partial: bool = False) -> TypeAdapter[dict[str, Any]]:
    return TypeAdapter(_shape(model, purpose, partial=partial))


@cache
def _shape(model: type[Base], purpose: Purpose, *, partial: bool = False) -> Any:
    entries: dict[str, Any] = {}
    for name, field in writable(model, purpose).items():
        needed = field.required and not field.defaulted and purpose != "change" and not partial
        # A seed file may leave out what is required when the thing is already there; the loader says so.
        entries[name] = (Required if needed and purpose != "seed" else NotRequired)[_annotation(field)]
    for nested in getattr(model, "nested", ()):
        inner: Purpose = "create" if purpose != "seed" else "seed"
        item = _nested_item(nested.model, nested.scalar, inner, partial=partial)
        entries[nested.name] = NotRequired[_list(item)]
    if purpose == "seed":
        for name, child in CHILDREN.get(model, {}).items():
            entries[name] = NotRequired[_list(_shape(child, "seed"))]
        entries["draft"] = NotRequired[Any]
    return _typed_dict(model, entries)


def _nested_item(model: type[Base], scalar: str | None, purpose: Purpose, *, partial: bool) -> Any:
    if scalar is not None:
        field = fields_of(model)[scalar]
        return _annotation(replace(field, required=False) if partial else field)
    entries: dict[str, Any] = {}
    for name, field in writable(model, purpose).items():
        needed = field.required and not field.defaulted and not partial
        entries[name] = (Required if needed else NotRequired)[_annotation(field)]
    return _typed_dict(model, entries)


def _typed_dict(model: type[Base], entries: dict[str, Any]) -> Any:
    make: Any = TypedDict  # a TypedDict made while running is more than the checker follows
    shape = make(model.__name__, entries)
    shape.__pydantic_config__ = ConfigDict(extra="forbid")
    shape.__doc__ = model.__doc__
    return shape


def _without(model: type[Base], content: object, paths: Iterable[tuple[str | int, ...]]) -> object:
    """Give content without what stands at these paths; in lists an empty entry keeps its place."""
    if not isinstance(content, dict):
        return {}
    rest = dict(content)
    for name, *below in paths:
        if not below or not isinstance(rest.get(str(name)), list):
            rest.pop(str(name), None)
            continue
        place, *further = below
        scalar = any(nested.name == name and nested.scalar for nested in getattr(model, "nested", ()))
        entries = rest[str(name)] = list(rest[str(name)])
        entry = entries[int(place)]
        entries[int(place)] = None if scalar else _without(model, entry, [tuple(further)]) if further else {}
    return rest


def _list(item: Any) -> Any:
    def listed(value: Any) -> Any:
        if value is None:
            return []
        if isinstance(value, list) and len(value) > LONGEST_LIST:
            raise PydanticCustomError("too_long", "must have at most {most} entries", {"most": LONGEST_LIST})
        return value

    return Annotated[list[item], BeforeValidator(listed)]


def _annotation(field: Field) -> Any:
    check = _CHECKS[field.kind]

    def checked(value: Any, info: ValidationInfo) -> Any:
        if value is None:
            if field.required:
                _refuse("required", "must not be null", "leave it out, or give a value")
            return None
        textual = info.context is not None and info.context["textual"]
        if textual and field.kind == "number" and isinstance(value, str) and _WHOLE.fullmatch(value):
            value = int(value)
        return check(field, value)

    schema: dict[str, Any] = {"description": field.doc, **_schema(field)}
    return Annotated[Any, PlainValidator(checked), WithJsonSchema(schema)]


def _schema(field: Field) -> dict[str, Any]:
    kind: Any = "string" if field.required else ["string", "null"]
    if field.kind == "number":
        return {
            "type": "integer" if field.required else ["integer", "null"],
            "minimum": field.low,
            "maximum": field.high,
        }
    if field.codelist is not None:
        members: list[str | None] = [*field.codelist]
        return {"type": kind, "enum": members if field.required else [*members, None]}
    if field.kind == "flag":
        return {"type": "boolean"}
    schema: dict[str, Any] = {"type": kind}
    formats = {"day": "date", "instant": "date-time", "url": "uri"}
    if field.kind in formats:
        schema["format"] = formats[field.kind]
    if field.length:
        schema |= {"minLength": 1, "maxLength": field.length}
    if field.pattern:
        schema["pattern"] = f"^{field.pattern}$"
    return schema


def _refuse(code: str, detail: str, hint: str | None = None) -> None:
    # pydantic fills {…} in; the words come from the client, so they go in as a value.
    raise PydanticCustomError(code, "{detail}", {"detail": detail, "hint": hint})


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        _refuse("wrong_type", "must be text")
    if UNWANTED.search(value):
        _refuse("bad_character", "holds a NUL or half of a surrogate pair", "remove it")
    if field.hidden:  # the text of a source: positions in it have to mean the same everywhere
        value = value.removeprefix("\ufeff").replace("\r\n", "\n")
    clean = unicodedata.normalize("NFC", value)
    if not clean.strip():
        _refuse("empty", "must not be empty", "give a value, or null for unknown")
    if field.length and len(clean) > field.length:
        _refuse("too_long", f"has {len(clean):,} characters; at most {field.length:,} fit")
    return clean


def _token(field: Field, value: Any) -> str:
    clean = _text(field, value)
    if _CONTROL.search(clean):
        _refuse("bad_character", "holds a control character", "remove it")
    if field.pattern and not re.fullmatch(field.pattern, clean):
        _refuse(
            "bad_form",
            f"`{_brief(clean)}` does not have the form of {field.doc}",
            f"for example {field.example}",
        )
    return clean


def _code(field: Field, value: Any) -> str:
    assert field.codelist is not None
    if not isinstance(value, str) or value not in field.codelist:
        hint = (isinstance(value, str) and nearest(value, field.codelist)) or None
        hint = hint or f"one of {', '.join(field.codelist)}"
        _refuse("unknown_code", f"{_quoted(value)} is not a code of {field.codelist.name}", hint)
    return str(value)


def _number(field: Field, value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        _refuse("wrong_type", "must be a whole number")
    if not field.low <= value <= field.high:
        _refuse("out_of_range", f"must be from {field.low} to {field.high}")
    return int(value)


def _date(field: Field, value: Any) -> str:
    return _dated(value, lambda text: dates.parse(text).text)


def _day(field: Field, value: Any) -> str:
    return _dated(value, dates.parse_day)


def _instant(field: Field, value: Any) -> str:
    return _dated(value, dates.parse_instant)


def _dated(value: Any, read: Callable[[str], str]) -> str:
    if not isinstance(value, str):
        _refuse("wrong_type", "must be a date as text")
    try:
        return read(value)
    except (dates.NotADate, dates.NotAnInstant) as error:
        raise PydanticCustomError("bad_date", "{detail}", {"detail": str(error), "hint": None}) from None


def _reference(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        _refuse("wrong_type", f"must be the id of {a(field.target or '')}")
    if not is_id(field.target or "", value):
        _refuse("bad_id", f"`{_brief(value)}` does not have the form of the id of {a(field.target or '')}")
    return str(value)


def _identity(field: Field, value: Any) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        _refuse(
            "bad_id", f"{_quoted(value)} is not an id", "lower-case letters, digits and hyphens, 80 at most"
        )
    return str(value)


def _url(field: Field, value: Any) -> str:
    clean = _token(field, value)
    try:
        parts = urlsplit(clean)
        good = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s<>\"]", clean)
        )
    except ValueError:
        good = False
    if not good:
        _refuse("bad_url", f"`{_brief(clean)}` is not a web address", "http:// or https:// and a host")
    return clean


def _flag(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        _refuse("wrong_type", "must be true or false")
    return bool(value)


_CHECKS: dict[str, Callable[[Field, Any], Any]] = {
    "id": _identity,
    "text": _text,
    "token": _token,
    "code": _code,
    "number": _number,
    "date": _date,
    "day": _day,
    "instant": _instant,
    "reference": _reference,
    "url": _url,
    "flag": _flag,
}


def _quoted(value: Any) -> str:
    return f"`{_brief(value)}`" if isinstance(value, str) else _JSON_NAMES.get(type(value), "this")


def _brief(text: str) -> str:
    clean = UNWANTED.sub("�", text)
    return clean if len(clean) <= 80 else clean[:77] + "…"


def _fault(model: type[Base], purpose: Purpose, found: ErrorDetails) -> Fault:
    path = list(found["loc"])
    where = pointer(path)
    name = str(path[-1]) if path else "the body"
    context: Mapping[str, Any] = found.get("ctx", {})
    kind = found["type"]
    if kind == "missing":
        return Fault("required", f"`{name}` is missing", _hint_for_missing(model, path), where)
    if kind == "extra_forbidden":
        return _unknown_key(model, purpose, path, where)
    if kind in ("dict_type", "mapping_type"):
        return Fault("wrong_type", f"{_named(path)} must be an object", None, where)
    if kind == "list_type":
        return Fault("wrong_type", f"{_named(path)} must be a list", None, where)
    detail = str(context.get("detail", found["msg"]))
    return Fault(kind, f"{_named(path)}: {detail}", context.get("hint"), where)


def _hint_for_missing(model: type[Base], path: list[str | int]) -> str | None:
    """Give the hint for a field that is missing: its codes, where it has some."""
    at = _model_at(model, [str(step) for step in path[:-1] if isinstance(step, str)])
    field = fields_of(at).get(str(path[-1])) if path else None
    return None if field is None or field.codelist is None else f"one of {', '.join(field.codelist)}"


def _named(path: list[str | int]) -> str:
    if not path:
        return "the body"
    if isinstance(path[-1], int):
        return f"`{path[-2]}[{path[-1]}]`" if len(path) > 1 else f"entry {path[-1]}"
    return f"`{path[-1]}`"


def _unknown_key(model: type[Base], purpose: Purpose, path: list[str | int], where: str) -> Fault:
    name = str(path[-1])
    at = _model_at(model, [str(step) for step in path[:-1] if isinstance(step, str)])
    nested = [nested.name for nested in getattr(at, "nested", ())]
    children = list(CHILDREN.get(at, {})) if purpose == "seed" else []
    field = fields_of(at).get(name)
    if field is not None and not field.hidden:
        if field.unchanging and purpose == "change":
            return Fault("unchanging", f"`{name}` never changes", "leave it out", where)
        return Fault("set_by_server", f"`{name}` is set by the server", "leave it out", where)
    known = (*writable(at, purpose), *nested, *children)
    detail = f"`{_brief(name)}` is not a field of {at.__tablename__}"
    hint = nearest(_brief(name), known) or f"known are {', '.join(known)}"
    return Fault("unknown_key", detail, hint, where)


def _model_at(model: type[Base], names: list[str]) -> type[Base]:
    for name in names:
        inner = {nested.name: nested.model for nested in getattr(model, "nested", ())}
        model = inner.get(name) or CHILDREN.get(model, {}).get(name) or model
    return model


def _repeated(
    model: type[Base], values: Mapping[str, Any], path: tuple[str | int, ...] = ()
) -> Iterable[Fault]:
    """Give a fault for each entry of a list that says again what an earlier one says."""
    for nested in getattr(model, "nested", ()):
        for key in unique_keys(nested.model, nested.owner):
            seen: dict[tuple[Any, ...], int] = {}
            for place, entry in enumerate(values.get(nested.name) or ()):
                found = (entry,) if nested.scalar else _key_of(nested.model, key, entry)
                if found is None or found == (None,):  # at fault already
                    continue
                first = seen.setdefault(found, place)
                if first != place:
                    yield Fault(
                        "repeated",
                        f"`{nested.name}[{place}]` says the same as `{nested.name}[{first}]`",
                        "remove one",
                        pointer((*path, nested.name, place)),
                    )
    for name, child in CHILDREN.get(model, {}).items():
        for place, entry in enumerate(values.get(name) or ()):
            yield from _repeated(child, entry, (*path, name, place))


def _key_of(model: type[Base], key: Sequence[str], entry: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Give what tells an entry of a list from others, or None where a part of that is missing."""
    fields = fields_of(model)
    if any(fields[name].required and not fields[name].defaulted and name not in entry for name in key):
        return None
    return tuple(entry.get(name, _default(model, name) if fields[name].defaulted else None) for name in key)


def _default(model: type[Base], name: str) -> Any:
    default: Any = table_of(model).c[name].server_default
    return None if default is None else default.arg


@cache
def unique_keys(model: type[Base], owner: str) -> list[list[str]]:
    """Give the fields of a nested list's entries that together say something once only."""
    keys = [
        [column.name for column in constraint.columns if column.name != owner]
        for constraint in table_of(model).constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    return [key for key in keys if "ordinal" not in key and owner not in key]


assert set(CHILDREN) <= set(RESOURCES.values())
