"""What an entry of history must be, looked at alone: its types, its digest, its sealed texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Any

import msgspec

from tracker.database.statements import Row
from tracker.models import HistoryEntry, fields_of
from tracker.models.columns import Field
from tracker.services.history import COLUMNS

SALT_LENGTH = 32
# Columns are read in the order of canonical JSON, the digest of all others last.
NAMES = (*sorted({*COLUMNS} - {"digest"}), "digest")
"""The columns of an entry, in the order in which they are read here."""
PLACE, ROOT, SEQUENCE, PREVIOUS, DIGEST = map(
    NAMES.index, ("place", "root", "sequence", "previous", "digest")
)
ACTION, RESOURCE, RESOURCE_ID = map(NAMES.index, ("action", "resource", "resource_id"))
_BEFORE, _AFTER, _COMMENT = map(NAMES.index, ("before", "after", "comment"))
_HEX = re.compile("[0-9a-f]{32}")
root_of = itemgetter(NAMES.index("root_kind"), ROOT)
"""Gives the table and id of the root of an entry."""


def untyped(rows: list[Row]) -> set[int]:
    """Give the places of the rows with a value that SQLite let into a column of another type."""
    try:
        msgspec.convert(rows, _BLOCK_TYPES)
    except msgspec.ValidationError:
        return {row[PLACE] for row in rows if not _is_typed(row)}
    return set()


def _is_typed(row: Row) -> bool:
    try:
        msgspec.convert(row, _TYPES)
    except msgspec.ValidationError:
        return False
    return True


def digest_of(row: Row) -> str:
    """Give the digest that an entry must have, as ``history.digest`` does: its JSON is spliced in, not read."""
    content = [*row[:DIGEST]]
    for side in (_BEFORE, _AFTER):
        if (said := content[side]) is not None and said[:1] == "{":  # not `null`, which would read as nothing
            content[side] = msgspec.Raw(said)
    return sha256(_encode(_Content(*content))).hexdigest()


def are_sealed(texts: list[Row]) -> bool:
    """Whether all texts have their digests, or are erased."""
    salts = []
    try:
        for _, digest, salt, text in texts:
            if text is not None or salt is not None:
                if sha256(bytes.fromhex(salt) + text.encode()).hexdigest() != digest:
                    return False
                salts.append(salt)
        # Else part of a text could stand in its salt, or a salt be written in other letters.
        together = "".join(salts)
        return {*map(len, salts)} <= {SALT_LENGTH} and bytes.fromhex(together).hex() == together
    except (TypeError, ValueError, AttributeError):  # half of one is missing, or it is something else
        return False


def said_by(row: Row) -> list[str]:
    """Give the digests of the texts that an entry refers to."""
    said = [
        each[:64]
        for side in (row[_BEFORE], row[_AFTER])
        if side is not None
        for each in side.split('{"sha256":"')[1:]
        if each[64:66] == '"}'
    ]
    if row[_COMMENT] is not None:
        said.append(row[_COMMENT])
    return said


def text_problems(row: Row, texts: Sequence[Row]) -> Iterator[str]:
    """Say which texts of an entry are missing, of no entry, erased by half, or not what was written."""
    said, there = {*said_by(row)}, {str(text[1]) for text in texts}
    for each in sorted(said ^ there):
        yield f"the text with digest {each[:12]}… is {'missing' if each in said else 'not of this entry'}"
    for _, digest, salt, text in texts:
        if (salt is None) != (text is None):
            yield f"the text with digest {digest[:12]}… is erased by half"
        elif salt is not None and not _is_sealed(digest, salt, text):
            yield f"the text with digest {digest[:12]}… is not the one that was written"


def _is_sealed(digest: str, salt: Any, text: Any) -> bool:
    """Whether a text with its salt has a digest."""
    if not (isinstance(salt, str) and isinstance(text, str) and _HEX.fullmatch(salt)):
        return False
    return sha256(bytes.fromhex(salt) + text.encode()).hexdigest() == digest


def _type_of(field: Field) -> Any:
    kind = int if field.kind == "number" else str
    return kind if field.required else kind | None


_Content = msgspec.defstruct("_Content", [(name, Any) for name in NAMES[:DIGEST]], gc=False)
_encode = msgspec.json.Encoder().encode
_TYPES: Any = tuple.__class_getitem__(tuple(_type_of(fields_of(HistoryEntry)[name]) for name in NAMES))
_BLOCK_TYPES: Any = list.__class_getitem__(_TYPES)
