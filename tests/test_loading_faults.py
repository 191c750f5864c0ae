"""Seed files that are refused: every fault at once, at its place, with the next step; nothing half-loaded."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests import rows
from tests.loads import FILE, TOWN, refused, told
from tracker.database.engine import Database
from tracker.errors import Invalid, Malformed
from tracker.loading import load, validate

ON_CLAUSE = TOWN.replace("text: first}", "text: first, follow_ups: [%s]}")


def faults(text: str | bytes, name: str = "a.yaml") -> list[str]:
    """Return the faults of a file without a database."""
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        validate([name])
    except (Invalid, Malformed) as error:
        return [str(fault) for fault in error.faults]
    return []


def followed(follow_up: str) -> list[str]:
    """Return the faults of a follow-up, without the place, which is in its line."""
    found = faults(ON_CLAUSE % follow_up)
    assert all(line.startswith("a.yaml:13:") for line in found)
    return [line.split(": ", 1)[1] for line in found]


def test_all_faults_of_all_files_come_at_once_and_nothing_is_loaded(database: Database) -> None:
    Path("a.yaml").write_text(TOWN.replace("party: town", "party: towm").replace("kind: mou", "kindd: mou"))
    Path("b.yaml").write_text("parties:\n  - {id: x, kind: persn, name: X}\n  - {id: y, kind: person}\n- z")
    Path("c.json").write_text('{"partys": [],\n "sources": [{"kind": "other", "title": "T"}, 5]}')
    Path("d.yaml").write_text("parties: [{id: whole, kind: person, name: Whole}]")
    with pytest.raises(Invalid) as refusal:
        load(database, ["a.yaml", "b.yaml", "c.json", "d.yaml"], FILE)
    assert str(refusal.value).splitlines() == [
        "a.yaml:7:5: `kind` is missing in agreement `deal`",
        "a.yaml:9:5: `kindd` is not a field of agreement; did you mean `kind`?",
        "a.yaml:11:23: party `towm` is not defined; did you mean `town`?",
        "b.yaml:4:1: this does not fit what stands before it; mend the indentation or the quotes",
        "c.json:1:2: `partys` is not a part of a seed file; did you mean `parties`?",
        "c.json:2:14: this source has no `id`; give it one that never changes",
        "c.json:2:47: a source must be a mapping of its fields",
    ]
    assert rows.counts(database)["party"] == rows.counts(database)["change"] == 0


def test_a_fault_in_one_clause_hides_neither_another_nor_what_refers_to_it() -> None:
    text = TOWN.replace("kind: listed, text: first", "kind: lsted, text: first").replace(
        "text: second", "text: second, start: 5, colour: red"
    )
    assert faults(text) == [
        "a.yaml:13:27: `kind`: `lsted` is not a code of clause_kind; did you mean `listed`?",
        "a.yaml:14:9: `source`, `start` and `end` go together; `source` and `end` missing; give all three or none",
        "a.yaml:14:59: `colour` is not a field of clause; known are number, kind, text, label, lang, due,"
        " first_due, department, source, start, end, parties, follow_ups",
    ]


def test_an_anchor_or_a_key_given_twice_hides_no_other_fault_of_its_file() -> None:
    text = (
        TOWN.replace("party: town", "party: &t towm")
        .replace("kind: listed, text: first", "kind: lsted, text: first, label: a, label: b")
        .replace("text: second", "text: *t")
    )
    assert faults(text) == [
        "a.yaml:11:23: the anchor `&t` is not allowed; remove it; a text that begins with `&` needs quotes",
        "a.yaml:11:23: party `towm` is not defined; did you mean `town`?",
        "a.yaml:13:27: `kind`: `lsted` is not a code of clause_kind; did you mean `listed`?",
        "a.yaml:13:57: the key `label` stands twice; it stands first at line 13, column 47",
        "a.yaml:14:41: the alias `*t` is not allowed; write out what it stands for; "
        "a text that begins with `*` needs quotes",
    ]


def test_json_that_can_be_understood_is_checked_to_its_end() -> None:
    text = (
        '{"parties": [{"id": "town", "kind": "organisatoin", "name": "To\\u0000wn", "founded": NaN},\n'
        ' {"id": "mayor", "kind": "person", "name": "M", "name": "Mayor", "successor": "maior"}],\n'
        ' "agreements": [{"id": "deal", "title": "Deal", "kind": "mou", "series_number": 99999999999999999999}]}'
    )
    assert faults(text, "a.json") == [
        "a.json:1:37: `kind`: `organisatoin` is not a code of party_kind; did you mean `organisation`?",
        "a.json:1:64: a NUL character (U+0000) cannot be stored; remove it",
        "a.json:1:86: NaN is not a JSON number; write null for an unknown number",
        "a.json:2:49: the key `name` stands twice; it stands first at line 2, column 36",
        "a.json:2:79: party `maior` is not defined; did you mean `mayor`?",
        "a.json:3:81: the number 99999999999999999999 does not fit 64 bits; write text in double quotes",
    ]


def test_a_fault_in_one_entry_of_a_list_hides_none_of_the_others() -> None:
    entries = [
        "{party: town, role: witnes}",
        "{party: towm}",
        "{party: mayor, signed_by: town}",
        "5",
        "{role: witness}",
        "{role: witness}",
    ]
    text = TOWN.replace("{party: town, signed_by: mayor}", ", ".join(entries)).replace(
        "    clauses:\n", "    sources: [papr, a b, paper]\n    clauses:\n"
    )
    text += "sources:\n  - {id: paper, kind: other, title: Paper}\n"
    assert [each.partition(" ")[2] for each in faults(text)] == [
        "`role`: `witnes` is not a code of party_role; did you mean `witness`?",
        "party `towm` is not defined; did you mean `town`?",
        "party `town` is not a person",
        "`parties[3]` must be an object",
        "`party` is missing",
        "`party` is missing",
        "source `papr` is not defined; did you mean `paper`?",
        "`sources[1]`: `a b` does not have the form of the id of a source",
    ]


def test_a_party_whose_kind_is_wrong_is_not_called_undefined() -> None:
    assert faults(TOWN.replace("id: mayor, kind: person", "id: mayor, kind: persom")) == [
        "a.yaml:5:23: `kind`: `persom` is not a code of party_kind; did you mean `person`?"
    ]


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ("start: 10, end: 14", "69: the span 10–14 holds 4 characters, the text 6; positions count"),
        ("start: 10, end: 10", "69: the span 10–10 is empty; `end` is exclusive"),
        ("start: 96, end: 102", "69: the span 96–102 goes beyond the source's 100 characters"),
    ],
)
def test_a_wrong_span_is_a_fault_where_it_ends(span: str, said: str) -> None:
    source = "sources: [{id: paper, kind: other, title: T, char_count: 100}]\n"
    (line,) = faults(source + TOWN.replace("text: second", f"text: second, source: paper, {span}"))
    _, _, column, words = line.split(":", 3)
    assert words.strip().startswith(said.split(": ", 1)[1])
    assert line.startswith("a.yaml:15:")
    assert int(column) > 70


def test_one_id_with_two_contents_is_a_fault_across_files_too(database: Database) -> None:
    Path("a.yaml").write_text(TOWN)
    Path("b.yaml").write_text("parties:\n  - {id: town, kind: organisation, name: Village}")
    with pytest.raises(Invalid) as refusal:
        load(database, ["a.yaml", "b.yaml"], FILE)
    assert str(refusal.value) == (
        "b.yaml:2:5: party `town` stands at a.yaml:3:5 with other content; keep one of the two"
    )
    Path("b.json").write_text('{"parties": [{"name": "Town", "kind": "organisation", "id": "town"}]}')
    assert load(database, ["a.yaml", "b.json"], FILE).created["party"] == 3


def test_empty_files_and_folders_are_faults() -> None:
    Path("empty").mkdir()
    assert faults("") == ["a.yaml:1:1: the file is empty"]
    assert faults(" \n", "a.json") == ["a.json:1:1: the file is empty"]
    with pytest.raises(Malformed) as refusal:
        validate(["empty", "nowhere.yaml"])
    assert str(refusal.value).splitlines() == [
        "the folder `empty` holds no seed file; names of seed files end in .yaml, .yml, .json, .jsonl, .xlsx, .csv",
        "there is no `nowhere.yaml`",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tracker: 2", "a.yaml:1:10: this is version '2' of the seed format; 1 is known"),
        ("[]", "a.yaml:1:1: a seed file is a mapping of sources, parties, initiatives and agreements"),
        ("parties: {a: b}", "a.yaml:1:10: `parties` must be a list"),
        ("agreements: [{id: d, title: T, kind: mou, clauses: {}}]", "a.yaml:1:52: `clauses` must be a list"),
        (
            "agreements: [{id: d, title: T, kind: mou, clauses: [{kind: listed, text: t}]}]",
            "a.yaml:1:53: this clause has no `number`; numbers begin at 1 and never change",
        ),
        (
            "parties: [{id: a, kind: person, name: A, successor: a}]",
            "a.yaml:1:53: a party cannot be its own successor",
        ),
        (
            "parties: [{id: a, kind: person, name: A, successor: b}, {id: b, kind: organisation, name: B}]",
            "a.yaml:1:53: party `b` is not a person",
        ),
        (
            "agreements: [{id: d, title: T, kind: mou, links: [{kind: renews, target: d}]}]",
            "a.yaml:1:74: agreement `d` is linked to itself; name the other one",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(text: str, said: str) -> None:
    assert faults(text) == [said]


def test_what_is_stored_holds_a_source_and_a_series_to_what_they_are(database: Database) -> None:
    source = "sources: [{id: paper, kind: other, title: T, char_count: %s}]\n"
    series = "initiatives: [{id: line, kind: %s, name: Line}]\n"
    spanned = TOWN.replace("text: second", "text: second, source: paper, start: 94, end: 100")
    deal = spanned.replace("    kind: mou", "    kind: mou\n    series: line")
    told(database, source % 100 + series % "series" + deal)
    assert refused(database, source % 99) == [
        "a.yaml:1:58: clause deal.2: the span 94–100 goes beyond the source's 99 characters"
    ]
    assert refused(database, series % "policy") == [
        "a.yaml:1:32: initiative `line` is the series of 1 agreement (deal); change those first"
    ]
    moved = (
        "agreements: [{id: deal, series: null, clauses: [{number: 1}, {number: 2, start: 90, end: 96}]}]\n"
    )
    outcome = told(database, source % 99 + series % "policy" + moved)
    assert outcome.updated == {"source": 1, "initiative": 1, "agreement": 1, "clause": 1}


def test_whoever_signs_is_a_person() -> None:
    assert faults(TOWN.replace("signed_by: mayor", "signed_by: agency")) == [
        "a.yaml:11:40: party `agency` is not a person"
    ]


@pytest.mark.parametrize(
    ("follow_up", "said"),
    [
        (
            "{track: reported, status: behind}",
            ["`effective_on` is missing; say when that state was reached, or when someone looked"],
        ),
        ("{status: behind, effective_on: 2021}", ["`track` is missing"]),
        (
            "{track: reported, status: stalled, effective_on: 2021}",
            ["`stalled` needs a reason; give `reason`"],
        ),
        (
            "{track: verified, status: met, effective_on: 2021, evidence: [{reference: a, stance: contradicts}]}",
            ["a verified `met` needs evidence that supports it; give `url`, `source` or `reference`"],
        ),
        (
            "{track: reported, status: met, effective_on: 2021, evidence: [{title: t}]}",
            ["`evidence[0]` has none of url, source and reference; give exactly one"],
        ),
        (
            "{track: reported, status: met, effective_on: 2999-01, checked_on: 2021-01-01}",
            ["`effective_on` ends on 2999-01-31, after today"],
        ),
        (
            "{track: reported, status: met, effective_on: 2021/..}",
            ["`effective_on`: `2021/..` has no first or no last day; give a day, a month or a year"],
        ),
    ],
)
def test_a_follow_up_that_lacks_something_is_refused(follow_up: str, said: list[str]) -> None:
    found = followed(follow_up)
    assert [line.partition(", 20")[0] if "today" in line else line for line in found] == said


def test_going_back_needs_a_reason_in_files_too(database: Database) -> None:
    met = "{track: reported, status: met, effective_on: 2021}"
    back = "{track: reported, status: in_progress, effective_on: 2022%s}"
    said = ["going back from `met` to `in_progress` needs a reason; give `reason`, such as correction"]
    assert followed(f"{met}, {back % ''}") == said
    assert followed(f"{back % ''}, {met}") == said
    assert followed(f"{met}, {back % ', reason: correction'}") == []
    told(database, ON_CLAUSE % met)
    assert [line.split(": ", 1)[1] for line in refused(database, ON_CLAUSE % (back % ""))] == said


def test_what_is_required_may_be_left_out_only_of_what_is_there(database: Database) -> None:
    partial = "parties: [{id: town, name: City}]"
    assert refused(database, partial) == ["a.yaml:1:11: `kind` is missing in party `town`"]
    told(database, TOWN)
    assert told(database, partial).changes == ["change party town: name"]
    assert refused(database, "parties: [{id: town, kind: person}]") == [
        "a.yaml:1:28: `kind` of party `town` is organisation and never changes; choose another id"
    ]


def test_json_lines_refer_to_earlier_lines_or_the_database_only(database: Database) -> None:
    initiative = json.dumps({"initiatives": [{"id": "i", "kind": "policy", "name": "I", "operator": "o"}]})
    party = json.dumps({"parties": [{"id": "o", "kind": "organisation", "name": "O"}]})
    assert refused(database, f"{initiative}\n{party}", name="a.jsonl") == [
        "a.jsonl:1:73: party `o` is defined on a later line, 2; put it first"
    ]
    told(database, f"{party}\n{initiative}", name="a.jsonl")
    assert refused(database, f"{initiative}\n{party}", name="a.jsonl") == []


def test_the_text_of_a_source_has_its_length_and_hash() -> None:
    found = faults(
        f"sources: [{{id: s, kind: other, title: T, text: abc, char_count: 4, sha256: {'0' * 64}}}]"
    )
    assert found == [
        "a.yaml:1:65: the text has 3 characters, `char_count` says 4",
        "a.yaml:1:76: the text has another SHA-256 than `sha256` says; it is "
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ]


def test_cp949_nul_surrogates_depth_and_long_numbers_are_faults() -> None:
    assert ["CP949" in line for line in faults("parties: [{id: a, name: 광주광역시}]".encode("cp949"))] == [
        True
    ]
    assert len(faults("parties: [{id: a, kind: person, name: a\0b}]")) == 1
    assert len(faults('{"parties": [{"id": "a", "kind": "person", "name": "\\ud800"}]}', "a.json")) == 1
    assert len(faults("[" * 1000)) == 1
    assert len(faults("[" * 1000, "a.json")) == 1
    digits = "9" * 5000
    assert faults(TOWN.replace("{number: 2,", f"{{number: {digits},")) == [
        "a.yaml:14:18: `number`: must be a whole number"
    ]
    assert len(faults(f'{{"agreements": [{{"id": "a", "series_number": {digits}}}]}}', "a.json")) >= 1


def test_standard_input_is_named_in_faults(database: Database) -> None:
    with pytest.raises(Invalid) as refusal:
        load(database, ["-"], FILE, stdin=io.BytesIO(b"parties: [{id: a, kind: person}]"))
    assert str(refusal.value) == "<stdin>:1:11: `name` is missing in party `a`"
