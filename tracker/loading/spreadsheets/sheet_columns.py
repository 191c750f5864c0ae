"""The columns of sheets, made from the models' Fields, and the words that their cells may hold.

A column is named by what it fills in: `agreement.title`, `clause.text`, `follow_up.status`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tracker.codes import Codelist, Label, Lang
from tracker.models import Agreement, Clause, FollowUp, Resource, fields_of, label_of
from tracker.models.columns import Kind, Sheet
from tracker.validation import match_key, writable

ColumnKind = Literal["text", "date", "code", "number", "names"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column that sheets can have: its name, its headings, how its cells are read."""

    name: str
    label: Label
    kind: ColumnKind = "text"
    width: int = 14
    codelist: Codelist | None = None
    in_template: bool = True
    not_ahead: bool = False
    """A date that cannot lie after today."""
    one_line: bool = False
    """A text that stands on one line, however its cell breaks it."""

    def heading(self, lang: Lang) -> str:
        """Return its heading in a language."""
        return self.label.text(lang)

    @property
    def field(self) -> str:
        """The name of the field that it fills in."""
        return self.name.rpartition(".")[2]


_KINDS: dict[Kind, ColumnKind] = {
    "date": "date",
    "day": "date",
    "code": "code",
    "number": "number",
    "reference": "names",
}


def _columns_of(model: type[Resource]) -> Iterator[Column]:
    """Yield the columns of the fields that a person fills in, in the model's order."""
    for name, field in writable(model, "seed").items():
        shown: Sheet = field.sheet
        if shown == "none" or field.hidden or field.set_by != "client":
            continue
        yield Column(
            f"{model.__tablename__}.{name}",
            label_of(name, field),
            _KINDS.get(field.kind, "text"),
            field.width,
            field.codelist,
            shown == "template",
            field.not_ahead,
            field.kind == "token",
        )


IDENTIFIER = Column(
    "agreement.identifier",
    Label.parse("Register number | 관리번호 | 협약번호, 등록번호, 문서번호, Reg. no"),
    one_line=True,
)
PERIOD = Column(
    "agreement.period",
    Label.parse("Period | 협약기간 | 기간, 유효기간, 협약 유효기간, 사업기간, Term, Duration"),
    "date",
    26,
    in_template=False,
)
PARTIES = Column(
    "agreement.parties",
    Label.parse(
        "Parties | 협약기관 | 상대기관, 협약상대, 협약상대방, 협약대상, 상대방, 협약당사자, 참여기관, 체결기관, "
        "협약 상대기관, 대상기관, Counterparty, Partner, Partners"
    ),
    "names",
    34,
)
_DEPARTMENT = fields_of(Clause)["department"]
DEPARTMENT = Column("department", label_of("department", _DEPARTMENT), width=_DEPARTMENT.width, one_line=True)
EVIDENCE = Column(
    "follow_up.evidence",
    Label.parse("Evidence | 증빙 | 증빙자료, 근거, 근거자료, 관련문서, 증빙(URL·문서번호)"),
    width=30,
)

AGREEMENT_COLUMNS = tuple(_columns_of(Agreement))
CLAUSE_COLUMNS = tuple(column for column in _columns_of(Clause) if column.field != "department")
FOLLOW_UP_COLUMNS = tuple(_columns_of(FollowUp))

IDENTITY = ("agreement.id", IDENTIFIER.name, "agreement.title")
"""The columns that say which agreement a row is about, the surest first."""
COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        IDENTIFIER, *AGREEMENT_COLUMNS, PERIOD, PARTIES, DEPARTMENT, *CLAUSE_COLUMNS, *FOLLOW_UP_COLUMNS, EVIDENCE,
    )
}  # fmt: skip
"""Every column that a map may name; those of a template in its order."""

NO_CHANGE = Label.parse("no change | 변동 없음 | unchanged, 변동사항 없음, 변경 없음, 변화 없음, 이상 없음")
_ROW_NUMBERS = frozenset(
    map(match_key, ("일련번호", "연번", "순번", "번호", "순서", "순", "no", "number", "serial number", "#"))
)
_BLANK = frozenset(map(match_key, (
    "-", "–", "—", "ㅡ", "·", ".", "~", "/", "?", "미정", "미상", "미확정", "추후 결정", "추후 확정", "추후 협의", "해당 없음",
    "해당 사항 없음", "해당무", "없음", "공란", "n/a", "none", "null", "tbd", "tbc", "not applicable",
)))  # fmt: skip
_TOTAL = re.compile(r"(?:총|합|소|누)?계|총|total|subtotal|sum|grand total")
_COUNTED = re.compile(r"[0-9,]+(?:건|개|회|개사|개소|곳|명)?")


def code_for(codelist: Codelist, word: str) -> str | None:
    """Return the code that a word means: the code, a label in either language, or a synonym."""
    return _codes_by_word(codelist).get(match_key(word))


def labels_of(codelist: Codelist, lang: Lang = "ko") -> list[str]:
    """Return what a cell of a template may say."""
    return [codelist.label(code, lang) for code in codelist]


def known_words(codelist: Codelist) -> list[str]:
    """Return every word that means a code: for hints."""
    synonyms = [word for label in codelist.labels.values() for word in label.synonyms]
    return [*labels_of(codelist, "ko"), *labels_of(codelist, "en"), *codelist, *synonyms]


def means_no_change(word: str) -> bool:
    """Return whether a cell says that a status is still the same."""
    return match_key(word) in map(match_key, (NO_CHANGE.en, NO_CHANGE.ko, *NO_CHANGE.synonyms))


def counts_rows(heading: str) -> bool:
    """Return whether a column so called counts its rows: such numbers start again, or move with the rows."""
    return match_key(heading) in _ROW_NUMBERS


def is_blank(text: str) -> bool:
    """Return whether a cell says that there is nothing to say: `-`, 미정, 해당없음."""
    return len(text) < 20 and match_key(text) in _BLANK


def is_total(text: str) -> bool:
    """Return whether a row that begins with this text is a sum: 합계, `총 12건`, `소계(3건)`."""
    key = match_key(text[:40])
    total = _TOTAL.match(key)
    return total is not None and (
        total.end() == len(key) != 1 or key == "계" or _COUNTED.fullmatch(key, total.end()) is not None
    )


@cache
def headings(*, own_only: bool = False) -> dict[str, str]:
    """Return the columns by the match keys of their headings: a template's own first, then those of offices."""
    columns = COLUMNS.values()
    words = [
        (word, column.name) for column in columns for word in (column.name, column.label.ko, column.label.en)
    ]
    if not own_only:
        words += [(word, column.name) for column in columns for word in column.label.synonyms]
    by_key: dict[str, str] = {}
    for word, name in words:
        by_key.setdefault(match_key(word), name)
    return by_key


@cache
def _codes_by_word(codelist: Codelist) -> dict[str, str]:
    labels = codelist.labels.items()
    synonyms = {match_key(word): code for code, label in reversed(labels) for word in label.synonyms}
    own = {match_key(word): code for code, label in labels for word in (code, label.en, label.ko)}
    return synonyms | own
