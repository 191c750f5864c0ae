"""What each kind of field accepts: as a check, compiled from the Field, and as JSON Schema."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tracker import dates
from tracker.errors import a, nearest
from tracker.kinds import ID, KINDS
from tracker.models import Field, Value
from tracker.text import UNWANTED, UnfitText, storable

Check = Callable[[object], Value]
"""Returns a value as it is stored, or raises Wrong; a field's check refuses None."""


class Wrong(Exception):
    """A value is refused; who catches it knows its name and its position."""

    def __init__(self, code: str, detail: str, hint: str | None = None) -> None:
        super().__init__(code, detail, hint)
        self.code = code
        self.detail = detail
        self.hint = hint


def check_of(field: Field, *, textual: bool) -> Check:
    """Return the check of a field; ``textual``: a number comes as text, as in YAML."""
    check = _CHECKS[field.kind](field)
    return _textual_number(check) if textual and field.kind == "number" else check


def schema_of(field: Field) -> dict[str, Any]:
    """Return the JSON Schema of a field."""
    kind = {"number": "integer", "flag": "boolean"}.get(field.kind, "string")
    schema: dict[str, Any] = {"description": field.doc, "type": kind if field.required else [kind, "null"]}
    if field.kind == "number":
        schema |= {"minimum": field.low, "maximum": field.high}
    elif field.codelist is not None:
        schema["enum"] = [*field.codelist] if field.required else [*field.codelist, None]
    elif field.length:
        schema |= {"minLength": 1, "maxLength": field.length}
    if field.kind in _FORMATS:
        schema["format"] = _FORMATS[field.kind]
    if field.pattern is not None:
        schema["pattern"] = f"^{field.pattern}$"
    return schema


def brief(text: str) -> str:
    """Return what a sentence can quote of a client's text."""
    clean = UNWANTED.sub("\ufffd", text)
    return clean if len(clean) <= 80 else clean[:77] + "…"


_FORMATS = {"day": "date", "instant": "date-time", "url": "uri"}
_JSON_NAMES = {dict: "an object", list: "a list", bool: "true or false", int: "a number", float: "a number"}
"""What JSON calls values that are no text."""
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(/[\w.~/?&=%+-]*)?", re.ASCII)
"""Most web addresses; only the others are taken apart."""


def _text(field: Field) -> Callable[[object], str]:
    longest = field.length or sys.maxsize
    is_source_text = field.hidden

    def check(value: object) -> str:
        if not isinstance(value, str):
            raise Wrong("wrong_type", "must be text")
        if is_source_text:  # positions in it have to mean the same everywhere
            value = value.removeprefix("\ufeff").replace("\r\n", "\n")
        try:
            text = storable(value)
        except UnfitText as error:
            raise Wrong("bad_character", str(error), error.hint) from None
        if not text or text.isspace():
            raise Wrong("empty", "must not be empty", "give a value, or null for unknown")
        if len(text) > longest:
            raise Wrong("too_long", f"has {len(text):,} characters; at most {longest:,} fit")
        return text

    return check


def _token(field: Field) -> Callable[[object], str]:
    check_text = _text(field)
    form = None if field.pattern is None else re.compile(field.pattern)

    def check(value: object) -> str:
        clean = check_text(value)
        if not clean.isprintable() and _CONTROL.search(clean):
            raise Wrong("bad_character", "holds a control character", "remove it")
        if form is not None and form.fullmatch(clean) is None:
            detail = f"`{brief(clean)}` does not have the form of {field.doc}"
            raise Wrong("bad_form", detail, f"for example {field.example}")
        return clean

    return check


def _code(field: Field) -> Check:
    codelist = field.codelist
    assert codelist is not None
    codes = frozenset(codelist)

    def check(value: object) -> str:
        if isinstance(value, str) and value in codes:
            return value
        near = nearest(value, codelist) if isinstance(value, str) else None
        hint = near or f"one of {', '.join(codelist)}"
        raise Wrong("unknown_code", f"{_quoted(value)} is not a code of {codelist.name}", hint)

    return check


def _number(field: Field) -> Check:
    low, high = field.low, field.high

    def check(value: object) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is not int:  # True is an int of another type
            raise Wrong("wrong_type", "must be a whole number")
        if not low <= value <= high:
            raise Wrong("out_of_range", f"must be from {low} to {high}")
        return value

    return check


def _textual_number(check_number: Check) -> Check:
    def check(value: object) -> Value:
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            value = int(value)
        return check_number(value)

    return check


def _dated(read: Callable[[str], str]) -> Callable[[Field], Check]:
    def check(value: object) -> str:
        if not isinstance(value, str):
            raise Wrong("wrong_type", "must be a date as text")
        try:
            return read(value)
        except (dates.NotADate, dates.NotAnInstant) as error:
            raise Wrong("bad_date", str(error)) from None

    return lambda _: check


def _reference(field: Field) -> Check:
    target = field.target or ""
    form = KINDS[target].id_form.fullmatch
    what = f"the id of {a(target)}"

    def check(value: object) -> str:
        if not isinstance(value, str):
            raise Wrong("wrong_type", f"must be {what}")
        if form(value) is None:
            raise Wrong("bad_id", f"`{brief(value)}` does not have the form of {what}")
        return value

    return check


def _identity(_: Field) -> Check:
    def check(value: object) -> str:
        if isinstance(value, str) and ID.fullmatch(value) is not None:
            return value
        hint = "lower-case letters, digits and hyphens, 80 at most"
        raise Wrong("bad_id", f"{_quoted(value)} is not an id", hint)

    return check


def _url(field: Field) -> Check:
    check_token = _token(field)

    def check(value: object) -> str:
        clean = check_token(value)
        if _PLAIN_URL.fullmatch(clean) is None and not _is_web_address(clean):
            detail = f"`{brief(clean)}` is not a web address"
            raise Wrong("bad_url", detail, "http:// or https:// and a host")
        return clean

    return check


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        has_host = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
    return has_host and re.search(r"[\s<>\"]", text) is None


def _flag(_: Field) -> Check:
    def check(value: object) -> bool:
        if not isinstance(value, bool):
            raise Wrong("wrong_type", "must be true or false")
        return value

    return check


_CHECKS: dict[str, Callable[[Field], Check]] = {
    "id": _identity,
    "text": _text,
    "token": _token,
    "code": _code,
    "number": _number,
    "date": _dated(lambda text: dates.parse(text).text),
    "day": _dated(dates.parse_day),
    "instant": _dated(dates.parse_instant),
    "reference": _reference,
    "url": _url,
    "flag": _flag,
}


def _quoted(value: object) -> str:
    return f"`{brief(value)}`" if isinstance(value, str) else _JSON_NAMES.get(type(value), "this")
