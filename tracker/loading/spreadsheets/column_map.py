"""The map from an office's own columns to ours: a small YAML file that a person writes or edits.

tracker: 1
sheet: 협약현황            # absent: every sheet with these columns
header: 3                 # the row of the headings; absent: the row that has most of them
rows: agreement           # one row an agreement, or: clause
split: marks              # how one cell becomes several clauses: marks, lines, none
party: gwangju            # who keeps the register and signs every agreement: an id or a name
numbers: yearly           # register numbers start again each year, so that the year of signing belongs to them
dates: year-first         # 20/8/31 and 08.09.20 have the year first; absent: such dates are refused
columns:                  # heading (or letter): what it fills in
  관리번호: agreement.identifier
  협약명: agreement.title
values:                   # what words of a column mean
  추진상황: {정상추진중: in_progress, 해당없음: null}
defaults:                 # for every row that does not say it
  agreement.kind: mou
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from tracker.errors import Fault, Malformed, nearest
from tracker.loading import yaml_content
from tracker.loading.document import Document
from tracker.loading.spreadsheets.sheet_columns import COLUMNS, code_for
from tracker.loading.spreadsheets.splitting import Split

KEYS = (
    "tracker",
    "sheet",
    "header",
    "rows",
    "split",
    "party",
    "numbers",
    "dates",
    "columns",
    "values",
    "defaults",
)
ROWS = ("clause", "agreement")
SPLITS: tuple[str, ...] = get_args(Split)


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """How the columns of a register are read."""

    columns: Mapping[str, str]
    """What each column fills in, by its heading or letter."""
    sheets: tuple[str, ...] = ()
    header: int | None = None
    rows: str = "clause"
    split: Split = "none"
    party: str | None = None
    yearly_numbers: bool = False
    year_first: bool = False
    values: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)


def read_map(path: str) -> ColumnMap:
    """Read a map; raises Malformed with every fault at its place, or OSError's words as one."""
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        detail = f"`{path}` cannot be read: {error.strerror or error}"
        hint = "`tracker worksheet --guess FILE` writes a map to begin with"
        raise Malformed([Fault("unreadable", detail, hint)]) from None
    return parse_map(path, raw)


def parse_map(name: str, raw: bytes) -> ColumnMap:
    """Read the text of a map; raises Malformed with every fault at its place."""
    content, positions, faults = yaml_content.read(name, raw)
    reader = _Reader(Document(name, content, True, positions, faults=tuple(faults)))
    result = reader.map()
    if reader.faults:
        raise Malformed(reader.faults)
    return result


class _Reader:
    """Reads one map, going on past each fault."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.faults: list[Fault] = list(document.faults)

    def map(self) -> ColumnMap:
        content = self.document.content
        if not isinstance(content, dict):
            self._fault("wrong_type", "a map is a mapping of columns and how to read them", None)
            return ColumnMap({})
        for key in content:
            if key not in KEYS:
                hint = nearest(key, KEYS) or f"known are {', '.join(KEYS)}"
                self._fault("unknown_key", f"`{key}` is not a key of a map", hint, key, key=True)
        if content.get("tracker", "1") != "1":
            self._fault("version", "only version 1 of maps is known", "write `tracker: 1`", "tracker")
        rows = self._one_of(content, "rows", ROWS, "clause")
        return ColumnMap(
            columns=self._columns(content),
            sheets=self._sheets(content),
            header=self._header(content),
            rows=rows,
            split=self._one_of(content, "split", SPLITS, "marks" if rows == "agreement" else "none"),  # type: ignore[arg-type]
            party=self._text(content, "party"),
            yearly_numbers=self._one_of(content, "numbers", ("yearly",), "") == "yearly",
            year_first=self._one_of(content, "dates", ("year-first",), "") == "year-first",
            values=self._values(content),
            defaults=self._defaults(content),
        )

    def _columns(self, content: dict[str, Any]) -> dict[str, str]:
        columns = content.get("columns")
        if not isinstance(columns, dict) or not any(columns.values()):
            hint = "name at least agreement.title or agreement.id"
            self._fault("required", "`columns` says which column fills in what", hint, "columns")
            return {}
        result: dict[str, str] = {}
        for heading, name in columns.items():
            if name is None or name in ("-", "ignore"):
                continue
            if name not in COLUMNS:
                hint = (
                    nearest(str(name), COLUMNS) if isinstance(name, str) else None
                ) or f"known are {', '.join(COLUMNS)}"
                self._fault(
                    "unknown_field", f"`{name}` is nothing that a column fills in", hint, "columns", heading
                )
            elif name in result.values():
                detail = f"`{name}` is filled in by two columns"
                self._fault("two_columns", detail, "keep one of the two", "columns", heading)
            else:
                result[heading] = name
        return result

    def _sheets(self, content: dict[str, Any]) -> tuple[str, ...]:
        said = content.get("sheet")
        names = said if isinstance(said, list) else [said]
        if any(not isinstance(name, str) for name in names if name is not None):
            self._fault("wrong_type", "`sheet` is a sheet's name, or a list of them", None, "sheet")
            return ()
        return tuple(name for name in names if name is not None)

    def _header(self, content: dict[str, Any]) -> int | None:
        said = content.get("header")
        if said is None:
            return None
        if isinstance(said, str) and said.isascii() and said.isdecimal() and 0 < int(said[:9]) < 1_048_577:
            return int(said)
        self._fault("wrong_type", "`header` is the number of the row with the headings", None, "header")
        return None

    def _values(self, content: dict[str, Any]) -> dict[str, dict[str, str | None]]:
        said = content.get("values") or {}
        if not isinstance(said, dict):
            self._fault("wrong_type", "`values` has the words of each column by its heading", None, "values")
            return {}
        columns = content.get("columns")
        known = columns if isinstance(columns, dict) else {}
        result: dict[str, dict[str, str | None]] = {}
        for heading, given in said.items():
            words = given if given is not None else {}  # its words may all stand behind a #
            if heading not in known:
                hint = nearest(heading, known)
                self._fault("unknown_column", f"`{heading}` is not under `columns`", hint, "values", heading)
            elif not isinstance(words, dict) or any(isinstance(each, dict | list) for each in words.values()):
                detail = f"`{heading}` has a mapping of its words to what they mean"
                self._fault("wrong_type", detail, None, "values", heading)
            else:
                result[heading] = words
        return result

    def _defaults(self, content: dict[str, Any]) -> dict[str, str]:
        said = content.get("defaults") or {}
        if not isinstance(said, dict):
            self._fault(
                "wrong_type", "`defaults` has a value for each name, such as agreement.kind", None, "defaults"
            )
            return {}
        result: dict[str, str] = {}
        for name, value in said.items():
            column = COLUMNS.get(name)
            if column is None:
                hint = nearest(name, COLUMNS) or f"known are {', '.join(COLUMNS)}"
                self._fault(
                    "unknown_field", f"`{name}` is nothing that can be filled in", hint, "defaults", name
                )
            elif not isinstance(value, str):
                self._fault("wrong_type", f"`{name}` needs one value", None, "defaults", name)
            elif column.codelist is not None and code_for(column.codelist, value) is None:
                hint = f"one of {', '.join(column.codelist)}"
                self._fault(
                    "unknown_code",
                    f"`{value}` is not a code of {column.codelist.name}",
                    hint,
                    "defaults",
                    name,
                )
            else:
                result[name] = value
        return result

    def _one_of(self, content: dict[str, Any], key: str, known: tuple[str, ...], default: str) -> str:
        said = content.get(key)
        if said is None:
            return default
        if said in known:
            return str(said)
        self._fault("unknown_code", f"`{key}` is one of {', '.join(known)}", nearest(str(said), known), key)
        return default

    def _text(self, content: dict[str, Any], key: str) -> str | None:
        said = content.get(key)
        if said is None or isinstance(said, str):
            return said
        self._fault("wrong_type", f"`{key}` must be text", None, key)
        return None

    def _fault(self, code: str, detail: str, hint: str | None, *path: str, key: bool = False) -> None:
        self.faults.append(Fault(code, detail, hint).at(self.document.place(path, key=key)))
