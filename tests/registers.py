"""Registers that nobody thought of: seed content with every field, odd texts, and references in circles."""

from __future__ import annotations

import unicodedata
from typing import Any

from hypothesis import strategies as st

from tracker import codes
from tracker.codes import STATUSES
from tracker.models import (
    Affiliation,
    Agreement,
    AgreementParty,
    Base,
    Clause,
    ClauseParty,
    Evidence,
    Field,
    FollowUp,
    Identifier,
    Initiative,
    Party,
    PartyName,
    Quote,
    Source,
)
from tracker.validation import writable

WORDS = [
    "NO", "y", "null", "~", "0123", "12:30", "1e3", "0x1F", "0o17", "1_000", "-", "- a", "? b", ": c", "d: e", "f:",
    "g #h", "#i", "&j", "*k", "!l", "|", ">", "%m", "@n", "`o`", "{p}", "[q]", "r, s", "'t'", '"u"', "v\\nw", " x", "y ",
    "2020-08-31", "2020-08-31T01:00:00Z", "<<", "=", "...", "---", "a\nb", "a\n", "\na", "a\n\nb\n", "a\n b", "  a\nb",
    "a \nb", "a\r\nb", "a\tb", "\ta", "a\n\tb", "\x85a\u2028b\u2029", "\x01\x7f", "\ufeffa", "a\u200bb", "\u3000가", "가\xa0나",
    "업무협약: 제3조 (지원)", "▲ 데이터", "한\u1112\u1161\u11ab", "👩‍👩‍👧 ok", "e\u0301", "\u0301a", "=\u0338", "\U0001f1f0\U0001f1f7", "\ufffe", "a" * 1200,
    "it is one\n# not a comment\n- nor a list\n", "key: value\nanother: one", "…", "“quoted”", "Norway", "on", "Infinity", ".inf",
]  # fmt: skip
DATES = ["2020", "2020-08", "2020-08-31", "2020-08~", "2020-08-31?", "201X", "2020-08-31/2020-09", "2020/..", "../2021", "XXXX-XX-31"]  # fmt: skip
PAST = ["2019", "2020-02", "2020-02-29", "2020~", "201X"]
DAYS = ["2020-08-31", "2021-02-28", "0001-01-01"]
INSTANTS = ["2020-08-31T01:00:00.000000Z", "2021-01-01T00:00:00.000001Z", "1970-01-01T00:00:00.123000Z"]


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _texts(most: int) -> st.SearchStrategy[str]:
    letters = st.characters(codec="utf-8", exclude_characters="\0")
    free = st.text(letters, min_size=1, max_size=12)
    return (
        (st.sampled_from(WORDS) | free)
        .map(lambda text: _clean(text)[:most])
        .filter(lambda text: bool(text.strip()) and len(_clean(text)) <= most)
    )


def _tokens(field: Field) -> st.SearchStrategy[str]:
    if field.pattern == "[0-9a-f]{64}":
        return st.sampled_from(["0123456789" * 6 + "0123", "ab" * 32])
    if field.pattern == "[A-Z]{2}":
        return st.sampled_from(["KR", "NO"])
    if field.pattern:
        return st.sampled_from(["ko", "no", "en-GB", "on"])
    controls = [chr(code) for code in (*range(0x20), 0x7F)]
    return _texts(field.length or 80).filter(lambda text: not any(control in text for control in controls))


def _value(field: Field) -> st.SearchStrategy[Any]:
    if field.codelist is not None:
        return st.sampled_from(field.codelist.codes)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "date": st.sampled_from(DATES),
        "day": st.sampled_from(DAYS),
        "instant": st.sampled_from(INSTANTS),
        "number": st.sampled_from([max(field.low, 1), 7, field.high]),
        "url": st.sampled_from(
            ["https://example.org/a?b=c#d", "http://예시.한국/가,나", "https://x.org/{a}[b]:"]
        ),
    }
    if field.kind in kinds:
        return kinds[field.kind]
    return _tokens(field) if field.kind == "token" else _texts(field.length or 200)


@st.composite
def _rows(draw: st.DrawFn, /, model: type[Base], ids: dict[str, list[str]], **fixed: Any) -> dict[str, Any]:
    """Draw a resource or a nested row with any of its fields; references go to ``ids`` by table and kind."""
    row: dict[str, Any] = {}
    for name, field in writable(model, "seed").items():
        if field.hidden or field.kind == "id" or name in fixed:
            continue
        needed = field.required and not field.defaulted
        if not needed and draw(st.booleans()):
            continue
        if field.kind == "reference":
            known = ids.get(field.target_kind or field.target or "", [])
            if known:
                row[name] = draw(st.sampled_from(known))
        else:
            row[name] = draw(_value(field))
    return {**row, **{name: value for name, value in fixed.items() if value is not None}}


def _listed(item: st.SearchStrategy[Any], *keys: str, most: int = 3) -> st.SearchStrategy[list[Any]]:
    by = (lambda entry: tuple(entry.get(key) for key in keys)) if keys else None
    return st.lists(item, max_size=most, unique_by=by)


def _identifiers(ids: dict[str, list[str]]) -> st.SearchStrategy[list[Any]]:
    number = _rows(Identifier, ids, party=None, agreement=None, source=None)
    return _listed(number, "scheme", "value")


@st.composite
def registers(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the content of a seed file."""
    organisations = ["acity", "no", "z-agency", "1e3"][: draw(st.integers(1, 4))]
    persons = ["0123", "mayor"][: draw(st.integers(0, 2))]
    sources = ["paper", "2020-08-31"][: draw(st.integers(0, 2))]
    initiatives = ["series", "null"][: draw(st.integers(0, 2))]
    agreements = ["b-2020", "a-2021", "c"][: draw(st.integers(0, 3))]
    clauses = {id: draw(st.lists(st.sampled_from([1, 2, 10]), max_size=3, unique=True)) for id in agreements}
    ids = {
        "party": organisations + persons,
        "organisation": organisations,
        "person": persons,
        "source": sources,
        "initiative": initiatives,
        "series": initiatives[:1],
        "agreement": agreements,
        "clause": [f"{id}.{number}" for id, numbers in clauses.items() for number in numbers],
    }
    register = {
        "sources": [draw(_source(id, ids)) for id in sources],
        "parties": [draw(_party(id, ids)) for id in ids["party"]],
        "initiatives": [
            draw(_rows(Initiative, ids, id=id, kind="series"))
            if id in ids["series"]
            else draw(_rows(Initiative, ids, id=id))
            for id in initiatives
        ],
        "agreements": [draw(_agreement(id, clauses[id], ids)) for id in agreements],
    }
    return {"tracker": 1, **{name: entries for name, entries in register.items() if entries}}


@st.composite
def _source(draw: st.DrawFn, id: str, ids: dict[str, list[str]]) -> dict[str, Any]:
    identifiers = draw(_identifiers(ids))
    return draw(_rows(Source, ids, id=id, char_count=None, identifiers=identifiers))


@st.composite
def _party(draw: st.DrawFn, id: str, ids: dict[str, list[str]]) -> dict[str, Any]:
    kind = "person" if id in ids["person"] else "organisation"
    later = ids[kind][ids[kind].index(id) + 1 :]  # in one direction: no circle
    party = draw(
        _rows(
            Party,
            ids,
            id=id,
            kind=kind,
            successor=draw(st.none() | st.sampled_from(later)) if later else None,
            names=[_in_order(entry) for entry in draw(_listed(_rows(PartyName, ids), "name", "kind"))],
            affiliations=[_in_order(entry) for entry in draw(_listed(_rows(Affiliation, ids)))]
            if kind == "person"
            else [],
            identifiers=draw(_identifiers(ids)),
        )
    )
    if kind == "person":
        party.pop("class", None)
    if "successor" not in party or "founded" in party:
        party.pop("succeeded_on", None)
    return party


def _in_order(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of which nobody can say that it ends before it begins."""
    return {name: value for name, value in entry.items() if name != "valid_to" or "valid_from" not in entry}


@st.composite
def _agreement(draw: st.DrawFn, id: str, numbers: list[int], ids: dict[str, list[str]]) -> dict[str, Any]:
    others = [other for other in ids["agreement"] if other != id]
    links = [
        {"kind": draw(st.sampled_from(codes.LINK_KIND.codes)), "target": other}
        for other in others
        if draw(st.booleans())
    ]
    role = st.sampled_from(codes.PARTY_ROLE.codes)
    parties = [draw(_rows(AgreementParty, ids, party=party, role=draw(role))) for party in ids["party"]]
    agreement = draw(
        _rows(
            Agreement,
            ids,
            id=id,
            sources=draw(st.lists(st.sampled_from(ids["source"]), unique=True)) if ids["source"] else [],
            initiatives=ids["initiative"],
            parties=parties,
            links=links,
            identifiers=draw(_identifiers(ids)),
            clauses=[draw(_clause(f"{id}.{number}", number, ids)) for number in numbers],
            quotes=[
                draw(_quote(number, [f"{id}.{clause}" for clause in numbers], ids))
                for number in draw(st.sampled_from([[], [1], [10, 2]]))
            ],
        )
    )
    is_ended = agreement.get("lifecycle") in ("terminated", "cancelled")
    wrong = {"ends"} if "starts" in agreement else set()
    wrong |= set() if is_ended else {"ended_on", "end_reason"}
    wrong |= {"ended_on"} if "signed_on" in agreement else set()
    return {name: value for name, value in agreement.items() if name not in wrong}


def _span(row: dict[str, Any], sources: list[str]) -> dict[str, Any]:
    plain = {name: value for name, value in row.items() if name not in ("source", "start", "end")}
    if "start" in row and sources:
        return plain | {"source": sources[0], "start": 7, "end": 7 + len(row["text"])}
    return plain


@st.composite
def _clause(draw: st.DrawFn, id: str, number: int, ids: dict[str, list[str]]) -> dict[str, Any]:
    clause = draw(
        _rows(
            Clause,
            ids,
            number=number,
            parties=draw(_listed(_rows(ClauseParty, ids), "party", "role")),
            follow_ups=draw(
                st.lists(_follow_up(id, ids), max_size=3, unique_by=lambda follow_up: follow_up["id"])
            ),
        )
    )
    return _span(clause, ids["source"])


@st.composite
def _quote(draw: st.DrawFn, number: int, own: list[str], ids: dict[str, list[str]]) -> dict[str, Any]:
    clauses = draw(st.lists(st.sampled_from(own), unique=True)) if own else []
    return _span(draw(_rows(Quote, ids, number=number, clauses=clauses)), ids["source"])


@st.composite
def _follow_up(draw: st.DrawFn, clause: str, ids: dict[str, list[str]]) -> dict[str, Any]:
    evidence = [draw(_evidence(ids)) for _ in range(draw(st.integers(0, 2)))]
    evidence.append({"reference": draw(_texts(500)), "stance": "supports"})
    replaced_by = [other for other in ids["clause"] if other != clause]
    return draw(
        _rows(
            FollowUp,
            ids,
            id=draw(st.uuids(version=4).map(str)),
            status=draw(st.sampled_from([status for status in STATUSES if status != "not_assessed"])),
            reason=draw(st.sampled_from(codes.REASON.codes)),
            effective_on=draw(st.sampled_from(PAST)),
            replaced_by=draw(st.sampled_from(replaced_by)) if replaced_by else None,
            evidence=evidence,
        )
    )


@st.composite
def _evidence(draw: st.DrawFn, ids: dict[str, list[str]]) -> dict[str, Any]:
    item: dict[str, Any] = draw(_rows(Evidence, ids, url=None, source=None, reference=None))
    places: list[dict[str, Any]] = [{"url": "https://example.org/a,b"}, {"reference": draw(_texts(500))}]
    places += [{"source": source} for source in ids["source"]]
    item |= draw(st.sampled_from(places))
    return item
