"""A proposal of how a register's columns are read, as a map for a person to look through and edit."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tracker.codes import NEED_A_REASON, RECORDED_STATUS
from tracker.dates import NotADate
from tracker.errors import Malformed
from tracker.loading import reading
from tracker.loading.spreadsheets.files import read_tables
from tracker.loading.spreadsheets.grids import HEADER_WITHIN
from tracker.loading.spreadsheets.office_dates import office_date, office_period
from tracker.loading.spreadsheets.sheet_columns import COLUMNS, code_for, headings, is_total
from tracker.loading.spreadsheets.splitting import has_marks
from tracker.loading.spreadsheets.tables import Cell, Line, Table, letters
from tracker.loading.spreadsheets.worksheets import CODES
from tracker.validation import match_key

LOOKED_AT = 1_000
"""How many rows are looked at."""
MOST_WORDS = 30


@dataclass(slots=True)
class _Guess:
    """What a column seems to fill in, how sure that is, and what stands in it."""

    column: int
    heading: str
    key: str
    name: str | None = None
    why: str = ""
    cells: list[Cell] = field(default_factory=list)

    def share(self, fits: int) -> float:
        return fits / len(self.cells) if self.cells else 0.0


def guessed_map(path: str, today: str) -> str:
    """Read a spreadsheet and give the text of a map for it, commented; raises Malformed."""
    tables = [table for file in reading.files([path]) for table in _tables(file)]
    candidates = [(table, *_header(table)) for table in tables if table.lines and table.name not in CODES]
    if not candidates:
        raise Malformed([reading.empty(path)])
    table, header, _ = max(candidates, key=lambda each: each[2])
    lines = [line for line in table.lines if line.number > header.number][:LOOKED_AT]
    guesses = _columns(header, lines)
    _by_headings(guesses)
    _by_content(guesses, today)
    others = [each for each, _, _ in candidates if each is not table]
    return "".join(f"{_printable(line)}\n" for line in _text(table, header, guesses, lines, others, today))


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


def _columns(header: Line, lines: Sequence[Line]) -> list[_Guess]:
    count = Counter(match_key(cell.text) for cell in header.cells.values())
    result = []
    for column in sorted({column for line in (header, *lines) for column in line.cells}):
        cell = header.cells.get(column)
        text = "" if cell is None else " ".join(cell.text.split())
        is_unique = bool(text) and count[match_key(text)] == 1
        guess = _Guess(column, text, text if is_unique else letters(column))
        guess.cells = [line.cells[column] for line in lines if column in line.cells]
        result.append(guess)
    return result


def _by_headings(guesses: list[_Guess]) -> None:
    known = headings()
    for guess in guesses:
        name = known.get(match_key(guess.heading)) if guess.heading else None
        if name is not None and not _taken(guesses, name):
            guess.name, guess.why = name, "sure: so it is called"
    for guess in guesses:
        if guess.name is None and guess.heading:
            name = _inside(match_key(guess.heading), known)
            if name is not None and not _taken(guesses, name):
                guess.name, guess.why = name, "likely: its heading holds the words"


def _by_content(guesses: list[_Guess], today: str) -> None:
    """Look at what stands in the columns: a heading alone may mislead."""
    for guess in guesses:
        statuses = sum(_status(cell) for cell in guess.cells)
        if guess.name == "follow_up.status" and guess.cells and guess.share(statuses) < 0.5:
            guess.name, guess.why = "follow_up.note", "likely: called a status, but it holds sentences"
            if _taken([each for each in guesses if each is not guess], "follow_up.note"):
                guess.name, guess.why = None, "called a status, but it holds sentences"
        elif (
            guess.name is None
            and len(guess.cells) > 1
            and guess.share(statuses) > 0.8
            and not _taken(guesses, "follow_up.status")
        ):
            guess.name, guess.why = "follow_up.status", "a guess: its words are statuses"
        periods = sum(_is_period(cell) for cell in guess.cells)
        if (
            guess.name in ("agreement.signed_on", "clause.due", None)
            and guess.share(periods) > 0.5
            and not _taken(guesses, "agreement.period")
        ):
            guess.name, guess.why = "agreement.period", "a guess: it holds periods"
        day = sum(_is_date(cell, today) for cell in guess.cells)
        if (
            guess.name == "agreement.period"
            and guess.share(periods) < 0.2 < guess.share(day)
            and not _taken(guesses, "agreement.ends")
        ):
            guess.name, guess.why = (
                "agreement.ends",
                "a guess: called a period, but it holds single dates; are they the last?",
            )
        if (
            guess.name is None
            and len(guess.cells) > 1
            and guess.share(day) > 0.8
            and not _taken(guesses, "agreement.signed_on")
        ):
            guess.name, guess.why = (
                "agreement.signed_on",
                "a guess: it holds dates, and nothing else is the day of signing",
            )


def _text(
    table: Table, header: Line, guesses: list[_Guess], lines: list[Line], others: list[Table], today: str
) -> Iterator[str]:
    yield f"# A map for {table.called}, guessed by looking at {len(lines):,} rows. Look through it, then:"
    yield f"#   tracker load {json.dumps(table.file, ensure_ascii=False)} --map THIS-FILE --dry-run"
    yield "tracker: 1"
    if table.name is not None:
        yield f"sheet: {_quoted(table.name)}"
    for other in others:
        yield f"# not looked at: the sheet {other.called}"
    yield f"header: {header.number}"
    rows, why = _rows(guesses, lines)
    yield f"rows: {rows}  # {why}"
    split, why = _split(guesses, rows)
    yield f"split: {split}  # {why}"
    yield "# party: ID-OR-NAME  # who keeps this register and signs every agreement, if it is not among the parties"
    if _is_year_first(guesses, today):
        yield "dates: year-first  # a guess: years of two digits stand first wherever a row shows it"
    yield "columns:"
    for guess in guesses:
        yield from _column(guess)
    if split != "none" and any(guess.name == "follow_up.status" for guess in guesses):
        yield "# What a row says of the status is recorded for every clause of that row."
    yield from _values(guesses)
    yield from _defaults(guesses)


def _column(guess: _Guess) -> Iterator[str]:
    example = next((" ".join(cell.text.split())[:40] for cell in guess.cells), "")
    shown = f"; e.g. {example}" if example else "; it is empty"
    if guess.name is None:
        why = guess.why or ("no heading" if not guess.heading else "not recognised")
        yield f"  {_quoted(guess.key)}: ignore  # {why}; say what it fills in, or leave it{shown}"
    else:
        yield f"  {_quoted(guess.key)}: {guess.name}  # {guess.why}{shown}"


def _values(guesses: list[_Guess]) -> Iterator[str]:
    """Yield the words of columns with codes that mean no code yet."""
    begun = False
    for guess in guesses:
        codelist = COLUMNS[guess.name].codelist if guess.name else None
        if codelist is None:
            continue
        words = Counter(
            cell.text
            for cell in guess.cells
            if code_for(codelist, cell.text) is None and not _not_assessed(cell)
        )
        if not words:
            continue
        if not begun:
            yield "values:  # what words of these columns mean; null: nothing"
            begun = True
        yield f"  {_quoted(guess.key)}:  # one of {', '.join(codelist)}"
        for word, count in words.most_common(MOST_WORDS):
            yield f"    # {_quoted(' '.join(word.split()))}: …  # {count} times"
        if len(words) > MOST_WORDS:
            yield f"    # and {len(words) - MOST_WORDS} more"


def _defaults(guesses: list[_Guess]) -> Iterator[str]:
    names = {guess.name for guess in guesses}
    title = next((guess for guess in guesses if guess.name == "agreement.title"), None)
    yield "defaults:  # for every row that does not say it"
    if "agreement.kind" not in names:
        called = (
            0
            if title is None
            else sum("협약" in cell.text or "MOU" in cell.text.upper() for cell in title.cells)
        )
        count = 0 if title is None else len(title.cells)
        yield f"  agreement.kind: mou  # a guess: {called} of {count} titles speak of an 협약 or MOU"
    if "follow_up.status" in names and "follow_up.effective_on" not in names:
        yield "  # follow_up.effective_on: 2024-12-31  # needed: the day as of which the statuses hold"
    if "follow_up.status" in names and "follow_up.reason" not in names:
        unreasoned = _without_a_reason(guesses)
        if unreasoned:
            said = ", ".join(list(unreasoned)[:4])
            yield f"  # follow_up.reason: other  # needed for {unreasoned.total()} rows: {said}"


def _without_a_reason(guesses: list[_Guess]) -> Counter[str]:
    """Count the words of a register that mean a status for which a reason has to be given."""
    return Counter(
        " ".join(cell.text.split())
        for guess in guesses
        if guess.name == "follow_up.status"
        for cell in guess.cells
        if code_for(RECORDED_STATUS, cell.text) in NEED_A_REASON
    )


def _rows(guesses: list[_Guess], lines: list[Line]) -> tuple[str, str]:
    for name in ("agreement.id", "agreement.identifier", "agreement.title"):
        guess = next((each for each in guesses if each.name == name), None)
        if guess is None or not guess.cells:
            continue
        counted = [
            line for line in lines if not is_total([cell.text for _, cell in sorted(line.cells.items())])
        ]
        blank = sum(guess.column not in line.cells for line in counted)
        repeated = len(guess.cells) - len({cell.text for cell in guess.cells})
        if repeated or blank > len(counted) // 10:
            return "clause", f"`{guess.heading}` is the same or blank in {repeated + blank} rows"
        return "agreement", f"`{guess.heading}` differs in every row"
    return "clause", "a guess: no column says which agreement a row is about"


def _split(guesses: list[_Guess], rows: str) -> tuple[str, str]:
    guess = next((each for each in guesses if each.name == "clause.text"), None)
    if guess is None or not guess.cells:
        return "none", "no column holds clauses"
    marked = sum(has_marks(cell.text) for cell in guess.cells)
    several = sum("\n" in cell.text for cell in guess.cells if not has_marks(cell.text))
    count = len(guess.cells)
    if marked:
        return "marks", f"{marked} of {count} cells hold several clauses with marks"
    if rows == "agreement" and several > count // 3:
        return "lines", f"a guess: {several} of {count} cells hold several lines without marks"
    return "none", "one clause a cell"


def _is_year_first(guesses: list[_Guess], today: str) -> bool:
    """Return whether two-digit years stand first in every date that is not certain without knowing that."""
    doubtful = certain = 0
    for guess in guesses:
        if guess.name is None or COLUMNS[guess.name].kind != "date":
            continue
        for cell in guess.cells:
            for text in re.split("[~∼～]", cell.text):
                result = re.fullmatch(r"\s*(\d{2})([./-])(\d{1,2})\2(\d{1,2})\.?\s*", text)
                if result is None:
                    continue
                doubtful += 1
                year, _, month, day = result.groups()
                if int(month) > 12 or int(day) > 31:
                    return False
                certain += int(day) > 12 and f"20{year}" <= today[:4]
    return bool(doubtful) and certain > doubtful // 4


def _taken(guesses: Sequence[_Guess], name: str) -> bool:
    return any(guess.name == name for guess in guesses)


def _inside(key: str, known: dict[str, str]) -> str | None:
    """Return what the longest known heading inside a longer one fills in."""
    result = [word for word in known if len(word) > 2 and word in key]
    return known[max(result, key=len)] if result else None


def _status(cell: Cell) -> bool:
    codelist = COLUMNS["follow_up.status"].codelist
    assert codelist is not None
    return code_for(codelist, cell.text) is not None or _not_assessed(cell)


def _not_assessed(cell: Cell) -> bool:
    return match_key(cell.text) in ("미평가", "notassessed")


def _is_date(cell: Cell, today: str) -> bool:
    try:
        office_date(cell.value, today=today, year_first=True)
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
