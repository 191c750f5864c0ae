"""What a clause's follow-ups say together, against a naive model, and the same through the API."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.api import Api, fill
from tracker import dates
from tracker.codes import MET, STATUSES
from tracker.database.changes import Author
from tracker.database.engine import Database
from tracker.models import FollowUp
from tracker.services.follow_ups import refresh_clause
from tracker.services.rows import insert_rows
from tracker.services.statuses import Finding, before, current

DAYS = ["2021-01-01", "2021-01-02", "2021-01-03", "2021-12-31"]
CODES = ["no_evidence", "no_evidence", "met", "met_ongoing", "in_progress", "partially_met", "waived"]
ids = itertools.count(1)

findings = st.lists(
    st.builds(
        Finding,
        track=st.sampled_from(["reported", "verified"]),
        status=st.sampled_from(CODES),
        effective_latest=st.sampled_from(DAYS),
        checked_on=st.sampled_from(DAYS),
        recorded_at=st.sampled_from([f"2022-01-0{day}T00:00:00.000000Z" for day in (1, 2, 3)]),
        id=st.uuids(version=4).map(str),
    ),
    max_size=7,
    unique_by=lambda finding: finding.id,
)


def later(a: Finding, b: Finding) -> bool:
    """Return whether a stands behind b: latest day of effective_on, checked_on, recorded_at, id, in this order."""
    for name in ("effective_latest", "checked_on", "recorded_at", "id"):
        mine, other = getattr(a, name), getattr(b, name)
        if mine != other:
            return bool(mine > other)
    return False


def stands_back(finding: Finding, track: Sequence[Finding]) -> bool:
    """A `no_evidence`, as soon as any other of its track was checked later, or that day, recorded later."""
    if finding.status != "no_evidence":
        return False
    for other in track:
        if other.checked_on > finding.checked_on:
            return True
        if other.checked_on == finding.checked_on and other.recorded_at > finding.recorded_at:
            return True
    return False


def model(every: Sequence[Finding]) -> dict[str, str | None]:
    """The rule as it is written in .github/DECISIONS.md: pick the latest again and again, never sort."""
    said: dict[str, str | None] = {}
    runs: dict[str, list[Finding]] = {}
    for track in ("reported", "verified"):
        ours = [finding for finding in every if finding.track == track]
        left = [finding for finding in ours if not stands_back(finding, ours)]
        runs[track] = []
        while left:
            top = next(one for one in left if not any(later(other, one) for other in left))
            runs[track].append(top)
            left.remove(top)
        said[f"{track}_status"] = runs[track][0].status if runs[track] else None
    deciding = runs["verified"] or runs["reported"]
    said["status"] = deciding[0].status if deciding else "not_assessed"
    run = list(itertools.takewhile(lambda finding: finding.status in ("met", "met_ongoing"), deciding))
    said["met_on"] = run[-1].effective_latest if run else None
    said["reviewed_on"] = max([finding.checked_on for finding in every]) if every else None
    return said


def shown(every: Sequence[Finding]) -> dict[str, str | None]:
    found = current(every)
    return {name: getattr(found, name) for name in found.__slots__}


@settings(max_examples=400)
@given(findings)
def test_current_statuses_are_what_the_design_says(every: list[Finding]) -> None:
    assert shown(every) == model(every)


@settings(max_examples=60)
@given(findings, st.randoms())
def test_the_order_of_follow_ups_does_not_matter(every: list[Finding], random: Any) -> None:
    mixed = list(every)
    random.shuffle(mixed)
    assert current(mixed) == current(every)


@settings(max_examples=200)
@given(findings.filter(bool))
def test_the_follow_up_before_is_the_latest_earlier_one_of_its_track(every: list[Finding]) -> None:
    written = every[0]
    earlier = [one for one in every if one.track == written.track and later(written, one)]
    expected = [one for one in earlier if not any(later(other, one) for other in earlier)]
    assert before(every, written) == (expected[0] if expected else None)


def finding(status: str, effective: str, checked: str = "2021-12-31", **more: str) -> Finding:
    return Finding(
        more.get("track", "verified"),
        status,
        effective,
        checked,
        more.get("recorded", "2022-01-01T00:00:00.000000Z"),
        f"{next(ids):036}",
    )


def test_a_clause_without_follow_ups_is_not_assessed() -> None:
    assert shown([]) == {
        "reported_status": None,
        "verified_status": None,
        "status": "not_assessed",
        "met_on": None,
        "reviewed_on": None,
    }


def test_a_search_without_a_find_stands_until_someone_looks_again() -> None:
    met = finding("met", "2021-01-01", "2021-01-02")
    searched = finding("no_evidence", "2021-06-01", "2021-06-01")
    assert shown([met, searched])["status"] == "no_evidence"
    assert shown([met, searched])["met_on"] is None
    again = finding("met", "2021-01-01", "2021-07-01")
    assert shown([met, searched, again])["status"] == "met"
    assert shown([met, searched, again])["met_on"] == "2021-01-01"


def test_verified_decides_over_reported_even_where_it_is_older() -> None:
    found = shown([finding("met", "2021-06-01", track="reported"), finding("behind", "2020-06-01")])
    assert (found["reported_status"], found["verified_status"], found["status"]) == (
        "met",
        "behind",
        "behind",
    )
    assert found["met_on"] is None


def test_met_on_is_the_first_day_of_the_unbroken_run() -> None:
    steps = [
        finding("met", "2020-01-01"),
        finding("behind", "2020-06-01"),
        finding("met", "2021-01-01"),
        finding("met_ongoing", "2021-06-01"),
    ]
    assert shown(steps)["met_on"] == "2021-01-01"


NEVER_NOW = st.sampled_from(["2019", "2020-02", "2020-08-31", "2020-08~", "2021-01-01/2021-03-31"])
recorded = st.lists(
    st.fixed_dictionaries(
        {
            "track": st.sampled_from(["reported", "verified"]),
            "status": st.sampled_from(
                ["no_evidence", "met", "met_ongoing", "in_progress", "stalled", "waived"]
            ),
            "effective_on": NEVER_NOW,
            "checked_on": st.sampled_from(["2020-09-01", "2021-05-05", "2022-01-01"]),
        }
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=recorded, removed=st.integers(0, 4), edited=st.integers(0, 4))
@example(
    steps=[
        {"track": "verified", "status": "met", "effective_on": "2019", "checked_on": "2020-09-01"},
        {"track": "verified", "status": "no_evidence", "effective_on": "2020-02", "checked_on": "2021-05-05"},
    ],
    removed=1,
    edited=0,
)
def test_a_clause_carries_what_its_follow_ups_say_after_every_write(
    database: Database, steps: list[dict[str, Any]], removed: int, edited: int
) -> None:
    api = _api(database)
    number = api.post("/v1/agreements/deal/clauses", {"kind": "listed", "text": "x"}).json["id"]
    ids = []
    for step in steps:
        body = step | {"reason": "correction", "evidence": [{"reference": "문서-1"}]}
        answer = api.post(f"/v1/clauses/{number}/follow-ups", body)
        assert answer.status == 201, answer.raw
        ids.append(answer.json["id"])
        _agrees(api, number)
    change = {"checked_on": "2023-03-03", "status": "met"}
    assert api.patch(f"/v1/follow-ups/{ids[edited % len(ids)]}", change).status == 200
    _agrees(api, number)
    assert api.delete(f"/v1/follow-ups/{ids[removed % len(ids)]}").status == 204
    _agrees(api, number)
    assert api.get(f"/v1/clauses/{number}").json["version"] == 1


def _agrees(api: Api, clause: str) -> None:
    every = [
        Finding(
            row["track"],
            row["status"],
            str(dates.parse(row["effective_on"]).latest),
            row["checked_on"],
            row["recorded_at"],
            row["id"],
        )
        for row in api.get(f"/v1/clauses/{clause}/follow-ups?limit=200").json["data"]
    ]
    stored = api.get(f"/v1/clauses/{clause}").json
    expected = model(every)
    assert {name: stored[name] for name in expected} == expected


_apis: list[Api] = []


def _api(database: Database) -> Api:
    """Return one client and world for all examples of a test: making them anew would cost most of its time."""
    if not _apis or _apis[0].database is not database:
        fill(database)
        _apis[:] = [Api(database)]
    return _apis[0]


@pytest.mark.parametrize("status", [code for code in STATUSES if code != "not_assessed"])
def test_every_status_can_be_recorded_and_refreshed(database: Database, status: str) -> None:
    fill(database)
    with database.write(Author("setup")) as change:
        insert_rows(
            change,
            FollowUp,
            [
                {
                    "id": "018f3c2a-0000-7000-8000-000000000001",
                    "clause": "deal.1",
                    "track": "reported",
                    "status": status,
                    "effective_on": "2021-02",
                    "checked_on": "2021-03-01",
                    "reason": "other",
                    "recorded_by": "x",
                    "recorded_at": "2021-03-01T00:00:00.000000Z",
                }
            ],
        )
        refresh_clause(change, "deal.1")
    found = Api(database).get("/v1/clauses/deal.1").json
    assert {name: found[name] for name in ("reported_status", "verified_status", "status", "met_on")} == {
        "reported_status": status,
        "verified_status": None,
        "status": status,
        "met_on": "2021-02-28" if status in MET else None,
    }
    assert found["reviewed_on"] == "2021-03-01"
    assert found["version"] == 1
