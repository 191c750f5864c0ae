"""The shipped seed becomes exactly what the article says, and loading it again changes nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

import pytest
import yaml

from tests import rows
from tracker.database.changes import Author
from tracker.database.engine import Database
from tracker.loading import load, validate
from tracker.models import RESOURCES
from tracker.queries.representation import find, representation
from tracker.services.checking import problems, spans_proved, text_problems

SEED = Path(__file__).parent.parent / "seeds" / "gwangju-kdata-2020.yaml"
ARTICLE = Path(__file__).parent.parent.parent / "shared" / "seed" / "article.txt"
BY = Author("seeder", loading=True)
THINGS = {"source": 2, "party": 6, "initiative": 3, "agreement": 1, "clause": 6, "quote": 8}


def stored(database: Database, table: str, id: str) -> dict[str, Any]:
    row = find(database, RESOURCES[table], id)
    assert row is not None
    return representation(RESOURCES[table]).values(row)


def listed(database: Database, sql: str) -> list[tuple[Any, ...]]:
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


@pytest.fixture
def seeded(database: Database) -> Database:
    load(database, [str(SEED)], BY)
    return database


def test_the_seed_holds_what_the_design_counts(seeded: Database) -> None:
    counts = rows.counts(seeded)
    held = {table: count for table, count in counts.items() if count and not table.startswith("change")}
    assert held == THINGS | {
        "affiliation": 3,
        "agreement_initiative": 2,
        "agreement_party": 2,
        "agreement_source": 2,
        "party_name": 10,
    }
    assert counts["change"] == 12  # one for each root


def test_twelve_names_stand_as_printed_and_korean_ones_on_top(seeded: Database) -> None:
    of_parties = {name for (name,) in listed(seeded, "SELECT name FROM party")}
    printed = {
        name for (name,) in listed(seeded, "SELECT name FROM party_name WHERE lang IS NULL OR lang <> 'ko'")
    }
    korean = {name for (name,) in listed(seeded, "SELECT name FROM party_name WHERE lang = 'ko'")}
    assert of_parties | printed == {
        "Gwangju Metropolitan City",
        "Gwangju City",
        "Gwangju",
        "Korea Data Industry Promotion Agency",
        "K-DATA",
        "Korea Database Promotion Center",
        "Lee Yong-seop",
        "Min Ki-young",
        "Minki Young",
        "Park Seon-gang",
        "The Asia Business Daily",
        "Asia Economy",
    }
    assert korean == {"광주광역시", "한국데이터산업진흥원", "이용섭", "민기영"}


def test_two_signed_by_video_and_the_article_dates_it(seeded: Database) -> None:
    agreement = stored(seeded, "agreement", "gwangju-kdata-2020")
    assert [(each["party"], each["role"], each["signed_by"]) for each in agreement["parties"]] == [
        ("gwangju", "party", "lee-yong-seop"),
        ("k-data", "party", "min-ki-young"),
    ]
    assert {
        name: agreement[name]
        for name in (
            "kind",
            "signed_on",
            "signed_as_printed",
            "signing_mode",
            "signing_place",
            "signing_mode_reason",
        )
    } == {
        "kind": "mou",
        "signed_on": "2020-08-31",
        "signed_as_printed": "On the morning of the 31st",
        "signing_mode": "video",
        "signing_place": "city hall business room",
        "signing_mode_reason": "Considering the spreading COVID-19 situation",
    }


def test_persons_are_three_and_the_reporter_works_for_the_publisher(seeded: Database) -> None:
    assert listed(seeded, "SELECT id FROM party WHERE kind = 'person' ORDER BY id") == [
        ("lee-yong-seop",),
        ("min-ki-young",),
        ("park-seon-gang",),
    ]
    assert listed(seeded, "SELECT party, organisation, role FROM affiliation ORDER BY party") == [
        ("lee-yong-seop", "gwangju", "Mayor"),
        ("min-ki-young", "k-data", "Director"),
        ("park-seon-gang", "asia-business-daily", "Reporter"),
    ]


def test_five_clauses_are_listed_and_one_is_told(seeded: Database) -> None:
    assert listed(seeded, 'SELECT number, kind, label, start, "end" FROM clause ORDER BY number') == [
        (1, "listed", "▲", 1804, 1874),
        (2, "listed", "▲", 1876, 1940),
        (3, "listed", "▲", 1942, 2028),
        (4, "listed", "▲", 2030, 2093),
        (5, "listed", "▲", 2095, 2131),
        (6, "narrative", None, 2137, 2228),
    ]


def test_quotes_stand_in_order_with_their_speakers(seeded: Database) -> None:
    said = 'SELECT number, kind, speaker, on_behalf_of, start, "end" FROM quote ORDER BY number'
    min_, lee = ("min-ki-young", "k-data"), ("lee-yong-seop", "gwangju")
    assert listed(seeded, said) == [
        (1, "headline", *min_, 106, 184),
        (2, "headline", *lee, 208, 273),
        (3, "direct", *min_, 2677, 2862),
        (4, "direct", *min_, 2876, 3050),
        (5, "direct", *lee, 3726, 3793),
        (6, "direct", *lee, 3806, 3960),
        (7, "direct", *lee, 3971, 4069),
        (8, "indirect", "gwangju", None, 2256, 2646),
    ]


def test_every_span_has_the_length_of_its_text(seeded: Database) -> None:
    spans = [
        span
        for table in ("clause", "quote")
        for span in listed(seeded, f'SELECT text, start, "end" FROM {table}')
    ]
    assert len(spans) == 14
    assert [len(text) for text, _, _ in spans] == [end - start for _, start, end in spans]
    assert spans_proved(seeded, "asiae-gwangju-kdata") == 14
    assert list(problems(seeded)) == []


def test_two_facilities_are_served(seeded: Database) -> None:
    assert listed(seeded, "SELECT kind, name FROM initiative WHERE kind <> 'series' ORDER BY name") == [
        ("facility", "Artificial Intelligence Data Center"),
        ("facility", "National Artificial Intelligence Industry Convergence Complex"),
    ]
    assert stored(seeded, "agreement", "gwangju-kdata-2020")["initiatives"] == [
        "national-ai-industry-convergence-complex",
        "ai-data-center",
    ]


def test_it_is_the_city_s_31st_as_its_press_release_counts(seeded: Database) -> None:
    agreement = stored(seeded, "agreement", "gwangju-kdata-2020")
    assert (agreement["series"], agreement["series_number"], agreement["sources"]) == (
        "gwangju-ai-business-agreements",
        31,
        ["asiae-gwangju-kdata", "gwangju-press-release-31"],
    )
    series = stored(seeded, "initiative", "gwangju-ai-business-agreements")
    assert (series["kind"], series["operator"]) == ("series", "gwangju")
    release = stored(seeded, "source", "gwangju-press-release-31")
    assert {
        name: said for name, said in release.items() if said is not None and not name.endswith("_at")
    } == {
        "id": "gwangju-press-release-31",
        "kind": "press_release",
        "title": "광주형 인공지능 비즈니스 31번째 업무협약",
        "publisher": "gwangju",
        "lang": "ko",
        "url": "https://follownews.wixsite.com/follow/post/"
        + quote("광주형-인공지능-비즈니스-31번째-업무협약"),
        "identifiers": [],
        "version": 1,
    }


def test_the_source_is_identified_by_length_and_hash(seeded: Database) -> None:
    source = stored(seeded, "source", "asiae-gwangju-kdata")
    assert (source["char_count"], source["sha256"]) == (
        4135,
        "128a4a00e6d9b18aaae5c5481fd2dca789294f1b18e4335c86a491d33ce501ae",
    )
    assert (source["publisher"], source["author"], source["published"]) == (
        "asia-business-daily",
        "park-seon-gang",
        "2020-08-31",
    )


@pytest.mark.skipif(not ARTICLE.exists(), reason="the article is its publisher's and not in the repository")
def test_the_article_proves_every_span(seeded: Database) -> None:
    text = normalize("NFC", ARTICLE.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    assert (
        hashlib.sha256(text.encode()).hexdigest() == stored(seeded, "source", "asiae-gwangju-kdata")["sha256"]
    )
    assert list(text_problems(seeded, "asiae-gwangju-kdata", text)) == []


def test_nothing_of_the_page_around_the_article_is_in_the_seed() -> None:
    said = SEED.read_text("utf-8")
    assert [words for words in ("Hot Picks", "View original image", "clause_party") if words in said] == []
    assert "text" not in yaml.safe_load(said)["sources"][0]


def test_dates_are_edtf_with_their_bounds(seeded: Database) -> None:
    founded = "SELECT founded, founded_earliest, founded_latest FROM party WHERE id = 'k-data'"
    former = "SELECT valid_from, valid_from_earliest, valid_from_latest FROM party_name WHERE kind = 'former'"
    for found in (listed(seeded, founded), listed(seeded, former)):
        assert [tuple(map(str, row)) for row in found] == [("1993", "1993-01-01", "1993-12-31")]


def test_loading_twice_leaves_all_unchanged_and_writes_no_history(seeded: Database) -> None:
    before = rows.counts(seeded)
    outcome = load(seeded, [str(SEED)], BY)
    assert outcome.unchanged == Counter(THINGS)
    assert (outcome.created, outcome.updated, outcome.pruned) == (Counter(), Counter(), Counter())
    assert (outcome.kept, outcome.missing, outcome.removed, outcome.changes) == ([], [], [], [])
    assert rows.counts(seeded) == before
    assert listed(seeded, "SELECT max(version) FROM clause") == [(1,)]


def test_the_seed_is_valid_without_a_database() -> None:
    assert validate([str(SEED)]) == Counter(THINGS)
