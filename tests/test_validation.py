"""The checker follows the columns: what bodies may hold, what is refused, what comes out clean."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker import dates
from tracker.errors import Invalid, nearest
from tracker.kinds import is_id
from tracker.models import RESOURCES, Agreement, Clause, FollowUp, Party, Quote, Source, fields_of
from tracker.validation import (
    Purpose,
    check,
    json_schema,
    match_key,
    parse,
    pointer,
    writable,
)

CLAUSE = {"kind": "listed", "text": "x"}


def faults(
    model: Any, content: object, purpose: Purpose = "create", **more: Any
) -> list[tuple[str | None, str]]:
    _, wrong = check(model, content, purpose, **more)
    return [(fault.pointer, fault.code) for fault in wrong]


def test_what_is_absent_stays_absent_and_null_is_null() -> None:
    assert parse(Clause, CLAUSE, "create") == CLAUSE
    assert parse(Clause, CLAUSE | {"label": None}, "create") == CLAUSE | {"label": None}
    assert parse(Clause, {}, "change") == {}
    assert parse(Clause, {"parties": None}, "change") == {"parties": []}


def test_every_fault_is_raised_at_once() -> None:
    with pytest.raises(Invalid) as raised:
        parse(Clause, {"kind": "x", "text": 1, "bogus": 2}, "create")
    assert [fault.pointer for fault in raised.value.faults] == ["/kind", "/text", "/bogus"]


@pytest.mark.parametrize("purpose", ["create", "change", "seed"])
@pytest.mark.parametrize("model", RESOURCES.values(), ids=RESOURCES)
def test_the_schema_names_the_fields_that_may_be_written(model: Any, purpose: Purpose) -> None:
    properties = json_schema(model, purpose)["properties"]
    assert set(writable(model, purpose)) <= set(properties)
    assert json_schema(model, purpose)["additionalProperties"] is False
    assert not {"version", "created_at", "updated_at", "match_key", "ordinal"} & set(properties)
    assert ("id" in properties) is (purpose == "seed" and model not in (Clause, Quote)) or purpose == "create"
    if purpose == "change":
        assert "required" not in json_schema(model, purpose)


def test_good_values_are_given_beside_the_faults_of_others() -> None:
    values, wrong = check(Clause, {"number": 7, "kind": "bad", "text": "x", "source": "s"}, "create")
    assert values == {"number": 7, "text": "x", "source": "s"}
    assert [fault.code for fault in wrong] == ["unknown_code"]
    values, wrong = check(Clause, {"number": 7}, "change")
    assert (values, [fault.code for fault in wrong]) == ({}, ["unchanging"])


@pytest.mark.parametrize("key", ["[key]", "", "0", "id]", "root", "function-plain"])
def test_any_key_can_be_unknown(key: str) -> None:
    assert faults(Clause, CLAUSE | {key: 1}) == [(f"/{key}", "unknown_key")]


def test_the_nearest_known_key_is_proposed() -> None:
    _, (fault,) = check(Clause, CLAUSE | {"departmnt": "x"}, "create")
    assert (fault.detail, fault.hint) == (
        "`departmnt` is not a field of clause",
        "did you mean `department`?",
    )
    _, (fault,) = check(
        FollowUp, {"track": "reported", "status": "behind", "evidence": [{"urls": "x"}]}, "create"
    )
    assert (fault.pointer, fault.hint) == ("/evidence/0/urls", "did you mean `url`?")


WRONG: list[tuple[Any, str, Any, str]] = [
    (Clause, "text", "", "empty"),
    (Clause, "text", "  \n", "empty"),
    (Clause, "text", "\u3000", "empty"),
    (Clause, "text", "x" * 10_001, "too_long"),
    (Clause, "text", "a\x00", "bad_character"),
    (Clause, "text", "\ud800", "bad_character"),
    (Clause, "text", ["x"], "wrong_type"),
    (Clause, "department", "a\x7f", "bad_character"),
    (Clause, "lang", "korean!", "bad_form"),
    (Clause, "start", True, "wrong_type"),
    (Clause, "start", "1", "wrong_type"),
    (Clause, "start", 1.5, "wrong_type"),
    (Clause, "start", float("nan"), "wrong_type"),
    (Clause, "start", float("inf"), "wrong_type"),
    (Clause, "start", -1, "out_of_range"),
    (Clause, "start", 2**31, "out_of_range"),
    (Clause, "start", 10**4000, "out_of_range"),
    (Clause, "due", "2021-02-30", "bad_date"),
    (Clause, "due", 2021, "wrong_type"),
    (Clause, "source", "A", "bad_id"),
    (Clause, "source", 1, "wrong_type"),
    (Clause, "kind", ["listed"], "unknown_code"),
    (Clause, "kind", "", "unknown_code"),
    (Clause, "parties", "x", "wrong_type"),
    (Clause, "parties", [{"party": "a", "role": "obligor"}] * 10_001, "too_long"),
    (Party, "country", "kr", "bad_form"),
    (Party, "id", "-a", "bad_id"),
    (Party, "id", "a" * 81, "bad_id"),
    (Source, "url", "http://", "bad_url"),
    (Source, "url", "https://exa mple.org", "bad_url"),
    (Source, "url", "https://[::1", "bad_url"),
    (Source, "url", "//example.org", "bad_url"),
    (Source, "sha256", "0" * 63, "bad_form"),
    (Agreement, "review_every_months", 0, "out_of_range"),
    (Agreement, "binding", None, "required"),
]
REQUIRED_ONLY: dict[Any, dict[str, Any]] = {
    Clause: CLAUSE,
    Party: {"id": "a", "kind": "person", "name": "x"},
    Source: {"id": "a", "kind": "other", "title": "x"},
    Agreement: {"id": "a", "title": "x", "kind": "mou"},
}


@pytest.mark.parametrize(("model", "name", "value", "code"), WRONG)
def test_a_wrong_value_is_a_fault_at_its_field(model: Any, name: str, value: Any, code: str) -> None:
    assert faults(model, REQUIRED_ONLY[model] | {name: value}) == [(f"/{name}", code)]


def test_text_is_given_in_nfc_and_ids_as_they_are() -> None:
    nfd = unicodedata.normalize("NFD", "광주 é")
    assert parse(Clause, {"text": nfd, "department": nfd}, "change") == {
        "text": "광주 é",
        "department": "광주 é",
    }
    assert parse(Clause, {"start": 3.0}, "change") == {"start": 3}
    seed = parse(FollowUp, {"recorded_at": "2021-01-01T09:00:00+09:00"}, "seed")
    assert seed == {"recorded_at": "2021-01-01T00:00:00.000000Z"}


def test_length_counts_what_is_stored() -> None:
    nfd = unicodedata.normalize("NFD", "가" * 80)
    assert len(nfd) == 160
    assert parse(Clause, {"label": nfd}, "change") == {"label": "가" * 80}


def test_in_yaml_scalars_are_text_until_the_field_says_otherwise() -> None:
    assert parse(Clause, {"start": "12", "label": "0123"}, "seed", textual=True) == {
        "start": 12,
        "label": "0123",
    }
    for value in ("1.0", "٣", "1_000", "", "0x1", " 1"):
        assert faults(Clause, {"start": value}, "seed", textual=True) == [("/start", "wrong_type")]


def test_an_entry_that_repeats_another_is_a_fault() -> None:
    twice = [
        {"party": "a", "role": "obligor"},
        {"party": "a", "role": "supporting"},
        {"party": "a", "role": "obligor"},
    ]
    assert faults(Clause, CLAUSE | {"parties": twice}) == [("/parties/2", "repeated")]
    agreement = REQUIRED_ONLY[Agreement] | {"parties": [{"party": "a"}, {"party": "a", "role": "party"}]}
    assert faults(Agreement, agreement) == [("/parties/1", "repeated")]  # the default counts too
    assert faults(Agreement, REQUIRED_ONLY[Agreement] | {"sources": ["a", "b", "a"]}) == [
        ("/sources/2", "repeated")
    ]


def test_several_identifiers_are_not_the_same() -> None:
    numbers = [{"scheme": "wikidata", "value": "Q1"}, {"scheme": "wikidata", "value": "Q2"}]
    for model in (Party, Agreement, Source):
        assert faults(model, {"identifiers": numbers}, "seed") == []
        assert faults(model, {"identifiers": [*numbers, numbers[0]]}, "seed") == []


@pytest.mark.parametrize(
    ("table", "good", "bad"),
    [
        ("party", ["a", "0", "a-", "a" * 80], ["", "-a", "A", "a_b", "a.1", "a" * 81, "a\n", "가"]),
        ("clause", ["a.1", "a-b.10"], ["a", "a.0", "a.01", "a.q1", "a.1\n", ".1", "a.1.1", "a.٣"]),
        ("quote", ["a.q1"], ["a.1", "a.q0", "a.Q1", "a.q"]),
        (
            "follow_up",
            ["018f3c2a-0000-7000-8000-000000000001"],
            ["018F3C2A-0000-7000-8000-000000000001", "018f3c2a00007000800000000000001", ""],
        ),
    ],
)
def test_an_id_has_the_form_of_its_kind(table: str, good: list[str], bad: list[str]) -> None:
    assert [text for text in good if not is_id(table, text)] == []
    assert [text for text in bad if is_id(table, text)] == []


def test_a_pointer_escapes_what_it_has_to() -> None:
    assert pointer(["a/b", 0, "~", ""]) == "/a~1b/0/~0/"
    assert pointer([]) == ""


def test_names_that_differ_in_marks_alone_match() -> None:
    assert match_key("Min Ki-young") == match_key("Minki Young") == "minkiyoung"
    assert match_key(unicodedata.normalize("NFD", "광주")) == "광주"
    assert match_key("!!") == "!!"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = sorted(
    {*writable(Clause, "create"), *writable(FollowUp, "create"), "parties", "evidence", "[key]", "id"}
)


@given(st.dictionaries(st.sampled_from(KEYS), json_values, max_size=6) | json_values)
def test_any_json_is_either_clean_or_has_faults(content: Any) -> None:
    for model in (Clause, FollowUp):
        for purpose in ("create", "change", "seed"):
            values, wrong = check(model, content, purpose)
            assert wrong or set(values) <= set(content)
            assert all(fault.pointer is not None and "\n" not in fault.code for fault in wrong)
            if "due" in values and values["due"] is not None:
                dates.parse(str(values["due"]))


@given(st.text("ß\ufdfaaﬃ", min_size=1, max_size=300))
def test_a_match_key_fits_its_column_however_long_it_folds(name: str) -> None:
    assert len(match_key(name)) <= 300  # the column of migration 0001


def test_a_run_of_combining_marks_without_end_is_refused_at_once() -> None:
    marks = "a" + "\u0301\u0316" * 5_000
    assert faults(Clause, CLAUSE | {"text": marks, "department": marks}) == [
        ("/text", "bad_character"),
        ("/department", "bad_character"),
    ]
    assert faults(Clause, CLAUSE | {"kind": marks}) == [("/kind", "unknown_code")]
    assert faults(Clause, CLAUSE | {marks: 1}) == [(f"/{marks}", "unknown_key")]
    assert match_key(f"{marks}b") == "á"  # what no name is long enough for is not read
    assert nearest(marks, [marks]) is None


def test_what_a_seed_object_nests_is_left_to_the_loader() -> None:
    agreement: dict[str, Any] = {
        "title": "x",
        "draft": {},
        "clauses": [1],
        "quotes": None,
        "parties": [{"party": "a", "draft": 1}],
    }
    assert check(Agreement, agreement, "seed") == ({"title": "x", "parties": [{"party": "a"}]}, [])
    assert faults(Agreement, {"draft": 1, "clauses": []}, "change") == [
        ("/draft", "unknown_key"),
        ("/clauses", "unknown_key"),
    ]


_texts = st.sampled_from(
    ["a", "가", "", " ", "x\0", "\ud800", "나", "a\nb", "NO", "2020-08", "met", "x" * 301, "\r\nq"]
) | st.text("aZ가 \x00\n\r-.12é\u0301", max_size=8)
_values = st.one_of(
    _texts,
    st.none(),
    st.booleans(),
    st.integers(-2, 2**33),
    st.floats(allow_nan=False),
    st.sampled_from(
        ["town", "deal.1", "person", "organisation", "mou", "KR", "ko", "2020-08-31", "XXXX-XX-31", "direct",
         "listed", "verified", "reported", "https://example.org/a?b=c", "http://a b", "supports",
         "018f3c2a-5b1e-7c3d-8e4f-0123456789ab", "2022-01-01T00:00:00.000000Z", "2022-01-01T09:00:00+09:00"]
    ),
)  # fmt: skip


def _entries(model: Any) -> st.SearchStrategy[dict[str, Any]]:
    names = [*fields_of(model), "draft", "unknown"]
    lists: dict[str, st.SearchStrategy[Any]] = {}
    for nested in model.nested:
        inner = list(fields_of(nested.model))
        item = _values if nested.scalar else st.dictionaries(st.sampled_from(inner), _values, max_size=4)
        lists[nested.name] = st.none() | st.lists(item, max_size=3)
    own = st.dictionaries(st.sampled_from(names), _values, max_size=6)
    return st.builds(lambda *parts: {**parts[0], **parts[1]}, own, st.fixed_dictionaries({}, optional=lists))


@pytest.mark.parametrize("model", RESOURCES.values(), ids=RESOURCES)
@given(data=st.data())
def test_each_member_is_checked_whatever_stands_beside_it(model: Any, data: st.DataObject) -> None:
    content = data.draw(_entries(model))
    before = repr(content)
    values, wrong = check(model, content, "seed")
    alone = [check(model, {name: value}, "seed") for name, value in content.items()]
    assert values == {name: value for one_value, _ in alone for name, value in one_value.items()}
    assert Counter(wrong) == Counter(fault for _, its_faults in alone for fault in its_faults)
    assert check(model, dict(reversed(content.items())), "seed")[0] == values
    assert repr(content) == before
    if not wrong:
        assert check(model, values, "seed") == (values, [])
