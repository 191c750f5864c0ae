"""Reading through the API: one thing, lists, filters, order, pages, ETags; the same on both engines."""

from __future__ import annotations

import base64
import functools
import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import String, insert

from tests import postgres
from tests.api import AT, TEXT, Api, fill
from tests.rows import ROWS
from tracker import dates
from tracker.database.changes import Author
from tracker.database.engine import Database, open_database
from tracker.models import (
    RESOURCES,
    Agreement,
    Clause,
    FollowUp,
    Initiative,
    Party,
    Resource,
    Source,
    fields_of,
    table_of,
)
from tracker.queries.filters import FILTERS
from tracker.queries.lists import _page_statement, sortable
from tracker.services.rows import insert_rows

on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def api(database: Database) -> Api:
    fill(database)
    return Api(database)


@pytest.fixture
def both(
    _sqlite_template: Path, tmp_path: Path, postgres_databases: postgres.Databases
) -> Iterator[list[Database]]:
    """One empty database of each engine."""
    shutil.copyfile(_sqlite_template, tmp_path / "both.db")
    postgres_databases.clean()
    opened = [open_database(f"sqlite:///{tmp_path / 'both.db'}"), open_database(postgres_databases.url)]
    yield opened
    for each in opened:
        each.close()


def test_one_clause_is_a_bare_object(api: Api) -> None:
    answer = api.get("/v1/clauses/deal.1")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json == {
        "id": "deal.1",
        "agreement": "deal",
        "number": 1,
        "kind": "listed",
        "text": TEXT[:5],
        "label": None,
        "lang": None,
        "due": "2021-12",
        "first_due": "2021-12",
        "department": None,
        "source": "article",
        "start": 0,
        "end": 5,
        "reported_status": None,
        "verified_status": None,
        "status": "not_assessed",
        "met_on": None,
        "reviewed_on": None,
        "version": 1,
        "created_at": AT,
        "updated_at": AT,
        "schedule": "overdue",
        "overdue_since": "2022-01-01",
        "slippage_days": 0,
        "freshness": "very_stale",
        "next_review_on": "2021-08-31",
        "disagreement": False,
        "awaiting_verification": False,
        "parties": [{"party": "city", "role": "obligor"}, {"party": "agency", "role": "beneficiary"}],
    }
    assert TEXT[:5].encode() in answer.raw  # no \u escapes


def test_one_agreement_nests_what_a_seed_nests_but_not_its_children(api: Api) -> None:
    found = api.get("/v1/agreements/deal").json
    assert found.pop("summary")["total"] == 3
    assert found == {
        "id": "deal",
        "title": "Deal",
        "kind": "mou",
        "binding": "unknown",
        "lifecycle": "active",
        "purpose": None,
        "signed_on": "2020-08-31",
        "signed_as_printed": None,
        "signing_mode": "unknown",
        "signing_mode_reason": None,
        "signing_place": None,
        "starts": None,
        "ends": None,
        "ended_on": None,
        "end_reason": None,
        "council_reported_on": None,
        "series": "series",
        "series_number": None,
        "review_every_months": 12,
        "version": 1,
        "created_at": AT,
        "updated_at": AT,
        "expired": False,
        "freshness": "very_stale",
        "next_review_on": "2021-08-31",
        "sources": ["article"],
        "initiatives": ["series"],
        "parties": [
            {
                "party": "city",
                "role": "party",
                "signed_by": "mayor",
                "signed_as": None,
                "department": "도시과",
            },
            {"party": "agency", "role": "party", "signed_by": None, "signed_as": None, "department": None},
        ],
        "links": [],
        "identifiers": [],
    }


def test_a_party_a_quote_and_an_initiative_are_given_whole(api: Api) -> None:
    stamps = {"version": 1, "created_at": AT, "updated_at": AT}
    assert api.get("/v1/parties/agency").json == {
        "id": "agency",
        "kind": "organisation",
        "class": "public_agency",
        "name": "K_DATA",
        "country": "KR",
        "founded": None,
        "description": None,
        "successor": None,
        "succeeded_on": None,
        **stamps,
        "names": [
            {"name": "Korea Data", "kind": "alias", "lang": "en", "valid_from": None, "valid_to": None}
        ],
        "affiliations": [],
        "identifiers": [],
    }
    assert api.get("/v1/quotes/deal.q1").json == {
        "id": "deal.q1",
        "agreement": "deal",
        "number": 1,
        "kind": "direct",
        "text": "말",
        "speaker": "mayor",
        "on_behalf_of": "city",
        "speaker_as_printed": None,
        "lang": None,
        "source": None,
        "start": None,
        "end": None,
        **stamps,
        "clauses": ["deal.1"],
    }
    assert api.get("/v1/initiatives/series").json == {
        "id": "series",
        "kind": "series",
        "name": "Series",
        "operator": "city",
        **stamps,
    }


def test_the_text_of_a_source_is_for_token_holders(api: Api) -> None:
    public = api.get("/v1/sources/article")
    assert "text" not in public.json
    assert public.headers["Vary"] == "Authorization"
    held = api.get("/v1/sources/article", role="viewer")
    assert held.json == public.json | {"text": TEXT}
    assert held.headers["Vary"] == "Authorization"
    assert held.headers["Cache-Control"] == "private, no-cache"
    assert held.etag.startswith('"1-')  # the version is there for whoever changes it
    assert held.etag != public.etag
    assert api.get("/v1/sources/closed", role="viewer").json["text"] is None
    assert "text" not in api.get("/v1/sources/closed").json
    assert TEXT not in api.get("/v1/sources", role="admin").raw.decode()


def test_an_etag_spares_the_body(api: Api) -> None:
    for path in ("/v1/clauses/deal.1", "/v1/clauses", "/v1/sources/article", "/v1/clauses/deal.1/follow-ups"):
        answer = api.get(path)
        for header in (answer.etag, f"W/{answer.etag}", f'"x", {answer.etag}', "*", " * "):
            again = api.get(path, if_none_match=header)
            assert (again.status, again.raw, again.etag) == (304, b"", answer.etag)
        for header in ('"x"', "x", "", answer.etag[1:-1], "é"):
            assert api.get(path, if_none_match=header).status == 200
    assert api.get("/v1/clauses/deal.1").etag.startswith('"1-')
    assert "-" not in api.get("/v1/clauses").etag


def test_an_etag_changes_with_the_representation(api: Api) -> None:
    before = api.get("/v1/clauses/deal.1").etag
    listed = api.get("/v1/clauses").etag
    follow_up = {"track": "reported", "status": "behind", "effective_on": "2021"}
    assert api.post("/v1/clauses/deal.1/follow-ups", follow_up).status == 201
    after = api.get("/v1/clauses/deal.1").etag
    assert before != after
    assert after.startswith('"1-')
    assert api.get("/v1/clauses").etag != listed
    assert api.patch("/v1/clauses/deal.1", {"label": "1"}, if_match=before).status == 200


def test_head_answers_as_get_without_a_body(api: Api) -> None:
    for path in ("/v1/clauses/deal.1", "/v1/clauses?limit=1", "/v1/clauses/none.1", "/v1/changes"):
        got, head = api.get(path), api.ask("HEAD", path)
        assert (head.status, head.raw) == (got.status, b"")
        for name in ("ETag", "Link", "Content-Type", "Content-Length"):
            assert head.headers.get(name) == got.headers.get(name)
    etag = api.get("/v1/clauses/deal.1").etag
    assert api.ask("HEAD", "/v1/clauses/deal.1", if_none_match=etag).status == 304


FILTERED = {
    "/v1/parties": ["agency", "city", "mayor", "paper"],
    "/v1/parties?kind=person": ["mayor"],
    "/v1/parties?class=media,public_agency": ["agency", "paper"],
    "/v1/parties?country=KR&kind=organisation": ["agency", "city"],
    "/v1/sources?kind=official_document": ["closed"],
    "/v1/sources?publisher=paper": ["article"],
    "/v1/sources?author=mayor": [],
    "/v1/initiatives?operator=city&kind=series": ["series"],
    "/v1/agreements?party=agency": ["deal", "older"],
    "/v1/agreements?party=mayor": ["deal"],
    "/v1/agreements?party=mayor,agency": ["deal", "older"],
    "/v1/agreements?initiative=series": ["deal"],
    "/v1/agreements?series=series": ["deal"],
    "/v1/agreements?kind=moa": ["older"],
    "/v1/agreements?lifecycle=active": ["deal"],
    "/v1/agreements?department=%EB%8F%84%EC%8B%9C%EA%B3%BC": ["deal"],
    "/v1/agreements?signed_on__gte=2020": ["deal"],
    "/v1/agreements?signed_on__gte=2019-06": ["deal"],
    "/v1/agreements?signed_on__lt=2020-08-31": ["older"],
    "/v1/agreements?signed_on__lt=2019-12-31": [],
    "/v1/agreements?signed_on__gte=2019&signed_on__lt=2020": ["older"],
    "/v1/clauses": ["deal.1", "deal.2", "deal.10", "older.1"],
    "/v1/clauses?agreement=deal": ["deal.1", "deal.2", "deal.10"],
    "/v1/clauses?agreement=nowhere": [],
    "/v1/clauses?party=city": ["deal.1", "deal.2", "deal.10"],
    "/v1/clauses?party=nobody": [],
    "/v1/clauses?obligor=city": ["deal.1"],
    "/v1/clauses?obligor=agency": [],
    "/v1/clauses?beneficiary=agency,city": ["deal.1"],
    "/v1/clauses?initiative=series&kind=listed": ["deal.1", "deal.10"],
    "/v1/clauses?status=not_assessed&kind=spoken": ["older.1"],
    "/v1/clauses?status=met": [],
    "/v1/clauses?department=%EA%B3%BC": ["deal.2"],
    "/v1/clauses?department=%E1%84%80%E1%85%AA": ["deal.2"],  # NFD
    "/v1/clauses?department=%EB%8F%84%EC%8B%9C%EA%B3%BC": ["deal.1", "deal.10"],  # that of the agreement
    "/v1/clauses?due__gte=2021-07": ["deal.1"],
    "/v1/clauses?due__lt=2021-12-31": ["deal.10"],
    "/v1/clauses?due__lt=2022": ["deal.1", "deal.10"],
    "/v1/clauses?due__gte=0001": ["deal.1", "deal.10"],
    "/v1/quotes": ["deal.q1", "deal.q2"],
    "/v1/quotes?agreement=deal&speaker=mayor": ["deal.q1"],
    "/v1/quotes?on_behalf_of=city": ["deal.q1"],
    "/v1/quotes?kind=headline,indirect": ["deal.q2"],
    "/v1/follow-ups": [],
}


def test_filters_leave_what_they_name(api: Api) -> None:
    assert {path: api.ids(path) for path in FILTERED} == FILTERED


def test_follow_ups_are_filtered(api: Api) -> None:
    made = {}
    for clause, status, day, more in (
        ("deal.1", "behind", "2020", {"track": "reported", "stated_by": "city"}),
        ("deal.1", "in_progress", "2021-03", {}),
        ("older.1", "no_evidence", "2021-04-05", {"role": "admin"}),
    ):
        role = more.pop("role", "editor")
        body = {"track": "verified", "status": status, "effective_on": day, **more}
        answer = api.post(f"/v1/clauses/{clause}/follow-ups", body, role=role)
        made[status] = answer.json["id"]
    every = [made["behind"], made["in_progress"], made["no_evidence"]]
    expected = {
        "": every,
        "clause=deal.1": every[:2],
        "clause=deal.2": [],
        "agreement=older,deal": every,
        "agreement=older": every[2:],
        "track=reported": every[:1],
        "status=in_progress,no_evidence": every[1:],
        "stated_by=city": every[:1],
        "recorded_by=Admin": every[2:],
        "effective_on__gte=2020-02": every[1:],
        "effective_on__lt=2020-12-31": [],
        "effective_on__lt=2021": every[:1],
        "effective_on__gte=2021&effective_on__lt=2021-04": every[1:2],
    }
    assert {query: api.ids(f"/v1/follow-ups?{query}") for query in expected} == expected
    assert api.ids("/v1/clauses/deal.1/follow-ups?limit=1") == every[:2]
    assert api.ids("/v1/clauses/deal.2/follow-ups") == []
    assert api.get("/v1/clauses/deal.3/follow-ups").status == 404


def test_a_count_is_given_on_request_only(api: Api) -> None:
    assert "count" not in api.get("/v1/clauses?limit=1").json
    first = api.get("/v1/clauses?limit=1&count=exact&agreement=deal").json
    assert first["count"] == 3
    assert api.get(first["links"]["next"]).json["count"] == 3


def test_the_next_page_keeps_what_was_asked_for(api: Api) -> None:
    answer = api.get("/v1/clauses?kind=listed,narrative&limit=1&sort=-due")
    following = answer.json["links"]["next"]
    assert following.startswith("/v1/clauses?kind=listed%2Cnarrative&limit=1&sort=-due&cursor=")
    assert answer.headers["Link"] == f'<{following}>; rel="next"'
    public = Api(api.database, public_url="https://example.org/x/").get("/v1/clauses?limit=1")
    assert public.json["links"]["next"].startswith("https://example.org/x/v1/clauses?limit=1&cursor=")
    assert "Link" not in api.get("/v1/clauses").headers


def test_an_empty_list_is_a_list(database: Database) -> None:
    api = Api(database)
    for model in RESOURCES.values():
        answer = api.get(f"/v1/{model.path}?count=exact")
        assert answer.json == {"data": [], "links": {"next": None}, "count": 0}


def cursor_of(path: str) -> str:
    return path.rpartition("cursor=")[2]


def test_a_cursor_belongs_to_its_filters_and_order(api: Api) -> None:
    cursor = cursor_of(api.get("/v1/clauses?limit=1&agreement=deal").json["links"]["next"])
    assert api.get(f"/v1/clauses?limit=2&agreement=deal&cursor={cursor}").status == 200
    for query in ("", "agreement=older&", "agreement=deal&sort=-id&", "agreement=deal&kind=listed&"):
        answer = api.get(f"/v1/clauses?{query}cursor={cursor}")
        assert (answer.status, answer.faults) == (400, [("cursor", "foreign_cursor")])
    assert api.get(f"/v1/quotes?agreement=deal&cursor={cursor}").status == 400


def test_a_cursor_belongs_to_its_day(api: Api) -> None:
    days = ("", "as_of=2021-06-30&", "as_of=2022-06-30&")
    cursors = {day: cursor_of(api.get(f"/v1/clauses?limit=1&{day}").json["links"]["next"]) for day in days}
    for day, cursor in cursors.items():
        for other in days:
            answer = api.get(f"/v1/clauses?{other}cursor={cursor}")
            if other == day:
                assert answer.status == 200
            else:
                assert (answer.status, answer.faults) == (400, [("cursor", "foreign_cursor")])


WRONG: list[Any] = [None, True, 1, -1, 2**63, 1.5, "", "x", "a\x00", "\ud800", [], {}, [1], "2021-02-30", "9" * 5000,
                    "2021-01-01T00:00:00Z", "10000-01-01", "٣"]  # fmt: skip


@pytest.mark.parametrize(
    "sort", ["id", "due", "-signed_on", "recorded_at", "checked_on", "title", "-number", "name"]
)
def test_a_cursor_with_anything_inside_is_refused_or_read(api: Api, sort: str) -> None:
    model = {
        "due": "clauses", "-number": "clauses", "id": "clauses", "-signed_on": "agreements", "title": "sources",
        "name": "parties",
    }.get(sort, "follow-ups")  # fmt: skip
    if model == "follow-ups":
        for _ in range(2):
            api.post("/v1/clauses/deal.1/follow-ups", {"track": "reported", "status": "no_evidence"})
    path = f"/v1/{model}?sort={sort}&limit=1"
    cursor = cursor_of(api.get(path).json["links"]["next"])
    good = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    statuses = set()
    for place, value in itertools.product(range(len(good)), WRONG):
        bad = [*good[:place], value, *good[place + 1 :]]
        raw = base64.urlsafe_b64encode(json.dumps(bad).encode()).decode().rstrip("=")
        statuses.add(api.get(f"{path}&cursor={raw}").status)
    assert statuses <= {200, 400}
    for raw in (
        "x",
        "%FF",
        "é",
        "e30",
        "W10",
        "bnVsbA",
        base64.b64encode(b"[" * 5000).decode(),
        "",
        "AAAA",
        cursor[:-2],
    ):
        assert api.get(f"{path}&cursor={raw}").status == 400


def test_long_texts_are_no_sort_keys(api: Api) -> None:
    """A cursor holds the keys of a row and has to fit a URL."""
    for model in RESOURCES.values():
        for name in sortable(model):
            field = fields_of(model).get(name)
            assert field is None or (field.length or 0) <= 2000
            assert api.get(f"/v1/{model.path}?sort=-{name}").status == 200
    assert "text" not in sortable(Clause)
    assert api.get("/v1/clauses?sort=text").faults == [("sort", "bad_sort")]


TEXTS = [
    "가",
    "각",
    "나",
    "A",
    "a",
    "B",
    "_a",
    "a_b",
    "ab",
    "Z",
    "é",
    "z",
    "힣",
    "1",
    "10",
    "2",
    "-",
    "😀",
    "\uffee",
]
maybe_text = st.none() | st.sampled_from(TEXTS)
maybe_date = st.none() | st.sampled_from(
    ["2020", "2020-12-31", "2021-01", "XXXX-05", "2021/..", "../2020-12"]
)
clauses = st.lists(
    st.fixed_dictionaries(
        {
            "agreement": st.sampled_from(["a", "a-1", "b"]),
            "label": maybe_text,
            "department": maybe_text,
            "due": maybe_date,
            "kind": st.sampled_from(["listed", "narrative", "spoken"]),
            "met_on": st.none() | st.sampled_from(["2020-01-01", "2021-01-01"]),
            "version": st.integers(1, 3),
        }
    ),
    min_size=1,
    max_size=14,
)
orders = st.lists(st.sampled_from(list(sortable(Clause))), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.tuples(*(st.sampled_from([name, f"-{name}"]) for name in names))
)


def put(database: Database, rows: list[dict[str, Any]]) -> None:
    numbers = itertools.count(1)
    with database.write(Author("setup")) as change:
        from sqlalchemy import text

        change.connection.execute(text("DELETE FROM clause"))
        change.connection.execute(text("DELETE FROM agreement"))
        stamps = {"created_at": AT, "updated_at": AT}
        insert_rows(
            change, Agreement, [{"id": id, "title": id, "kind": "mou", **stamps} for id in ("a", "a-1", "b")]
        )
        things = []
        for row in rows:
            number = next(numbers)
            things.append(
                row | {"id": f"{row['agreement']}.{number}", "number": number, "text": "x", **stamps}
            )
        insert_rows(change, Clause, things)


def compare(order: tuple[str, ...], one: dict[str, Any], other: dict[str, Any]) -> int:
    """Compare two rows naively: NULL last whichever way, dates by latest day, texts by code point."""
    for key in (*order, "id"):
        name = key.removeprefix("-")
        sides = []
        for row in (one, other):
            value = row[name]
            if name == "id":
                value = (row["agreement"], row["number"])
            elif name in ("due", "first_due") and value is not None:
                value = dates.parse(value).latest
            sides.append(value)
        mine, theirs = sides
        if mine == theirs:
            continue
        if mine is None or theirs is None:
            return 1 if mine is None else -1
        return (1 if mine > theirs else -1) * (-1 if key.startswith("-") else 1)
    return 0


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=clauses, order=orders, limit=st.integers(1, 4))
@example(
    rows=[{"agreement": "a", "label": label, "department": None, "due": None, "kind": "listed", "met_on": None,
           "version": 1} for label in (None, "A", "a", "_a", "가", None, "A")],
    order=("-label",),
    limit=1,
)  # fmt: skip
def test_pages_lose_and_repeat_no_row_and_are_the_same_on_both_engines(
    both: list[Database], rows: list[dict[str, Any]], order: tuple[str, ...], limit: int
) -> None:
    pages: list[list[bytes]] = []
    for database in both:
        put(database, rows)
        api = _api_of(database)
        bodies = []
        found: list[dict[str, Any]] = []
        following = f"/v1/clauses?sort={','.join(order)}&limit={limit}"
        while following:
            answer = api.get(following)
            assert answer.status == 200, answer.raw
            bodies.append(answer.raw)
            found += answer.json["data"]
            following = answer.json["links"]["next"]
        assert sorted(row["id"] for row in found) == sorted(
            f"{row['agreement']}.{place}" for place, row in enumerate(rows, 1)
        )
        expected = sorted(found, key=functools.cmp_to_key(functools.partial(compare, order)))
        assert [row["id"] for row in found] == [row["id"] for row in expected]
        pages.append(bodies)
    assert pages[0] == pages[1]


_apis: list[Api] = []


def _api_of(database: Database) -> Api:
    for api in _apis:
        if api.database is database:
            return api
    _apis[:] = [*_apis[-1:], Api(database)]
    return _apis[-1]


def test_every_sort_key_of_every_list_pages_through_everything(database: Database) -> None:
    fill(database)
    api = Api(database)
    for number in range(9):
        status = ("no_evidence", "behind", "in_progress")[number % 3]
        follow_up = {
            "track": "reported",
            "status": status,
            "effective_on": "2021",
            "checked_on": f"2022-0{1 + number % 2}-01",
        }
        assert api.post("/v1/clauses/deal.1/follow-ups", follow_up).status == 201
    with database.write(Author("setup")) as change:
        things: list[tuple[type[Resource], dict[str, str]]] = [
            (Party, {"kind": "person", "name": "same"}),
            (Source, {"kind": "other", "title": "same"}),
            (Initiative, {"kind": "policy", "name": "same"}),
            (Agreement, {"kind": "moa", "title": "same"}),
        ]
        for kind, more in things:
            insert_rows(change, kind, [{"id": f"x-{number}", **more} for number in range(7)])
    for model in RESOURCES.values():
        path = f"/v1/{model.path}"
        everything = sorted(api.ids(f"{path}?limit=200"))
        for name, sign in itertools.product(sortable(model), ("", "-")):
            in_pages = api.ids(f"{path}?sort={sign}{name}&limit=2")
            assert in_pages == api.ids(f"{path}?sort={sign}{name}&limit=200")
            assert sorted(in_pages) == everything


def test_both_engines_give_the_same_bytes(both: list[Database], monkeypatch: pytest.MonkeyPatch) -> None:
    from tracker.services import follow_ups

    monkeypatch.setattr(dates, "utc_now", lambda: AT)
    monkeypatch.setattr(dates, "today", lambda zone: "2026-01-02")
    monkeypatch.setattr("os.urandom", bytes)
    answers: list[dict[str, bytes]] = []
    for database in both:
        fill(database)
        with database.write(Author("setup")) as change:
            insert_rows(change, Party, [
                {"id": f"p{place}", "kind": "person", "name": words, "country": "KR", "founded": "198X",
                 "created_at": AT, "updated_at": AT}
                for place, words in enumerate(TEXTS)
            ])  # fmt: skip
        api = Api(database)
        numbers = itertools.count(1)
        monkeypatch.setattr(follow_ups, "new_id", lambda n=numbers: f"018f3c2a-0000-7000-8000-{next(n):012}")
        for clause, status in (("deal.1", "met"), ("deal.1", "no_evidence"), ("deal.2", "behind")):
            body = {"track": "verified", "status": status, "effective_on": "2021-02", "reason": "other", "note": "줄\n\"'\\/\u2028😀",
                    "evidence": [{"reference": "문서-1\x1f", "stance": "supports"}, {"source": "article"}]}  # fmt: skip
            assert api.post(f"/v1/clauses/{clause}/follow-ups", body).status == 201
        paths = [f"/v1/{model.path}?count=exact&sort={sign}{name}"
                 for model in RESOURCES.values() for name in sortable(model) for sign in ("", "-")]  # fmt: skip
        paths += ["/v1/changes", "/v1/agreements/deal/history", "/v1/clauses/deal.1", "/v1/agreements/deal"]
        answers.append({path: api.get(path, X_Request_Id="r").raw for path in paths})
        answers[-1] |= {f"{path} etag": api.get(path).etag.encode() for path in FILTERED}
    different = [path for path in answers[0] if _plain(answers[0][path]) != _plain(answers[1][path])]
    assert different == []


def _plain(raw: bytes) -> bytes:
    """Leave out the ids of requests, which are random."""
    import re

    return re.sub(rb'"(request|digest|previous)":("[^"]*"|null)', b"", raw)


def test_postgresql_is_told_to_sort_every_text_by_code_point() -> None:
    """The bundled server sorts so anyway, where it has no ICU; others do not."""
    engine = open_database("postgresql://nobody@localhost/nothing").reader
    for model in RESOURCES.values():
        columns = table_of(model).c
        for name in sortable(model):
            key = name if name in columns and f"{name}_latest" not in columns else f"{name}_latest"
            if key not in columns:  # computed
                sql, _ = _page_statement(model, (), (name, "id"), None, encoded=False).prepared(
                    engine, [*range(9)]
                )
                assert name not in ("schedule", "freshness") or 'END COLLATE "C"' in sql
                continue
            kind = columns[key].type.dialect_impl(engine.dialect)
            if isinstance(kind, String) and kind.collation != "C":
                statement = _page_statement(model, (), (name, "id"), None, encoded=False)
                sql, _ = statement.prepared(engine, [*range(9)])
                assert f'{model.__tablename__}.{key} COLLATE "C"' in sql


@on_sqlite
@pytest.mark.parametrize("path", ["/", "/v1"])
def test_the_first_address_says_what_there_is_to_read(api: Api, path: str) -> None:
    for address in api.get(path).json["resources"].values():
        assert api.get(address).status == 200


EVERY_LETTER = "".join(
    map(chr, [*range(1, 0x300), 0x2028, 0x2029, *range(0x1100, 0x1110), 0xAC00, 0xFEFF, 0xFFFD, 0x1F91D])
)


def test_an_entry_of_a_list_has_the_bytes_of_the_thing_itself(api: Api, database: Database) -> None:
    """Whoever makes the JSON, the database or the encoder, escapes the same letters in the same way."""
    letters = [EVERY_LETTER[at : at + 250] for at in range(0, len(EVERY_LETTER), 250)]
    with database.write(Author("tester")) as change:
        names = [{"name": each, "kind": "alias"} for each in letters]
        odd = {"kind": "person", "name": letters[0], "description": EVERY_LETTER, "names": names}
        insert_rows(change, Party, [{"id": "odd", **odd}])
        change.connection.execute(
            insert(table_of(FollowUp)).values(ROWS["follow_up"] | {"note": EVERY_LETTER})
        )
    for model in RESOURCES.values():
        entries = api.get(f"/v1/{model.path}?limit=200")
        ids = [entry["id"] for entry in entries.json["data"]]
        things = [api.get(f"/v1/{model.path}/{id}").raw for id in ids]
        assert ids
        assert entries.raw == b'{"data":[' + b",".join(things) + b'],"links":{"next":null}}'


def test_any_two_filters_of_a_list_go_together(database: Database) -> None:
    """Two of them once asked for parties under one name, which no statement can have twice."""
    fill(database)
    api = Api(database)
    for model, filters in FILTERS.items():
        values = {
            name: (filter.codelist and next(iter(filter.codelist)))
            or {"id": "a-b.1" if filter.target == "clause" else "a-b", "day": "2020"}.get(filter.kind, "a")
            for name, filter in filters.items()
        }
        for one, other in itertools.combinations(values, 2):
            path = f"/v1/{model.plural.replace('_', '-')}?{one}={values[one]}&{other}={values[other]}"
            assert api.get(path).status == 200, path
    owed = [{"party": "city", "role": "obligor"}, {"party": "agency", "role": "beneficiary"}]
    api.patch("/v1/clauses/deal.1", {"parties": owed})
    api.patch("/v1/clauses/deal.2", {"parties": owed[:1]})
    owing, gaining = api.ids("/v1/clauses?obligor=city"), api.ids("/v1/clauses?beneficiary=agency")
    assert (owing, gaining) == (["deal.1", "deal.2"], ["deal.1"])
    assert api.ids("/v1/clauses?party=city&obligor=city&beneficiary=agency") == ["deal.1"]
    assert api.ids("/v1/clauses?party=city&obligor=agency") == []
