"""The parties that one cell names: what stands in brackets, what joins two names, what names none."""

from __future__ import annotations

import json

import pytest

from tests.test_cli import tracker
from tracker.database.engine import Database
from tracker.loading.spreadsheets.party_cells import NamedParty, parties_in

TOWN, SCHOOL = NamedParty("가온시"), NamedParty("나래대학교")


def read(text: str, *known: str) -> tuple[list[NamedParty], list[str]]:
    notes: list[str] = []
    return list(parties_in(text, known.__contains__, notes.append)), notes


@pytest.mark.parametrize(
    "text",
    [
        "가온시, 나래대학교",
        "가온시와 나래대학교",
        "가온시 및 나래대학교",
        "가온시·나래대학교",
        "가온시ㆍ나래대학교",
    ],
)
def test_names_are_split_at_what_joins_them(text: str) -> None:
    assert read(text) == ([TOWN, SCHOOL], [])


@pytest.mark.parametrize(
    ("text", "party"),
    [
        ("가온시(시장 홍길동)", TOWN._replace(signed_by="홍길동", signed_as="시장")),
        ("가온시(시장)", TOWN._replace(signed_as="시장")),
        ("가온시(에너지정책과)", TOWN._replace(department="에너지정책과")),
        ("가온시(데이터과, 미래과)", TOWN._replace(department="데이터과, 미래과")),
        ("나래대학교(총장 김하늘)", SCHOOL._replace(signed_by="김하늘", signed_as="총장")),
        ("나래(주)", NamedParty("나래(주)")),
        ("(주)나래", NamedParty("(주)나래")),
        ("가온진흥원(서울, 부산)", NamedParty("가온진흥원(서울, 부산)")),
    ],
)
def test_what_stands_in_brackets_belongs_to_the_name_before(text: str, party: NamedParty) -> None:
    assert read(text) == ([party], [])
    assert read(f"{text}, 다솜공사") == ([party, NamedParty("다솜공사")], [])


def test_what_is_no_name_on_both_sides_stays_one_and_is_pointed_out() -> None:
    for text in ("문화·관광재단", "에너지와 가온시"):
        parties, notes = read(text)
        assert parties == [NamedParty(text)]
        assert notes == [
            f"`{text}` may name several parties, and is taken for one; put a line break between them"
        ]
    assert read("문화·관광재단", "문화·관광재단") == ([NamedParty("문화·관광재단")], [])
    assert read("문화·관광재단", "문화", "관광재단")[0] == [NamedParty("문화"), NamedParty("관광재단")]


@pytest.mark.parametrize("text", ["가온시 등 5개 기관", "가온시 외 5개 기관", "가온시 외 4개사"])
def test_others_that_are_not_named_are_pointed_out(text: str) -> None:
    assert read(text) == ([TOWN], [f"`{text}` does not name all parties; only `가온시` is recorded"])


def test_a_number_of_parties_is_pointed_out() -> None:
    parties, notes = read("5개 자치구")
    assert parties == [NamedParty("5개 자치구")]
    assert notes == ["`5개 자치구` does not name the parties, and is taken for one; name each of them"]


def test_a_bracket_that_is_never_closed_holds_nothing() -> None:
    assert read("가온시(시장, 나래대학교")[0] == [NamedParty("가온시(시장"), SCHOOL]


def test_signers_and_departments_are_recorded(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_DATABASE_URL", database_url)
    with open("r.csv", "w", encoding="utf-8") as file:
        file.write(
            '협약명,체결일,협약당사자,협약내용\n데이터 협약,2021-03-02,"가온시(시장 홍길동), 나래대(데이터과)",연다\n'
        )
    with open("map.yaml", "w", encoding="utf-8") as file:
        file.write(
            "tracker: 1\ncolumns: {협약명: agreement.title, 체결일: agreement.signed_on,"
            " 협약당사자: agreement.parties, 협약내용: clause.text}\ndefaults: {agreement.kind: mou}\n"
        )
    for _ in range(2):
        assert tracker("load", "r.csv", "--map", "map.yaml").code == 0
        parties = {party["name"]: party for party in json.loads(tracker("parties", "--format", "json").out)}
        assert {name: party["kind"] for name, party in parties.items()} == {
            "가온시": "organisation", "나래대": "organisation", "홍길동": "person",
        }  # fmt: skip
        agreement = json.loads(tracker("agreements", "--format", "json").out)[0]
        assert [
            (party["party"], party["signed_by"], party["signed_as"], party["department"])
            for party in agreement["parties"]
        ] == [
            (parties["가온시"]["id"], parties["홍길동"]["id"], "시장", None),
            (parties["나래대"]["id"], None, None, "데이터과"),
        ]
