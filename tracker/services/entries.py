"""What an entry of history must be, looked at alone: its types, its digest, its texts, what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Any

import msgspec

from tracker.database.statements import Row
from tracker.models import FollowUp, HistoryEntry, fields_of
from tracker.models.columns import Field
from tracker.services.history import COLUMNS, Held

SALT_LENGTH = 32
# Columns are read in the order of canonical JSON, the digest of all others last.
NAMES = (*sorted({*COLUMNS} - {"digest"}), "digest")
"""The columns of an entry, in the order in which they are read here."""
POSITION, ROOT, SEQUENCE, PREVIOUS, DIGEST = map(
    NAMES.index, ("place", "root", "sequence", "previous", "digest")
)
ACTION, RESOURCE, RESOURCE_ID = map(NAMES.index, ("action", "resource", "resource_id"))
_BEFORE, _AFTER, _COMMENT = map(NAMES.index, ("before", "after", "comment"))
_HEX = re.compile("[0-9a-f]{32}")
_resource_of = itemgetter(RESOURCE, RESOURCE_ID)
root_of = itemgetter(NAMES.index("root_kind"), ROOT)
"""Returns the kind and id of the root of an entry."""


def untyped(rows: list[Row]) -> set[int]:
    """Return the positions of the rows with a value that SQLite let into a column of another type."""
    try:
        msgspec.convert(rows, _BLOCK_TYPES)
    except msgspec.ValidationError:
        return {row[POSITION] for row in rows if not _is_typed(row)}
    return set()


def _is_typed(row: Row) -> bool:
    try:
        msgspec.convert(row, _TYPES)
    except msgspec.ValidationError:
        return False
    return True


def digest_of(row: Row) -> str:
    """Return the digest that an entry must have, as ``history.digest`` does, without reading its JSON."""
    content = [*row[:DIGEST]]
    for side in (_BEFORE, _AFTER):
        if (json := content[side]) is not None and json[:1] == "{":  # not `null`, which would read as nothing
            content[side] = msgspec.Raw(json)
    return sha256(_encode(_Content(*content))).hexdigest()


def are_whole(texts: list[Row]) -> bool:
    """Return whether all texts have their digests, or are erased."""
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


def texts_of(row: Row) -> list[str]:
    """Return the digests of the texts that an entry refers to."""
    digests = [
        following[:64]
        for side in (row[_BEFORE], row[_AFTER])
        if side is not None
        for following in side.split('{"sha256":"')[1:]
        if following[64:66] == '"}'
    ]
    if row[_COMMENT] is not None:
        digests.append(row[_COMMENT])
    return digests


def held_by(row: Row) -> Held:
    """Return everything that an entry holds something of; raises MsgspecError for what is no snapshot."""
    held: Held = {root_of(row): None, _resource_of(row): None}
    for side in (row[_BEFORE], row[_AFTER]):
        for kind, resources in _decode(side).items() if side is not None else ():
            for id, values in resources.items():
                held[kind, id] = values.clause if kind == FollowUp.__tablename__ else None
    return held


def text_problems(row: Row, texts: Sequence[Row]) -> Iterator[str]:
    """Say which texts of an entry are missing, of no entry, erased by half, or not what was written."""
    expected, there = {*texts_of(row)}, {str(text[1]) for text in texts}
    for digest in sorted(expected ^ there):
        yield f"the text with digest {digest[:12]}… is {'missing' if digest in expected else 'not of this entry'}"
    for _, digest, salt, text in texts:
        if (salt is None) != (text is None):
            yield f"the text with digest {digest[:12]}… is erased by half"
        elif salt is not None and not _has_digest(digest, salt, text):
            yield f"the text with digest {digest[:12]}… is not the one that was written"


def index_problems(row: Row, resources: Sequence[Row]) -> Iterator[str]:
    """Say which resources the index of an entry lacks, and which it has that the entry does not hold."""
    try:
        expected = {(*key, clause) for key, clause in held_by(row).items()}
    except msgspec.MsgspecError:
        return  # the entry does not have its digest either
    there = {tuple(resource[1:]) for resource in resources}
    for kind, id, clause in sorted(expected ^ there, key=repr):
        name = f"{kind} {id}" + (f" of clause {clause}" if clause else "")
        yield f"the index {'lacks' if (kind, id, clause) in expected else 'has, by mistake,'} {name}"


def _has_digest(digest: str, salt: Any, text: Any) -> bool:
    """Return whether a text with its salt has a digest."""
    if not (isinstance(salt, str) and isinstance(text, str) and _HEX.fullmatch(salt)):
        return False
    return sha256(bytes.fromhex(salt) + text.encode()).hexdigest() == digest


def _type_of(field: Field) -> Any:
    kind = int if field.kind == "number" else str
    return kind if field.required else kind | None


class _Values(msgspec.Struct, gc=False):
    """What is read of a resource's values."""

    clause: str | None = None


_decode = msgspec.json.Decoder(dict[str, dict[str, _Values]]).decode
_Content = msgspec.defstruct("_Content", [(name, Any) for name in NAMES[:DIGEST]], gc=False)
_encode = msgspec.json.Encoder().encode
_TYPES: Any = tuple.__class_getitem__(tuple(_type_of(fields_of(HistoryEntry)[name]) for name in NAMES))
_BLOCK_TYPES: Any = list.__class_getitem__(_TYPES)
