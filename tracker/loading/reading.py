"""Seed files, as plain content whose every value can be found again: file, line and column."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tracker import strict_json
from tracker.errors import Fault, Malformed, Place, nearest
from tracker.loading import yaml_content
from tracker.loading.document import Document

if TYPE_CHECKING:
    from tracker.loading.spreadsheets.sheets import Sheets

LONGEST_LINE = 16 * 1024 * 1024  # bytes in a line of JSON Lines

_ENDINGS = (".yaml", ".yml", ".json", ".jsonl", ".xlsx", ".csv")
_BOM = b"\xef\xbb\xbf"
_JSON_BEGINNING = re.compile(rb'(?:\xef\xbb\xbf)?[\s\[{]*"')
_GRAMMAR = frozenset(("syntax", "several_values"))  # codes of JSON that may be YAML
_EMPTY = "the file is empty"
_ENDINGS_HINT = f"names of seed files end in {', '.join(_ENDINGS)}"


def files(paths: Sequence[str]) -> list[Path]:
    """Return the seed files at these paths, each once, with those in folders and their folders, sorted.

    Hidden files and folders in a folder are passed over, and what Excel keeps beside an open workbook.
    Raises Malformed with every fault.
    """
    faults: list[Fault] = []
    result: dict[str, Path] = {}
    for path in paths:
        for file in _seed_files_in(path, faults) if os.path.isdir(path) else [path]:
            fault = _fault_in_reaching(file)
            if fault is None:
                result.setdefault(os.path.realpath(file), Path(file))
            else:
                faults.append(fault)
    if faults:
        raise Malformed(faults)
    return list(result.values())


def read(path: Path, sheets: Sheets | None = None) -> Iterator[Document | Malformed]:
    """Read a seed file in the form that its ending names; what cannot be read comes as its Malformed.

    ``sheets`` says how spreadsheets are read, and what they may refer to.
    """
    name = _name(str(path))
    try:
        with path.open("rb") as stream:
            match _ending(name):
                case ".jsonl":
                    yield from read_json_lines(name, stream)
                case ".json":
                    yield read_json(name, stream.read())
                case ".yaml" | ".yml":
                    yield read_yaml(name, stream.read())
                case ".xlsx" | ".csv":
                    from tracker.loading.spreadsheets.sheets import Sheets

                    yield from (sheets or Sheets()).documents(path, name)
                case _:
                    yield Malformed([_unknown_ending(name)])
    except Malformed as malformed:
        yield malformed
    except OSError as error:
        yield Malformed([unreadable(name, error)])


def read_stream(stream: BinaryIO, name: str = "<stdin>") -> Iterator[Document | Malformed]:
    """Read standard input in the form it turns out to have: one JSON value, JSON Lines, else YAML.

    Only JSON Lines are read line by line; the other forms are held in memory.
    """
    try:
        begin: list[bytes] = []
        written: list[bytes] = []
        while len(written) < 2 and (line := stream.readline(LONGEST_LINE + 1)):
            begin.append(line)
            if not _is_blank(line):
                written.append(line.removeprefix(_BOM))
        if len(written) == 2 and written[1].lstrip().startswith(b"{") and _is_json_object(written[0]):
            yield from _json_lines(name, chain((_bounded(line, stream) for line in begin), _lines(stream)))
        else:
            yield _read_either(name, b"".join(begin) + stream.read())
    except Malformed as malformed:
        yield malformed
    except OSError as error:
        yield Malformed([unreadable(name, error)])


def read_json(name: str, raw: bytes) -> Document:
    """Read a file that holds one JSON value; raises Malformed."""
    try:
        return _json_document(name, raw, 1)
    except Malformed as malformed:
        raise Malformed(_for_file(fault) for fault in malformed.faults) from None


def read_json_lines(name: str, stream: BinaryIO) -> Iterator[Document | Malformed]:
    """Read a JSON value from each line that is not blank; a broken line comes as its Malformed."""
    return _json_lines(name, _lines(stream))


def read_yaml(name: str, raw: bytes) -> Document:
    """Read a file that holds one YAML document; raises Malformed where it cannot be understood."""
    content, positions, faults = yaml_content.read(name, raw)
    return Document(name, content, True, positions, faults=tuple(faults))


def _read_either(name: str, raw: bytes) -> Document:
    """Read JSON, or else YAML; where it is neither, the faults are those of what it looks like."""
    if not raw.removeprefix(_BOM).lstrip().startswith((b"{", b"[")):
        return read_yaml(name, raw)
    try:
        return read_json(name, raw)
    except Malformed as as_json:
        if any(fault.code not in _GRAMMAR for fault in as_json.faults):
            raise
        try:
            return read_yaml(name, raw)
        except Malformed as as_yaml:
            raise (as_json if _JSON_BEGINNING.match(raw) else as_yaml) from None


def _json_document(name: str, raw: bytes, line: int) -> Document:
    text = strict_json.decoded(raw, file=name, line=line)
    content, faults = strict_json.read_on(text, file=name, line=line)
    return Document(name, content, False, None, text, line, faults=faults)


def _for_file(fault: Fault) -> Fault:
    if fault.code == "empty":
        return replace(fault, detail=_EMPTY)
    if fault.code == "several_values":
        return replace(fault, hint="a file with one value a line is named .jsonl")
    return fault


def _json_lines(name: str, lines: Iterable[bytes | None]) -> Iterator[Document | Malformed]:
    for number, line in enumerate(lines, start=1):
        if line is None or not _is_blank(line):
            yield _json_line(name, line, number)


def _json_line(name: str, line: bytes | None, number: int) -> Document | Malformed:
    if line is None:
        fault = Fault("too_long", "the line is longer than 16 MiB", "write one object a line")
        return Malformed([fault.at(Place(name, number, 1))])
    try:
        document = _json_document(name, line, number)
    except Malformed as malformed:
        return malformed
    document.line_of_lines = number
    return document


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    while line := stream.readline(LONGEST_LINE + 1):
        yield _bounded(line, stream)


def _bounded(line: bytes, stream: BinaryIO) -> bytes | None:
    """Return the line, or None where it is too long; the rest of it is then read past."""
    if len(line) <= LONGEST_LINE or line.endswith(b"\n"):
        return line
    while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass
    return None


def _is_blank(line: bytes) -> bool:
    return not line.removeprefix(_BOM).strip()


def _is_json_object(line: bytes) -> bool:
    try:
        return isinstance(strict_json.read(line), dict)
    except Malformed:
        return False


def _seed_files_in(folder: str, faults: list[Fault]) -> list[str]:
    result: list[str] = []
    refused: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=refused.append):
        folders[:] = (name for name in folders if not name.startswith("."))
        result += (os.path.join(parent, name) for name in names if not name.startswith((".", "~$")))
    faults += (unreadable(error.filename, error) for error in refused)
    result = [path for path in result if _ending(path) in _ENDINGS]
    if not result and not refused:
        faults.append(
            Fault("no_seed_file", f"the folder `{_name(folder)}` holds no seed file", _ENDINGS_HINT)
        )
    return sorted(result, key=lambda path: Path(path).parts)


def _fault_in_reaching(path: str) -> Fault | None:
    try:
        is_file = stat.S_ISREG(os.stat(path).st_mode)
        if _ending(path) not in _ENDINGS:
            return _unknown_ending(path)
        if not is_file:
            return Fault("unreadable", f"`{_name(path)}` is not a file")
        with open(path, "rb"):
            return None
    except OSError as error:
        if os.path.lexists(path) or isinstance(error, PermissionError):
            return unreadable(path, error)
        return Fault("not_found", f"there is no `{_name(path)}`", _nearest_path(Path(path)))


def _nearest_path(path: Path) -> str | None:
    """Suggest a name for the first part of the path that is not there."""
    for missing in (path, *path.parents):
        if missing.parent.is_dir():
            return nearest(_name(missing.name), map(_name, os.listdir(missing.parent)))
    return None


def _unknown_ending(path: str) -> Fault:
    return Fault("unknown_ending", f"`{_name(path)}` is not named like a seed file", _ENDINGS_HINT)


def empty(path: str) -> Fault:
    """Return the fault of a file in which nothing stands."""
    return Fault("empty", _EMPTY, place=Place(_name(path), 1, 1))


def not_a_spreadsheet(path: str) -> Fault:
    """Return the fault of a file that is no spreadsheet where one is needed."""
    return Fault("not_a_spreadsheet", f"`{_name(path)}` is not a spreadsheet", "give a .xlsx or a .csv file")


def unreadable(path: str, error: OSError) -> Fault:
    """Return the fault of a file that the system does not let be read."""
    return Fault("unreadable", f"`{_name(path)}` cannot be read: {error.strerror or error}")


def _name(path: str) -> str:
    """Return a path as it can be printed: a name of a file need not be UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def _ending(path: str) -> str:
    return os.path.splitext(path)[1].lower()
