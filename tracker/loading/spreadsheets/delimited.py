"""CSV (RFC 4180) as spreadsheets write it, in every encoding that they use, each cell with its place."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from tracker.errors import Fault, Malformed, Place
from tracker.formulas import harmless, unquoted
from tracker.loading.spreadsheets.tables import Line, Table, text_cell


def read_csv(name: str, raw: bytes) -> Table:
    """Read CSV (RFC 4180): UTF-8, UTF-16 or CP949; commas, semicolons or tabs; raises Malformed.

    Apostrophes that keep a spreadsheet from taking a cell for a formula are dropped.
    """
    text = _decoded(name, raw).replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        before = text[: text.index("\0")].split("\n")
        at = Place(name, len(before), len(before[-1]) + 1)
        raise Malformed([Fault("nul", "a NUL character (U+0000) cannot be stored", "remove it", place=at)])
    table = Table(name, None)
    for number, record in _records(name, text, _delimiter(text)):
        cells = {}
        for column, (value, place) in enumerate(record, start=1):
            cell = text_cell(unquoted(value), place)
            if cell is not None:
                cells[column] = cell
        if cells:
            table.lines.append(Line(number, cells))
    return table


def _decoded(name: str, raw: bytes) -> str:
    encoding = _encoding(raw)
    try:
        if encoding is not None:
            return raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        pass
    detail = "the text is neither UTF-8 nor CP949 nor UTF-16"
    raise Malformed([Fault("bad_encoding", detail, "save it as CSV UTF-8", place=Place(name, 1, 1))])


def _encoding(raw: bytes) -> str | None:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    zeros = raw[:2000].count(0)  # in UTF-16 every ASCII letter has one
    if zeros * 8 > len(raw[:2000]) or (zeros and not _is_utf_8(raw)):
        even, odd = raw[:2000:2].count(0), raw[1:2000:2].count(0)
        return "utf-16-le" if odd > even else "utf-16-be"
    if _is_utf_8(raw):
        return "utf-8"
    try:
        raw.decode("cp949")
    except UnicodeDecodeError:
        return None
    return "cp949"


def _is_utf_8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: str) -> str:
    """Return what separates the cells of the first lines, quotes left aside; a comma where nothing does."""
    head = re.sub(r'"(?:[^"]|"")*"?', "", text[:20_000])
    lines = [line for line in head.splitlines() if line.strip()][:20]
    counts = {each: max((line.count(each) for line in lines), default=0) for each in ",\t;"}
    best = max(counts, key=lambda each: counts[each])
    return best if counts[best] else ","


def _records(name: str, text: str, delimiter: str) -> Iterator[tuple[int, list[tuple[str, Place]]]]:
    """Yield the records with the line on which each begins, and where each of their cells does."""
    cell = re.compile(rf'("(?:[^"]|"")*"|[^"{delimiter}\n][^{delimiter}\n]*|)({delimiter}|\n|\Z|)')
    line, start, at, first = 1, 0, 0, 1
    record: list[tuple[str, Place]] = []
    while at <= len(text):
        result = cell.match(text, at)
        place = Place(name, line, at - start + 1)
        if result is None or (not result[2] and result.end() < len(text)):
            raise Malformed([_broken(text, at, place)])
        value: str = result[1]
        breaks = value.count("\n")
        if breaks:
            line, start = line + breaks, result.start(1) + value.rindex("\n") + 1
        record.append((value[1:-1].replace('""', '"') if value.startswith('"') else value, place))
        at = result.end()
        if result[2] != delimiter:
            yield first, record
            record = []
            line, start = line + 1, at
            first = line
            if result[2] == "" or at == len(text):
                return


def _broken(text: str, at: int, place: Place) -> Fault:
    if text.count('"', at) % 2 and not re.match(r'"(?:[^"]|"")*"', text[at:]):
        return Fault("syntax", "the text in quotes that begins here is not closed", "close it", place=place)
    hint = 'write `"` inside a cell as `""`, and the whole cell in quotes'
    return Fault("syntax", "a quotation mark stands where a cell cannot have one", hint, place=place)


def csv_text(rows: Iterator[list[str]]) -> str:
    """Write rows as CSV (RFC 4180), every cell harmless to spreadsheets."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([harmless(cell) for cell in row] for row in rows)
    return buffer.getvalue()
