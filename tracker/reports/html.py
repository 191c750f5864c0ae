"""A report as one HTML file that needs nothing else and prints on A4: headings repeat, no row is torn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from tracker import codes
from tracker.reports.document import Document
from tracker.reports.parts import GROUPS, MARKS, Bar, Cell, Section, Table
from tracker.reports.words import Words


def html(found: Document) -> bytes:
    """Give a document as HTML, in UTF-8."""
    return "".join(_page(found)).encode("utf-8", "replace")


def _page(found: Document) -> Iterator[str]:
    as_of = next(value for name, value in found.meta if name == found.words("as_of"))
    foot = f"{found.title} · {found.words('as_of')} {as_of}"
    yield f'<!doctype html>\n<html lang="{found.lang}">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>{escape(foot)}</title>\n"
    yield f'<style>{_STYLE}@page {{ @bottom-left {{ content: "{_in_css(foot)}" }} }}</style>\n'
    yield f"</head>\n<body>\n{_PATTERNS}\n<header>\n<h1>{escape(found.title)}</h1>\n<dl>\n"
    for name, value in found.meta:
        yield f"<dt>{escape(name)}</dt><dd>{_inline(value)}</dd>\n"
    yield "</dl>\n</header>\n<main>\n"
    for section in found.sections:
        yield from _section(section, found.words)
        if section.key == "by_status":
            yield _legend(found.words)
    yield "</main>\n</body>\n</html>\n"


def _section(section: Section, words: Words) -> Iterator[str]:
    level = section.level + 1
    yield f'<section id="{section.key}" class="level{section.level}">\n'
    yield f"<h{level}>{escape(section.title)}</h{level}>\n"
    if section.note:
        yield f'<p class="note">{_inline(section.note)}</p>\n'
    if section.table is not None:
        if section.table.rows:
            yield from _table(section.table, section.key)
        else:
            yield f'<p class="none">{escape(section.empty)}</p>\n'
    yield "</section>\n"


def _table(table: Table, key: str) -> Iterator[str]:
    widths = "".join(f'<col style="width:{column.width}%">' for column in table.columns)
    heads = "".join(
        f'<th scope="col"{_CLASS[column.right]}>{escape(column.heading)}</th>' for column in table.columns
    )
    yield f'<table class="of-{key}"><colgroup>{widths}</colgroup>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n'
    for row in table.rows:
        cells = (
            f"<td{_CLASS[column.right]}>{_cell(cell)}</td>"
            for cell, column in zip(row, table.columns, strict=True)
        )
        yield f"<tr>{''.join(cells)}</tr>\n"
    yield "</tbody>\n</table>\n"


_CLASS = {True: ' class="right"', False: ""}


def _cell(cell: Cell) -> str:
    if isinstance(cell, Bar):
        return _bar(cell) + (f"<div>{_lines(cell.text)}</div>" if cell.text else "")
    return _lines(cell)


def _lines(text: str) -> str:
    """Give a text's lines; a clause's line hangs behind its mark, an id is set in small type."""
    return "".join(
        f'<div class="{"hang" if _HANGS.match(line) else "id" if _ID.fullmatch(line) else "line"}">{_unbroken(line)}</div>'
        for line in text.split("\n")
    )


def _unbroken(line: str) -> str:
    """Give a line's HTML, in which no date is broken at its hyphens."""
    return _DATE.sub(r'<span class="day">\g<0></span>', escape(line))


_DATE = re.compile(r"(?<![\w-])\d{4}-\d\d(-\d\d)?(?![\w-])")
_HANGS = re.compile(rf"([{re.escape(''.join(set(MARKS.values())))}] )?\d+\. ")
_ID = re.compile(r"(?=.*[a-z])[a-z0-9][a-z0-9-]*(\.\d+)?")


def _inline(text: str) -> str:
    """Give a text in which what stands between backticks is code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))


def _bar(bar: Bar) -> str:
    """Draw a bar as SVG, which prints even where backgrounds do not; patterns survive a copier."""
    pieces, x = [], 0.0
    for name, statuses in GROUPS.items():
        count = sum(bar.by_status.get(status, 0) for status in statuses)
        if not count:
            continue
        width = 100 * count / bar.total
        pieces.append(
            f'<rect class="{name}" x="{x:.2f}%" width="{width:.2f}%" y="0.5" height="9" {_PAINT[name]}/>'
        )
        x += width
    label = f' role="img" aria-label="{escape(bar.text, quote=True)}"' if bar.text else ' aria-hidden="true"'
    frame = '<rect x="0" y="0.5" width="100%" height="9" fill="none" stroke="#999" stroke-width="0.5"/>'
    return f'<svg class="bar"{label} width="100%" height="10">{frame}{"".join(pieces)}</svg>'


_PAINT = {
    "met": 'fill="#1b4d2b" stroke="#000" stroke-width="0.7"',
    "part": 'fill="url(#p-part)" stroke="#000" stroke-width="0.7"',
    "open": 'fill="#c9d6e2" stroke="#000" stroke-width="0.7"',
    "late": 'fill="url(#p-late)" stroke="#000" stroke-width="0.7"',
    "not": 'fill="url(#p-not)" stroke="#000" stroke-width="0.7"',
    "none": 'fill="url(#p-none)" stroke="#000" stroke-width="0.7"',
    "unknown": 'fill="#fff" stroke="#000" stroke-width="0.7"',
    "out": 'fill="#fff" stroke="#000" stroke-width="0.7" stroke-dasharray="1.5 1.5"',
}
_PATTERNS = """<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>
<pattern id="p-part" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="4" height="4" fill="#fff"/><rect width="2" height="4" fill="#2f7d47"/></pattern>
<pattern id="p-late" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="4" fill="#fff3d6"/><circle cx="2" cy="2" r="1" fill="#8a5a00"/></pattern>
<pattern id="p-not" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" fill="#fff"/><path d="M0 0L5 5M5 0L0 5" stroke="#8c1d18" stroke-width="0.9"/></pattern>
<pattern id="p-none" width="3" height="3" patternUnits="userSpaceOnUse"><rect width="3" height="3" fill="#fff"/><rect width="0.8" height="3" fill="#555"/></pattern>
</defs></svg>"""


def _legend(words: Words) -> str:
    """Give what each piece of a bar and each mark stands for."""
    pieces = []
    for statuses in GROUPS.values():
        said = ", ".join(words.label(codes.CURRENT_STATUS, status) for status in statuses)
        piece = _bar(Bar({statuses[0]: 1}, 1))
        pieces.append(f"<li>{piece}<span>{MARKS[statuses[0]]} {escape(said)}</span></li>")
    return f'<aside class="legend"><h3>{escape(words("legend"))}</h3><ul>{"".join(pieces)}</ul></aside>\n'


def _in_css(text: str) -> str:
    """Give a text as the inside of a CSS string, all but letters and digits spelled out."""
    return "".join(letter if letter.isalnum() else f"\\{ord(letter):x} " for letter in text)


_STYLE = """
:root { --line: #777; font-family: "Noto Sans CJK KR", "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", "맑은 고딕",
  "Nanum Gothic", system-ui, sans-serif; font-size: 10pt; line-height: 1.4; color: #111; background: #fff }
:lang(en) { font-family: "Noto Sans", "Helvetica Neue", Arial, "Noto Sans CJK KR", "Apple SD Gothic Neo", "Malgun Gothic", sans-serif }
body { max-width: 277mm; margin: 0 auto; padding: 8mm }
h1 { font-size: 20pt; margin: 0 0 4mm; border-bottom: 2pt solid #111; padding-bottom: 2mm }
h2 { font-size: 14pt; margin: 8mm 0 2mm; border-bottom: 1pt solid #111; padding-bottom: 1mm }
h3 { font-size: 11pt; margin: 5mm 0 1.5mm }
h1, h2, h3 { break-after: avoid; break-inside: avoid }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.5mm 4mm; margin: 0 }
dt { font-weight: 600 } dd { margin: 0; overflow-wrap: anywhere }
code { font-family: ui-monospace, "Noto Sans Mono", monospace; font-size: 0.88em; overflow-wrap: anywhere }
.note { margin: 0 0 1.5mm; color: #333; break-after: avoid } .none { margin: 0 }
table { width: 100%; table-layout: fixed; border-collapse: collapse; font-size: 8.5pt; line-height: 1.35 }
th, td { border: 0.6pt solid var(--line); padding: 0.7mm 1.3mm; text-align: left; vertical-align: top; overflow-wrap: anywhere; word-break: keep-all }
th { background: #e8e8e8; font-weight: 600; vertical-align: middle; print-color-adjust: exact; -webkit-print-color-adjust: exact }
.right { text-align: right; font-variant-numeric: tabular-nums }
.hang { padding-left: 1.9em; text-indent: -1.9em } .hang + .hang { margin-top: 0.7mm }
.id { font-size: 0.86em; color: #444; word-break: normal }
.day { white-space: nowrap }
.bar { display: block; width: 100%; height: 10px; margin: 0.6mm 0 0.8mm }
.of-annex { font-size: 7.6pt } #by_status { break-inside: avoid }
.legend { break-inside: avoid; margin-top: 4mm }
.legend ul { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(4, 1fr); gap: 1.5mm 5mm; font-size: 8.5pt }
.legend li { display: grid; grid-template-columns: 16mm 1fr; gap: 2mm; align-items: center }
thead { display: table-header-group } tr { break-inside: avoid; page-break-inside: avoid }
@page { size: A4 landscape; margin: 14mm 12mm 16mm;
  @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt }
  @bottom-left { font-size: 8pt } }
@media print { body { padding: 0; max-width: none } #annex { break-before: page } }
@media (max-width: 700px) { body { padding: 3mm } main { overflow-x: auto } table { min-width: 640px } }
"""
