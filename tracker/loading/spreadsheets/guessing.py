"""A proposal of how a register's columns are read, as a map for a person to look through and edit."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracker.codes import CURRENT_STATUS, NEED_A_REASON, NOT_ASSESSED, RECORDED_STATUS
from tracker.dates import NotADate
from tracker.errors import Malformed
from tracker.loading import reading
from tracker.loading.spreadsheets.files import read_tables
from tracker.loading.spreadsheets.grids import HEADER_WITHIN
from tracker.loading.spreadsheets.office_dates import office_date, office_period
from tracker.loading.spreadsheets.proposals import day_of, is_like_a_status, proposed
from tracker.loading.spreadsheets.sheet_columns import COLUMNS, IDENTITY, PERIOD, code_for, headings, is_total
from tracker.loading.spreadsheets.splitting import has_marks
from tracker.loading.spreadsheets.tables import Cell, Line, Table, letters
from tracker.loading.spreadsheets.worksheets import CODES
from tracker.validation import match_key

LOOKED_AT = 1_000
"""How many rows are looked at."""
MOST_WORDS = 300


@dataclass(slots=True)
class _GuessedColumn:
    """A column: what it seems to fill in, how sure that is, and what stands in it."""

    column: int
    heading: str
    key: str
    cells: list[Cell]
    name: str | None = None
    why: str = ""

    def share(self, fits: Callable[[Cell], bool]) -> float:
        """Return how many of its cells fit, of 1."""
        return sum(map(fits, self.cells)) / len(self.cells) if self.cells else 0.0


_Columns = list[_GuessedColumn]


def guessed_map(path: str, today: str) -> str:
    """Read a spreadsheet and return the text of a map for it, commented; raises Malformed."""
    tables = [table for file in reading.files([path]) for table in _tables(file)]
    candidates = [(table, *_header(table)) for table in tables if table.lines and table.name not in CODES]
    if not candidates:
        raise Malformed([reading.empty(path)])
    table, header, _ = max(candidates, key=lambda candidate: candidate[2])
    lines = [line for line in table.lines if line.number > header.number][:LOOKED_AT]
    columns = _columns(header, lines)
    _by_headings(columns)
    _by_content(columns, today)
    others = [other for other, _, _ in candidates if other is not table]
    return "".join(f"{_printable(line)}\n" for line in _text(table, header, columns, lines, others, today))


def _tables(file: Path) -> list[Table]:
    if file.suffix.lower() not in (".xlsx", ".csv"):
        raise Malformed([reading.not_a_spreadsheet(str(file))])
    try:
        return read_tables(file, str(file))
    except OSError as error:
        raise Malformed([reading.unreadable(str(file), error)]) from None


def _header(table: Table) -> tuple[Line, float]:
    """Return the row that looks most like headings, and how much it does."""
    known = headings()
    best, most = table.lines[0], -1.0
    for line in table.lines[:HEADER_WITHIN]:
        keys = [match_key(cell.text) for cell in line.cells.values()]
        score = sum(1.0 for key in keys if key in known)
        score += sum(0.4 for key in keys if key not in known and _inside(key, known))
        score += 0.001 * len(keys)
        if score > most:
            best, most = line, score
    return best, most


def _columns(header: Line, lines: Sequence[Line]) -> _Columns:
    count = Counter(match_key(cell.text) for cell in header.cells.values())
    columns = []
    for column in sorted({column for line in (header, *lines) for column in line.cells}):
        cell = header.cells.get(column)
        text = "" if cell is None else cell.line_of_text
        key = text if text and count[match_key(text)] == 1 else letters(column)
        cells = [line.cells[column] for line in lines if column in line.cells]
        columns.append(_GuessedColumn(column, text, key, cells))
    return columns


def _by_headings(columns: _Columns) -> None:
    known = headings()
    for column in columns:
        name = known.get(match_key(column.heading)) if column.heading else None
        _propose(columns, column, name, "sure: so it is called")
    for column in columns:
        if column.name is None and column.heading:
            name = _inside(match_key(column.heading), known)
            _propose(columns, column, name, "likely: its heading holds the words")


def _by_content(columns: _Columns, today: str) -> None:
    """Look at what stands in the columns: a heading alone may mislead."""
    for column in columns:
        if column.name == "follow_up.status" and column.cells and column.share(_is_status) < 0.5:
            column.name, column.why = None, "called a status, but it holds sentences"
        elif column.cells and _holds_statuses(column):
            column.name = None
    statuses = {column.column: column.share(_is_status) for column in columns if column.name is None}
    for column in sorted(columns, key=lambda column: -statuses.get(column.column, 0)):
        if column.name is None and len(column.cells) > 1 and statuses[column.column] > 0.8:
            _propose(columns, column, "follow_up.status", "a guess: its words are statuses")
    for column in columns:
        if column.name is None and column.why:
            _propose(columns, column, "follow_up.note", f"likely: {column.why}")
        periods = column.share(_is_period)
        days = column.share(lambda cell: _is_date(cell, today))
        several = len(column.cells) > 1
        if column.name in ("agreement.signed_on", "clause.due", None) and periods > 0.5:
            _propose(columns, column, PERIOD.name, "a guess: it holds periods")
        if column.name == PERIOD.name and periods < 0.2 < days:
            why = "a guess: called a period, but it holds single dates; are they the last?"
            _propose(columns, column, "agreement.ends", why)
        if column.name is None and several and days > 0.8:
            why = "a guess: it holds dates, and nothing else is the day of signing"
            _propose(columns, column, "agreement.signed_on", why)


def _holds_statuses(column: _GuessedColumn) -> bool:
    """Return whether a column called by the name of another codelist is full of statuses."""
    codelist = None if column.name is None else COLUMNS[column.name].codelist
    if codelist is None or column.name == "follow_up.status":
        return False
    own = column.share(lambda cell: code_for(codelist, cell.text) is not None)
    return own < 0.2 and column.share(_is_status) > 0.8


def _propose(columns: _Columns, column: _GuessedColumn, name: str | None, why: str) -> None:
    """Let a column fill in a name, unless there is none, or another column fills it in."""
    if name is not None and all(other.name != name for other in columns):
        column.name, column.why = name, why


def _text(
    table: Table, header: Line, columns: _Columns, lines: list[Line], others: list[Table], today: str
) -> Iterator[str]:
    yield f"# A map for {table.called}, guessed by looking at {len(lines):,} rows. Look through it, then:"
    yield f"#   tracker load {json.dumps(table.file, ensure_ascii=False)} --map THIS-FILE --dry-run"
    yield "tracker: 1"
    if table.name is not None:
        yield f"sheet: {_quoted(table.name)}"
    for other in others:
        yield f"# not looked at: the sheet {other.called}"
    yield f"header: {header.number}"
    rows, why = _rows(columns, lines)
    yield f"rows: {rows}  # {why}"
    split, why = _split(columns, rows)
    yield f"split: {split}  # {why}"
    yield "# party: ID-OR-NAME  # who keeps this register and signs every agreement, if it is not among the parties"
    if _is_year_first(columns, today):
        yield "dates: year-first  # a guess: years of two digits stand first wherever a row shows it"
    yield "columns:"
    for column in columns:
        yield from _column(column)
    if split != "none" and any(column.name == "follow_up.status" for column in columns):
        yield "# What a row says of the status is recorded for every clause of that row."
    yield from _values(columns)
    texts = (cell.text for line in table.lines for cell in line.cells.values())
    yield from _defaults(columns, day_of(Path(table.file), texts, today))


def _column(column: _GuessedColumn) -> Iterator[str]:
    example = next((cell.line_of_text[:40] for cell in column.cells), "")
    shown = f"; e.g. {example}" if example else "; it is empty"
    if column.name is None:
        why = column.why or ("no heading" if not column.heading else "not recognised")
        yield f"  {_quoted(column.key)}: ignore  # {why}; say what it fills in, or leave it{shown}"
    else:
        yield f"  {_quoted(column.key)}: {column.name}  # {column.why}{shown}"


def _values(columns: _Columns) -> Iterator[str]:
    """Yield the words of columns with codes that mean no code yet."""
    begun = False
    for column in columns:
        codelist = COLUMNS[column.name].codelist if column.name else None
        if codelist is None:
            continue
        words = Counter(
            " ".join(cell.text.split())
            for cell in column.cells
            if code_for(codelist, cell.text) is None and not _is_not_assessed(cell)
        )
        if not words:
            continue
        if not begun:
            yield "values:  # what words of these columns mean; look through the proposals; null: nothing"
            begun = True
        yield f"  {_quoted(column.key)}:  # one of {', '.join(codelist)}"
        for word, count in words.most_common(MOST_WORDS):
            code, why = proposed(codelist, word)
            yield f"    {_quoted(' '.join(word.split()))}: {code or 'null'}  # {count} times; {why}"
        if len(words) > MOST_WORDS:
            yield f"    # and {len(words) - MOST_WORDS} more"


def _defaults(columns: _Columns, as_of: tuple[str, str]) -> Iterator[str]:
    names = {column.name for column in columns}
    yield "defaults:  # for every row that does not say it"
    if "agreement.kind" not in names:
        titles = [cell.text for cell in _cells(columns, "agreement.title")]
        called = sum("협약" in title or "MOU" in title.upper() for title in titles)
        yield f"  agreement.kind: mou  # a guess: {called} of {len(titles)} titles speak of an 협약 or MOU"
    if "follow_up.status" in names and "follow_up.effective_on" not in names:
        day, where = as_of
        yield f"  follow_up.effective_on: {day}  # a guess from {where}: the day as of which the statuses hold"
    if "follow_up.reason" not in names:
        unreasoned = Counter(
            cell.line_of_text
            for cell in _cells(columns, "follow_up.status")
            if (code_for(RECORDED_STATUS, cell.text) or proposed(RECORDED_STATUS, cell.text)[0])
            in NEED_A_REASON
        )
        if unreasoned:
            words = ", ".join(list(unreasoned)[:4])
            yield f"  follow_up.reason: other  # for the {unreasoned.total()} rows that need one: {words}"


def _rows(columns: _Columns, lines: list[Line]) -> tuple[str, str]:
    """Return what a row is, an agreement or a clause, and why that seems so."""
    for name in IDENTITY:
        column = next((column for column in columns if column.name == name and column.cells), None)
        if column is None:
            continue
        counted = [line for line in lines if not is_total(line.first_text)]
        blank = sum(column.column not in line.cells for line in counted)
        repeated = len(column.cells) - len({cell.text for cell in column.cells})
        if repeated or blank > len(counted) // 10:
            return "clause", f"`{column.heading}` is the same or blank in {repeated + blank} rows"
        return "agreement", f"`{column.heading}` differs in every row"
    return "clause", "a guess: no column says which agreement a row is about"


def _split(columns: _Columns, rows: str) -> tuple[str, str]:
    """Return how a cell becomes several clauses, and why that seems so."""
    texts = [cell.text for cell in _cells(columns, "clause.text")]
    count = len(texts)
    if not count:
        return "none", "no column holds clauses"
    marked = sum(map(has_marks, texts))
    several = sum("\n" in text for text in texts if not has_marks(text))
    if marked:
        return "marks", f"{marked} of {count} cells hold several clauses with marks"
    if rows == "agreement" and several > count // 3:
        return "lines", f"a guess: {several} of {count} cells hold several lines without marks"
    return "none", "one clause a cell"


def _cells(columns: _Columns, name: str) -> list[Cell]:
    return next((column.cells for column in columns if column.name == name), [])


def _is_year_first(columns: _Columns, today: str) -> bool:
    """Return whether two-digit years stand first in every date that is not certain without knowing that."""
    doubtful = certain = 0
    for column in columns:
        if column.name is None or COLUMNS[column.name].kind != "date":
            continue
        for cell in column.cells:
            for text in re.split("[~∼～]", cell.text):
                date = re.fullmatch(r"\s*(\d{2})([./-])(\d{1,2})\2(\d{1,2})\.?\s*", text)
                if date is None:
                    continue
                doubtful += 1
                year, _, month, day = date.groups()
                if int(month) > 12 or int(day) > 31:
                    return False
                certain += int(day) > 12 and f"20{year}" <= today[:4]
    return bool(doubtful) and certain > doubtful // 4


def _inside(key: str, known: dict[str, str]) -> str | None:
    """Return what the longest known heading inside a longer one fills in."""
    words = (word for word in known if len(word) > 2 and word in key)
    longest = max(words, key=len, default=None)
    return None if longest is None else known[longest]


def _is_status(cell: Cell) -> bool:
    return code_for(CURRENT_STATUS, cell.text) is not None or is_like_a_status(cell.line_of_text)


def _is_not_assessed(cell: Cell) -> bool:
    return code_for(CURRENT_STATUS, cell.text) == NOT_ASSESSED


def _is_date(cell: Cell, today: str) -> bool:
    try:
        office_date(cell.as_date, today=today, year_first=True)
    except NotADate:
        return False
    return not isinstance(cell.value, int | float) or cell.value > 1900


def _is_period(cell: Cell) -> bool:
    try:
        office_period(cell.value, year_first=True)
    except NotADate:
        return False
    return True


def _quoted(text: str) -> str:
    """Return a text as YAML: in quotes wherever they may be needed."""
    is_plain = re.fullmatch(r"[A-Za-z가-힣](?:[A-Za-z0-9가-힣 ]*[A-Za-z0-9가-힣])?", text) is not None
    if is_plain and text.lower() not in _WORDS:
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\U{ord(letter):08X}"


def _printable(line: str) -> str:
    """Return a line whose comments hold nothing that cannot be printed; in keys that is escaped already."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in line)


_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
