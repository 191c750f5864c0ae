"""CSV (RFC 4180) as spreadsheets write it, in every encoding that they use, each cell with its place."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from tracker.errors import Fault, Malformed, Place
from tracker.formulas import harmless, unquoted
from tracker.loading.spreadsheets.sheet_columns import headings
from tracker.loading.spreadsheets.tables import Line, Table, text_cell
from tracker.validation import match_key

_DELIMITERS = (",", "\t", ";")
_CALLED = {"cp949": "CP949 (Korean Windows)", "cp1252": "Windows-1252 (Western European)"}
"""The encodings that nothing in a file names, so that a person should know which was taken."""
_NOT_ASCII = re.compile("[^\0-\x7f]+")
_WESTERN = re.compile("[À-ÖØ-öø-ÿŒœŠšŽžŸ“”‘’‚„–—…€£§°²³«»·•´½¼¾®©™\xa0]{1,2}")


def read_csv(name: str, raw: bytes) -> Table:
    """Read CSV (RFC 4180): UTF-8, UTF-16, CP949 or Windows-1252; commas, semicolons or tabs; raises Malformed.

    Apostrophes that keep a spreadsheet from taking a cell for a formula are dropped.
    """
    encoding, text = _decoded(name, raw)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        before = text[: text.index("\0")].split("\n")
        at = Place(name, len(before), len(before[-1]) + 1)
        raise Malformed([Fault("nul", "a NUL character (U+0000) cannot be stored", "remove it", place=at)])
    table = Table(name, None)
    if encoding in _CALLED:
        table.notes.append(f"{name} is read as {_CALLED[encoding]}")
    for number, record in _records(name, text, _delimiter(text)):
        cells = {}
        for column, (value, place) in enumerate(record, start=1):
            cell = text_cell(unquoted(value), place)
            if cell is not None:
                cells[column] = cell
        if cells:
            table.lines.append(Line(number, cells, len(record)))
    return table


def _decoded(name: str, raw: bytes) -> tuple[str, str]:
    """Return a file's encoding and its text; raises Malformed where none fits, or two do."""
    detail, hint = "the text is neither UTF-8 nor CP949 nor UTF-16 nor Windows-1252", "save it as CSV UTF-8"
    try:
        encoding = _encoding(raw)
        if encoding is not None:
            return encoding, raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        pass
    except _TwoEncodings as error:
        korean, western = error.args
        detail = f"the text may be CP949 (`{korean}`) or Windows-1252 (`{western}`)"
    raise Malformed([Fault("bad_encoding", detail, hint, place=Place(name, 1, 1))])


class _TwoEncodings(Exception):
    """A text may stand in CP949 or in Windows-1252; the arguments are how a part of it reads in each."""


def _encoding(raw: bytes) -> str | None:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    zeros = raw[:2000].count(0)  # in UTF-16 every ASCII letter has one
    if zeros * 8 > len(raw[:2000]) or (zeros and _as(raw, "utf-8") is None):
        even, odd = raw[:2000:2].count(0), raw[1:2000:2].count(0)
        return "utf-16-le" if odd > even else "utf-16-be"
    if _as(raw, "utf-8") is not None:
        return "utf-8"
    return _eight_bits(raw)


def _eight_bits(raw: bytes) -> str | None:
    """Return CP949 or Windows-1252, whichever text that looks like one; raises _TwoEncodings where both do.

    Korean text has runs of syllables from KS X 1001, a Western one single letters with accents and signs.
    """
    korean, western = _as(raw, "cp949"), _as(raw, "cp1252")
    is_western = western is not None and all(map(_WESTERN.fullmatch, _NOT_ASCII.findall(western)))
    is_korean = korean is not None and (_is_common(korean) or not is_western)
    if is_korean and is_western:
        at = next(index for index, byte in enumerate(raw) if byte > 0x7F)
        part = raw[max(at - 2, 0) : at + 12]
        raise _TwoEncodings(*(part.decode(each, "replace").strip() for each in ("cp949", "cp1252")))
    if is_korean:
        return "cp949"
    return "cp1252" if is_western else None


def _as(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_common(korean: str) -> bool:
    """Return whether a text has only what KS X 1001 has: CP949 adds syllables that hardly any word has."""
    try:
        korean.encode("euc_kr")
    except UnicodeEncodeError:
        return False
    return True


def _delimiter(text: str) -> str:
    """Return what separates the cells, quotes left aside; a comma where nothing does.

    It is what makes the most known headings in one row; else what stands in most rows as often as in others.
    """
    head = re.sub(r'"(?:[^"]|"")*"?', _without_separators, text[:50_000])
    lines = [line for line in head.splitlines() if line.strip()][:30]
    known = headings()

    def fit(delimiter: str) -> tuple[int, int, int]:
        as_headings = max(
            (sum(match_key(cell) in known for cell in line.split(delimiter)) for line in lines), default=0
        )
        count, rows = max(
            Counter(line.count(delimiter) for line in lines if delimiter in line).items(),
            key=lambda counted: (counted[1], counted[0]),
            default=(0, 0),
        )
        return (as_headings if as_headings > 1 else 0), rows, count

    return max(_DELIMITERS, key=fit)


def _without_separators(quoted: re.Match[str]) -> str:
    return re.sub('[,\\t;\n"]', " ", quoted[0])


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
