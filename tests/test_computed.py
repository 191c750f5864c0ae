"""Schedules, freshness, statuses as of a day: what the database computes, against the plain model."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from tests import model
from tests.api import FOLLOW_UP, MET, Api, fill
from tests.model import Promise, Said
from tracker import dates
from tracker.database.changes import Author
from tracker.database.engine import Database
from tracker.models import Agreement, Clause, FollowUp, Party
from tracker.queries.computed import as_of_day
from tracker.queries.days import key_of
from tracker.services.rows import insert_rows
from tracker.services.statuses import Finding, current

TODAY = "2024-02-29"
CREATED = "2021-01-30T15:30:00.000000Z"
RECORDED_ON = "2021-01-31"  # that instant in Seoul
MONTH_ENDS = [
    "2020-02-29",
    "2020-08-31",
    "2021-01-31",
    "2021-02-28",
    "2022-12-31",
    "2023-02-28",
    "2023-12-15",
]
DUE = [
    None,
    "2021",
    "2022-12",
    "2023-01-30",
    "2024-03",
    "2024-02-29",
    "2025",
    "XXXX-XX-31",
    "2023-01-01/..",
    "2022~",
]
SIGNED = [None, "2020-08-31", "2020-02-29", "2023-02", "2021", "XXXX-XX-31", "2020-08-31/..", "2024-02-20"]
MONTHS = [12, 12, 12, 24, 1, 6, 7, 18, 120_000, 2**31 - 1]
CODES = [code for code in model.STATUSES if code != "not_assessed"]
ROUNDS, CLAUSES = 4, 500


def history(chance: random.Random) -> Promise:
    """Make a clause with up to six follow-ups, its days close to each other and to the ends of months."""
    recorded = []
    for _ in range(chance.choice([0, 0, 1, 2, 3, 6])):
        effective, checked = chance.choice(MONTH_ENDS), chance.choice(MONTH_ENDS)
        status = chance.choice(["no_evidence", "met", *CODES])
        recorded.append(
            Said(
                chance.choice(["reported", "verified"]),
                status,
                checked if status == "no_evidence" and chance.random() < 0.5 else effective,
                checked,
                f"2024-01-0{chance.choice('123')}T00:00:00.000000Z",
                f"018f3c2a-{chance.randrange(16**4):04x}-7000-8000-{chance.randrange(16**12):012x}",
            )
        )
    kind = chance.choice(["listed", "listed", "narrative", "spoken"])
    return Promise(chance.choice(DUE), chance.choice(DUE), None, RECORDED_ON, 12, tuple(recorded), kind)


def city(seed: int) -> dict[str, Promise]:
    """Make clauses by id, five to an agreement, some agreements without any."""
    chance = random.Random(seed)
    promises = {}
    for place in range(CLAUSES // 5):
        signed, months = chance.choice(SIGNED), chance.choice(MONTHS)
        for number in range(1, chance.choice([1, 3, 5, 8]) + 1):
            clause = history(chance)
            promises[f"a{place:03}.{number}"] = replace(clause, signed_on=signed, review_every_months=months)
    return promises


def put(database: Database, promises: dict[str, Promise]) -> None:
    """Write clauses with their agreements and follow-ups as the service would leave them."""
    stamps = {"created_at": CREATED, "updated_at": CREATED}
    agreements, clauses, follow_ups = {}, [], []
    for id, promise in promises.items():
        agreement, _, number = id.partition(".")
        agreements[agreement] = {
            "id": agreement, "title": f"Title of {agreement}", "kind": "mou", "signed_on": promise.signed_on,
            "review_every_months": promise.review_every_months, **stamps,
            "parties": [{"party": "city"}, {"party": f"party-{int(agreement[1:]) % 3}"}],
        }  # fmt: skip
        findings = []
        for one in promise.said:
            findings.append(Finding(one.track, one.status, one.effective, one.checked, one.recorded, one.id))
            follow_ups.append({
                "id": one.id, "clause": id, "track": one.track, "status": one.status,
                "effective_on": one.effective, "checked_on": one.checked, "reason": "other",
                "recorded_by": "tester", "recorded_at": one.recorded, **stamps,
            })  # fmt: skip
        clauses.append({
            "id": id, "agreement": agreement, "number": int(number), "kind": promise.kind, "text": "x",
            "due": promise.due, "first_due": promise.first_due, **stamps, **current(findings).columns(),
        })  # fmt: skip
    agreements["empty"] = {
        "id": "empty",
        "title": "Empty",
        "kind": "mou",
        **stamps,
        "parties": [{"party": "city"}],
    }
    parties = ["city", "party-0", "party-1", "party-2"]
    with database.write(Author("setup")) as change:
        insert_rows(
            change, Party, [{"id": id, "kind": "organisation", "name": id, **stamps} for id in parties]
        )
        insert_rows(change, Agreement, list(agreements.values()))
        insert_rows(change, Clause, clauses)
        insert_rows(change, FollowUp, follow_ups)


@pytest.fixture(params=range(ROUNDS))
def promises(
    request: pytest.FixtureRequest, database: Database, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Promise]:
    monkeypatch.setattr(dates, "today", lambda zone: TODAY)
    made = city(request.param)
    put(database, made)
    return made


DAYS = [
    None,
    TODAY,
    "2024-02-28",
    "2023-02-28",
    "2022-03-01",
    "2021-02-28",
    "2020-08-31",
    "2025-07-31",
    "9999-12-31",
]


def known(promises: dict[str, Promise], day: str | None) -> dict[str, Promise]:
    """Return the clauses whose agreements were not signed later."""
    if day is None:
        return promises
    latest = {
        id: dates.parse(one.signed_on).latest if one.signed_on else None for id, one in promises.items()
    }
    return {id: one for id, one in promises.items() if latest[id] is None or latest[id] <= day}  # type: ignore[operator]


def test_the_database_computes_what_the_model_says(database: Database, promises: dict[str, Promise]) -> None:
    api = Api(database)
    for day in DAYS:
        expected = {id: model.standing(one, day or TODAY) for id, one in known(promises, day).items()}
        as_of = "" if day is None else f"&as_of={day}"
        shown = everything(api, f"/v1/clauses?limit=200{as_of}")
        assert {row["id"]: {name: row[name] for name in expected[row["id"]]} for row in shown} == expected
        for name in ("schedule", "freshness", "status", "disagreement", "awaiting_verification"):
            for value in {one[name] for one in expected.values()}:
                text = str(value).lower() if isinstance(value, bool) else value
                found = {row["id"] for row in everything(api, f"/v1/clauses?limit=200&{name}={text}{as_of}")}
                assert found == {id for id, one in expected.items() if one[name] == value}, (day, name, value)


def test_roll_ups_are_what_the_model_counts(database: Database, promises: dict[str, Promise]) -> None:
    api = Api(database)
    for day in DAYS:
        counted: dict[str, list[dict[str, Any]]] = {}
        ids = known(promises, day)
        for id, one in ids.items():
            standings = counted.setdefault(id.partition(".")[0], [])
            if one.kind != "spoken":
                standings.append(model.standing(one, day or TODAY))
        counted["empty"] = []
        as_of = "" if day is None else f"&as_of={day}"
        rows = everything(api, f"/v1/summary?by=agreement&limit=200{as_of}")
        assert {row["key"]: without_names(row) for row in rows} == {
            id: model.row(all) for id, all in counted.items()
        }
        agreements = everything(api, f"/v1/agreements?limit=200{as_of}")
        assert {row["id"]: without_names(row["summary"]) for row in agreements} == {
            id: model.row(all) for id, all in counted.items()
        }
        assert {row["id"]: (row["freshness"], row["next_review_on"]) for row in agreements} == {
            id: model.least_fresh(all) for id, all in counted.items()
        }
        everyone = [one for all in counted.values() for one in all]
        body = api.get(f"/v1/summary?{as_of}").json
        assert without_names(body["grand_total"]) == model.row(everyone)
        assert {row["key"]: row["total"] for row in body["data"]} == {
            status: count for status, count in model.row(everyone)["by_status"].items() if count
        }
        for headline in (
            "empty",
            "closed",
            "not_tracked",
            "fulfilled",
            "not_fulfilled",
            "partially_fulfilled",
            "open",
        ):
            found = {
                row["id"] for row in everything(api, f"/v1/agreements?limit=200&headline={headline}{as_of}")
            }
            assert found == {id for id, all in counted.items() if model.row(all)["headline"] == headline}
        by_party = {row["key"]: row for row in api.get(f"/v1/summary?by=party{as_of}").json["data"]}
        assert without_names(by_party["city"]) == model.row(everyone)
        for place in range(3):
            signed = [
                one
                for id, all in counted.items()
                if id != "empty" and int(id[1:]) % 3 == place
                for one in all
            ]
            if f"party-{place}" in by_party:
                assert without_names(by_party[f"party-{place}"]) == model.row(signed)


def test_every_computed_field_sorts_and_pages(database: Database, promises: dict[str, Promise]) -> None:
    api = Api(database)
    for name in (
        "schedule",
        "freshness",
        "overdue_since",
        "slippage_days",
        "next_review_on",
        "status",
        "met_on",
    ):
        for sign in ("", "-"):
            for as_of in ("", "&as_of=2022-03-01"):
                path = f"/v1/clauses?fields=id,{name}&sort={sign}{name}{as_of}"
                rows = everything(api, f"{path}&limit=199")
                assert len({row["id"] for row in rows}) == len(rows)
                values = [row[name] for row in rows if row[name] is not None]
                assert values == sorted(values, reverse=bool(sign))
                assert [row[name] for row in rows[len(values) :]] == [None] * (len(rows) - len(values))


def everything(api: Api, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    following: str | None = path
    while following is not None:
        answer = api.get(following)
        assert answer.status == 200, answer.raw
        rows += answer.json["data"]
        following = answer.json["links"]["next"]
    return rows


def without_names(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("key", "label")}


@pytest.mark.parametrize(
    ("reviewed", "months", "last", "stale_until"),
    [
        ("2020-08-31", 6, "2021-02-28", "2021-08-31"),
        ("2020-02-29", 12, "2021-02-28", "2022-02-28"),
        ("2021-01-31", 1, "2021-02-28", "2021-03-31"),
        ("2020-12-31", 14, "2022-02-28", "2023-04-30"),
    ],
)
def test_review_intervals_end_on_the_last_day_of_short_months(
    database: Database, reviewed: str, months: int, last: str, stale_until: str
) -> None:
    fill(database)
    api = Api(database)
    assert api.patch("/v1/clauses/deal.1", {"department": "x"}).status == 200
    with database.write(Author("setup")) as change:
        from sqlalchemy import text

        change.connection.execute(text(f"UPDATE agreement SET review_every_months = {months}"))
    body = FOLLOW_UP | {"effective_on": reviewed, "checked_on": reviewed}
    assert api.post("/v1/clauses/deal.1/follow-ups", body).status == 201
    next_day = str(model._add_days(last, 1))
    for day, expected in (
        (last, "fresh"),
        (next_day, "stale"),
        (stale_until, "stale"),
        (str(model._add_days(stale_until, 1)), "very_stale"),
    ):
        found = api.get(f"/v1/clauses/deal.1?as_of={day}&fields=freshness,next_review_on").json
        assert (day, found) == (day, {"freshness": expected, "next_review_on": last})


def test_today_is_the_day_in_the_configured_zone(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(database)
    monkeypatch.setattr(dates, "today", lambda zone: {"Asia/Seoul": "2022-01-01", "UTC": "2021-12-31"}[zone])
    api = Api(database)
    assert api.get("/v1/clauses/deal.1?fields=schedule").json == {"schedule": "overdue"}
    database.time_zone = "UTC"
    assert api.get("/v1/clauses/deal.1?fields=schedule").json == {"schedule": "due_soon"}


def test_a_zone_with_summer_time_shifts_by_its_standard_offset() -> None:
    winter, summer = as_of_day("2026-01-15", "America/New_York"), as_of_day("2026-07-15", "America/New_York")
    assert winter.values[-3:] == summer.values[-3:] == ("-300 minutes", "05:00", "23:59")
    assert as_of_day("2026-07-15", "Asia/Kolkata").values[-3:] == ("+330 minutes", "00:00", "18:29")
    assert as_of_day("9999-12-31", "UTC").values[:3] == ("9999-12-31", "9999-12-31", key_of(9999, 12, 31))


def test_a_report_after_the_verification_awaits_it_and_an_older_one_disagrees(database: Database) -> None:
    fill(database)
    api = Api(database)
    api.post(
        "/v1/clauses/deal.1/follow-ups", FOLLOW_UP | {"effective_on": "2021", "checked_on": "2022-05-05"}
    )
    reported = {"track": "reported", "status": "met", "effective_on": "2022-05-06", "stated_by": "city"}
    report = api.post("/v1/clauses/deal.1/follow-ups", reported).json
    flags = "/v1/clauses/deal.1?fields=disagreement,awaiting_verification"
    assert api.get(flags).json == {"disagreement": False, "awaiting_verification": True}
    assert api.ids("/v1/clauses?awaiting_verification=true") == ["deal.1"]
    api.patch(f"/v1/follow-ups/{report['id']}", {"effective_on": "2022-05-05"})
    assert api.get(flags).json == {"disagreement": True, "awaiting_verification": False}
    assert api.ids("/v1/clauses?disagreement=true") == ["deal.1"]
    api.post("/v1/clauses/deal.1/follow-ups", MET | {"status": "met_ongoing", "effective_on": "2022-06"})
    assert api.get(flags).json == {"disagreement": False, "awaiting_verification": False}
    assert api.get("/v1/clauses/deal.1?include=reports&fields=id").json == {
        "id": "deal.1",
        "reports": [
            {"stated_by": "city", "status": "met", "effective_on": "2022-05-05",
             "checked_on": report["checked_on"], "follow_up": report["id"]},
        ],
    }  # fmt: skip


def test_a_confirmation_refreshes_the_review_and_says_that_it_is_no_news(database: Database) -> None:
    fill(database)
    api = Api(database)
    first = api.post("/v1/clauses/deal.1/follow-ups", FOLLOW_UP | {"checked_on": "2022-01-01"}).json
    again = api.post(
        "/v1/clauses/deal.1/follow-ups", FOLLOW_UP | {"effective_on": "2022", "checked_on": "2023-01-01"}
    )
    assert (first["confirms"], again.json["confirms"]) == (False, True)
    assert again.raw == api.get(f"/v1/follow-ups/{again.json['id']}").raw
    assert api.get("/v1/clauses/deal.1").json["reviewed_on"] == "2023-01-01"


def test_a_party_s_agreements_are_found_under_the_name_it_merged_into_from_that_day_on(
    database: Database,
) -> None:
    fill(database)
    with database.write(Author("setup")) as change:
        insert_rows(change, Party, [
            {"id": "region", "kind": "organisation", "name": "Region"},
            {"id": "union", "kind": "organisation", "name": "Union", "successor": "region", "succeeded_on": "2023"},
        ])  # fmt: skip
        from sqlalchemy import text

        change.connection.execute(text("UPDATE party SET successor = 'union', succeeded_on = '2022-07-01',"
                             " succeeded_on_earliest = '2022-07-01', succeeded_on_latest = '2022-07-01'"
                             " WHERE id = 'city'"))  # fmt: skip
    api = Api(database)
    assert api.ids("/v1/agreements?party=city") == ["deal"]
    assert api.ids("/v1/agreements?party=union") == ["deal"]
    assert api.ids("/v1/agreements?party=region") == ["deal"]
    assert api.ids("/v1/agreements?party=union&as_of=2022-06-30") == []
    assert api.ids("/v1/clauses?party=union&as_of=2022-07-01") == ["deal.1", "deal.2", "deal.10"]
    assert api.ids("/v1/agreements?party=region&as_of=2023-12-30") == []
    assert api.ids("/v1/agreements?party=city&as_of=2020-08-30") == []


def test_what_was_not_there_on_a_day_is_left_out_and_said(database: Database) -> None:
    fill(database)
    api = Api(database)
    assert api.ids("/v1/agreements?as_of=2020-08-30") == ["older"]
    assert api.ids("/v1/quotes?as_of=2020-08-30") == []
    assert api.get("/v1/clauses/deal.1?as_of=2020-08").status == 200
    missing = api.get("/v1/clauses/deal.1?as_of=2020-08-30")
    assert (missing.status, missing.json["detail"]) == (404, "clause deal.1 was not there on 2020-08-30")


def test_fields_and_includes(database: Database) -> None:
    fill(database)
    api = Api(database)
    follow_up = api.post("/v1/clauses/deal.1/follow-ups", FOLLOW_UP).json
    clauses = [api.get(f"/v1/clauses/deal.{number}").json for number in (1, 2, 10)]
    quotes = [api.get(f"/v1/quotes/deal.q{number}").json for number in (1, 2)]
    follow_up = api.get(f"/v1/follow-ups/{follow_up['id']}").json
    assert api.get("/v1/agreements/deal?fields=id,title&include=clauses,quotes").json == {
        "id": "deal", "title": "Deal", "clauses": clauses, "quotes": quotes,
    }  # fmt: skip
    inside = api.get("/v1/agreements?fields=id&include=follow_ups,clauses&sort=-id").json["data"]
    assert inside[1] == {
        "id": "deal",
        "clauses": [each | {"follow_ups": [follow_up] if each["number"] == 1 else []} for each in clauses],
    }
    assert api.get("/v1/clauses?agreement=deal&fields=number&include=follow_ups,quotes").json["data"] == [
        {"number": 1, "follow_ups": [follow_up], "quotes": quotes[:1]},
        {"number": 2, "follow_ups": [], "quotes": []},
        {"number": 10, "follow_ups": [], "quotes": []},
    ]
    agreement = api.get("/v1/agreements/deal")
    assert agreement.etag.startswith('"1-')
    assert api.get("/v1/agreements/deal?fields=title").etag.startswith('"1-')
    assert api.get("/v1/agreements").raw.count(agreement.raw) == 1
    wrong = api.get("/v1/clauses/deal.1?fields=id,statsu&include=quote&as_of=yesterday&x=1")
    assert (wrong.status, wrong.faults) == (
        400,
        [
            ("as_of", "bad_date"),
            ("fields", "unknown_field"),
            ("include", "unknown_include"),
            ("x", "unknown_parameter"),
        ],
    )
    assert wrong.json["errors"][2]["hint"] == "did you mean `status`?"


def test_a_page_with_everything_included_takes_one_statement_a_kind(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database)
    api = Api(database)
    seen: list[str] = []
    from tracker.database.statements import Statement

    prepare = Statement.prepared

    def counted(self: Statement, *given: Any) -> Any:
        seen.append("")
        return prepare(self, *given)

    monkeypatch.setattr(Statement, "prepared", counted)
    api.get("/v1/agreements?include=clauses,follow_ups,quotes")
    begun = [] if database.is_sqlite else [""]  # PostgreSQL is asked first whether it is there
    assert len(seen) == 6 + len(begun)  # the page, its roll-ups, their titles, three kinds
