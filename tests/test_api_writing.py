"""Creating, changing and removing parties, sources, initiatives, agreements and quotes through the API."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from typing import Any

import pytest
from sqlalchemy import text

from tests.api import FOLLOW_UP, TEXT, Api, fill
from tests.loads import refused
from tests.rows import BY, counts
from tracker.database.changes import Author, Change
from tracker.database.engine import Database
from tracker.models import RESOURCES, Resource
from tracker.models.values import ResourceValues
from tracker.queries.computed import FIELDS as COMPUTED
from tracker.queries.representation import ROLLED_UP
from tracker.services import resources, writing
from tracker.services.checking import problems
from tracker.services.resources import ANY

NEW: dict[str, dict[str, Any]] = {
    "parties": {
        "id": "town",
        "kind": "organisation",
        "class": "local_government",
        "name": "Town",
        "country": "KR",
        "founded": "1949-08~",
        "description": "A town",
        "successor": "city",
        "succeeded_on": "2010",
        "names": [
            {"name": "읍", "kind": "translation", "lang": "ko", "valid_from": "1949", "valid_to": "2010"},
            {"name": "The Town", "kind": "alias", "lang": None, "valid_from": None, "valid_to": None},
        ],
        "affiliations": [],
        "identifiers": [{"scheme": "wikidata", "value": "Q42"}],
    },
    "sources": {
        "id": "release",
        "kind": "press_release",
        "title": "Signed",
        "publisher": "city",
        "author": "mayor",
        "photo_credit": "City",
        "lang": "en",
        "url": "https://example.org/a",
        "published": "2021-03",
        "sha256": hashlib.sha256(b"Signed today.").hexdigest(),
        "char_count": 13,
        "identifiers": [{"scheme": "관리번호", "value": "2021-1"}],
        "text": "Signed today.",
    },
    "initiatives": {"id": "centre", "kind": "facility", "name": "Data Centre", "operator": "city"},
    "agreements": {
        "id": "newer",
        "title": "Newer",
        "kind": "mou",
        "binding": "non_binding",
        "lifecycle": "terminated",
        "purpose": "Data",
        "signed_on": "2021-03-31",
        "signed_as_printed": "on the 31st",
        "signing_mode": "video",
        "signing_mode_reason": "COVID-19",
        "signing_place": "city hall",
        "starts": "2021-04",
        "ends": "2024-04",
        "ended_on": "2022",
        "end_reason": "purpose_met",
        "council_reported_on": "2021-05-01",
        "series": "series",
        "series_number": 31,
        "review_every_months": 6,
        "sources": ["article"],
        "initiatives": ["series"],
        "parties": [
            {
                "party": "city",
                "role": "party",
                "signed_by": "mayor",
                "signed_as": "Mayor",
                "department": "도시과",
            }
        ],
        "links": [{"kind": "renews", "target": "older"}],
        "identifiers": [{"scheme": "관리번호", "value": "2021-2"}],
    },
    "quotes": {
        "number": 7,
        "kind": "direct",
        "text": TEXT[:5],
        "speaker": "mayor",
        "on_behalf_of": "city",
        "speaker_as_printed": "Mayor Lee",
        "lang": "ko",
        "source": "article",
        "start": 0,
        "end": 5,
        "clauses": ["deal.2", "deal.1"],
    },
}
"""A new thing of each kind, with every field that a client may set."""
CHANGES: dict[str, dict[str, Any]] = {
    "parties": {"name": "마을", "successor": None, "succeeded_on": None, "names": [], "country": "NZ"},
    "sources": {"title": "Signed!", "url": None, "identifiers": None},
    "initiatives": {"kind": "programme", "operator": None},
    "agreements": {
        "title": "새 협약",
        "series_number": None,
        "links": None,
        "parties": [{"party": "agency"}],
    },
    "quotes": {"speaker": None, "clauses": None, "kind": "indirect"},
}
KINDS = list(NEW)
PLAIN = [kind for kind in NEW if kind != "quotes"]


def post_to(kind: str) -> str:
    return "/v1/agreements/deal/quotes" if kind == "quotes" else f"/v1/{kind}"


def id_of(kind: str) -> str:
    return "deal.q7" if kind == "quotes" else str(NEW[kind]["id"])


def stored_part(thing: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return a thing without what is computed of it."""
    model = next(model for model in RESOURCES.values() if model.plural == kind)
    computed = (*COMPUTED.get(model, ()), *ROLLED_UP.get(model, ()))
    return {name: value for name, value in thing.items() if name not in computed}


@pytest.fixture
def api(database: Database) -> Api:
    fill(database)
    return Api(database)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_thing_is_given_back_whole_with_its_address(api: Api, kind: str) -> None:
    answer = api.post(post_to(kind), NEW[kind])
    assert answer.status == 201, answer.raw
    path = f"/v1/{kind}/{id_of(kind)}"
    assert answer.headers["Location"] == path
    stamps = {name: answer.json[name] for name in ("created_at", "updated_at")}
    around = {"agreement": "deal"} if kind == "quotes" else {}
    assert stored_part(answer.json, kind) == NEW[kind] | around | {"id": id_of(kind), "version": 1} | stamps
    read = api.get(path, role="editor")
    assert (read.raw, read.etag) == (answer.raw, answer.etag)
    history = api.get(f"{path}/history").json["data"]
    assert [(entry["action"], entry["before"]) for entry in history] == [("create", None)]
    kept = {
        name: value for name, value in stored_part(answer.json, kind).items() if name not in ("text", *stamps)
    }
    assert {name: value for name, value in history[0]["after"].items() if name != "text"} == kept
    assert list(problems(api.database)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_patch_changes_what_it_names_and_null_clears(api: Api, kind: str) -> None:
    made = api.post(post_to(kind), NEW[kind])
    path = f"/v1/{kind}/{id_of(kind)}"
    answer = api.patch(f"{path}?comment=why", CHANGES[kind], if_match=made.etag)
    assert answer.status == 200, answer.raw
    default = {"role": "party", "signed_by": None, "signed_as": None, "department": None}
    wanted = {name: [] if value is None and isinstance(made.json[name], list) else value
              for name, value in CHANGES[kind].items()}  # fmt: skip
    if kind == "agreements":
        wanted["parties"] = [default | {"party": "agency"}]
    assert stored_part(answer.json, kind) == stored_part(made.json, kind) | wanted | {
        "version": 2,
        "updated_at": answer.json["updated_at"],
    }
    read = api.get(path, role="editor")
    assert (read.raw, read.etag) == (answer.raw, answer.etag)
    assert api.patch(path, {}, if_match=made.etag).status == 412
    last = api.get(f"{path}/history").json["data"][-1]
    assert (last["action"], last["comment"], last["after"]["version"]) == ("update", "why", 2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_patch_that_changes_nothing_makes_no_version_and_no_history(api: Api, kind: str) -> None:
    made = api.post(post_to(kind), NEW[kind])
    path = f"/v1/{kind}/{id_of(kind)}"
    before = counts(api.database)
    unchanging = {"parties": {"id", "kind"}, "quotes": {"number"}}.get(kind, {"id"})
    same = {name: value for name, value in NEW[kind].items() if name not in unchanging}
    for content in ({}, same):
        answer = api.patch(path, content, if_match=made.etag)
        assert (answer.status, answer.raw, answer.etag) == (200, made.raw, made.etag)
    assert counts(api.database) == before
    for name in unchanging:
        assert api.patch(path, {name: NEW[kind][name]}).faults == [(f"/{name}", "unchanging")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_dry_run_changes_nothing(api: Api, kind: str) -> None:
    before = counts(api.database)
    answer = api.post(f"{post_to(kind)}?dry_run=true", NEW[kind])
    assert (answer.status, answer.json["id"], answer.headers.get("Location")) == (200, id_of(kind), None)
    assert counts(api.database) == before
    made = api.post(post_to(kind), NEW[kind])
    path = f"/v1/{kind}/{id_of(kind)}"
    before = counts(api.database)
    assert api.patch(f"{path}?dry_run=true", CHANGES[kind]).json["version"] == 2
    assert api.delete(f"{path}?dry_run=true", role="admin").status == 204
    assert counts(api.database) == before
    assert api.get(path, role="editor").raw == made.raw


@pytest.mark.parametrize("kind", KINDS)
def test_a_removed_id_may_be_used_again_and_versions_go_on(api: Api, kind: str) -> None:
    made = api.post(post_to(kind), NEW[kind])
    path = f"/v1/{kind}/{id_of(kind)}"
    assert api.post(post_to(kind), NEW[kind]).status == 409
    assert api.patch(path, CHANGES[kind]).json["version"] == 2
    removed = api.delete(path, role="admin")
    assert (removed.status, removed.raw) == (204, b"")
    for again in (api.get(path), api.patch(path, {}), api.delete(path, role="admin")):
        assert again.status == 410
        assert again.json["history"] == f"{path}/history"
    again = api.post(post_to(kind), NEW[kind])
    assert (again.status, again.json["version"]) == (201, 3)
    assert api.patch(path, {}, if_match=made.etag).status == 412
    actions = [entry["action"] for entry in api.get(f"{path}/history").json["data"]]
    assert actions == ["create", "update", "delete", "create"]
    assert list(problems(api.database)) == []


def test_an_id_that_reads_like_a_field_keeps_its_versions_apart(api: Api) -> None:
    body = {"id": "name", "kind": "facility", "name": "Name"}
    assert api.post("/v1/initiatives", body).status == 201
    assert api.delete("/v1/initiatives/name").status == 204
    assert api.post("/v1/initiatives", body).json["version"] == 2


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_write(api: Api, kind: str) -> None:
    path = f"/v1/{kind}/{id_of(kind)}"
    assert api.post(post_to(kind), NEW[kind], role="viewer").status == 403
    assert api.ask("POST", post_to(kind), NEW[kind]).status == 401
    assert api.post(post_to(kind), NEW[kind], role="editor").status == 201
    assert api.patch(path, {}, role="viewer").status == 403
    assert api.delete(path, role="viewer").status == 403
    assert api.delete(path, role="editor").status == (403 if kind == "agreements" else 204)
    assert api.ask("PUT", path, {}).headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"
    options = api.ask("OPTIONS", path)
    assert sorted(options.headers["Allow"].split(", ")) == ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_write_says_which_version_it_saw(api: Api, kind: str) -> None:
    api.post(post_to(kind), NEW[kind])
    path = f"/v1/{kind}/{id_of(kind)}"
    for method, content in (("PATCH", {"bogus": 1}), ("DELETE", None)):
        assert api.ask(method, path, content, role="admin").status == 428
        assert api.ask(method, path, content, role="admin", if_match="1").status == 400
        assert api.ask(method, path, content, role="admin", if_match='"9-abc"').status == 412


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", [[], "x", 1, None, {"bogus": {}}])
def test_what_is_no_such_thing_is_refused(api: Api, kind: str, content: Any) -> None:
    assert api.post(post_to(kind), b"null" if content is None else content).status == 422


@pytest.mark.parametrize("kind", ["parties", "sources", "agreements"])
def test_a_thing_has_any_number_of_identifiers(api: Api, kind: str) -> None:
    two = [{"scheme": "wikidata", "value": "Q1"}, {"scheme": "wikidata", "value": "Q2"}]
    made = api.post(post_to(kind), NEW[kind] | {"identifiers": two})
    assert (made.status, made.json["identifiers"]) == (201, two)


def test_text_is_stored_in_nfc(api: Api) -> None:
    nfd = unicodedata.normalize("NFD", "광주광역시")
    answer = api.post("/v1/parties", {"id": "x", "kind": "organisation", "name": nfd})
    assert answer.json["name"] == "광주광역시"


# The rules of statuses, each at its pointer, the same words from the loader

ORGANISATION = {"id": "new", "kind": "organisation", "name": "New"}
PERSON = {"id": "new", "kind": "person", "name": "New"}
AGREEMENT = {"id": "new", "title": "New", "kind": "mou"}
SOURCE = {"id": "new", "kind": "other", "title": "New"}
RULES: list[tuple[str, dict[str, Any], str, str]] = [
    ("parties", PERSON | {"class": "media"}, "/class", "only an organisation has `class`; this is a person"),
    ("parties", ORGANISATION | {"affiliations": [{"organisation": "city", "role": "Part"}]}, "/affiliations",
     "only a person has `affiliations`; this is an organisation"),
    ("parties", PERSON | {"affiliations": [{"organisation": "mayor", "role": "Aide"}]},
     "/affiliations/0/organisation", "party `mayor` is not an organisation"),
    ("parties", PERSON | {"successor": "city"}, "/successor", "party `city` is not a person"),
    ("parties", ORGANISATION | {"successor": "new"}, "/successor", "a party cannot be its own successor"),
    ("parties", ORGANISATION | {"succeeded_on": "2020"}, "/succeeded_on",
     "`succeeded_on` is given without a `successor`"),
    ("parties", ORGANISATION | {"founded": "2021-05", "successor": "city", "succeeded_on": "2020"},
     "/succeeded_on", "`succeeded_on`, 2020, lies before `founded`, 2021-05"),
    ("parties", ORGANISATION | {"names": [{"name": "N", "kind": "former", "valid_from": "2020", "valid_to": "2019-12"}]},
     "/names/0/valid_to", "`valid_to`, 2019-12, lies before `valid_from`, 2020"),
    ("parties", PERSON | {"affiliations": [{"organisation": "city", "role": "Aide", "valid_from": "2020-02",
                                            "valid_to": "2020-01"}]},
     "/affiliations/0/valid_to", "`valid_to`, 2020-01, lies before `valid_from`, 2020-02"),
    ("sources", SOURCE | {"publisher": "mayor"}, "/publisher", "party `mayor` is not an organisation"),
    ("sources", SOURCE | {"author": "nobody"}, "/author", "party `nobody` is not defined"),
    ("sources", SOURCE | {"text": "abc", "char_count": 4}, "/char_count",
     "the text has 3 characters, `char_count` says 4"),
    ("sources", SOURCE | {"text": "abc", "sha256": "0" * 64}, "/sha256",
     "the text has another SHA-256 than `sha256` says"),
    ("initiatives", {"id": "new", "kind": "facility", "name": "New", "operator": "nobody"}, "/operator",
     "party `nobody` is not defined"),
    ("agreements", AGREEMENT | {"starts": "2021-02", "ends": "2021-01"}, "/ends",
     "`ends`, 2021-01, lies before `starts`, 2021-02"),
    ("agreements", AGREEMENT | {"lifecycle": "terminated", "signed_on": "2021", "ended_on": "2020"}, "/ended_on",
     "`ended_on`, 2020, lies before `signed_on`, 2021"),
    ("agreements", AGREEMENT | {"ended_on": "2021"}, "/ended_on", "`ended_on` is given, but `lifecycle` is active"),
    ("agreements", AGREEMENT | {"lifecycle": "pending", "end_reason": "mutual"}, "/end_reason",
     "`end_reason` is given, but `lifecycle` is pending"),
    ("agreements", AGREEMENT | {"series": "centre"}, "/series", "initiative `centre` is not a series"),
    ("agreements", AGREEMENT | {"parties": [{"party": "city", "signed_by": "agency"}]}, "/parties/0/signed_by",
     "party `agency` is not a person"),
    ("agreements", AGREEMENT | {"links": [{"kind": "amends", "target": "new"}]}, "/links/0/target",
     "agreement `new` is linked to itself"),
    ("agreements", AGREEMENT | {"sources": ["article", "artcle"]}, "/sources/1", "source `artcle` is not defined"),
    ("agreements", AGREEMENT | {"parties": [{"party": "city"}, {"party": "city", "role": "party"}]}, "/parties/1",
     "`parties[1]` says the same as `parties[0]`"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "content", "where", "words"), RULES, ids=[rule[3] for rule in RULES])
def test_a_broken_rule_is_named_at_its_place_by_api_and_loader_alike(
    api: Api, kind: str, content: dict[str, Any], where: str, words: str
) -> None:
    api.post("/v1/initiatives", NEW["initiatives"])
    before = counts(api.database)
    answer = api.post(f"/v1/{kind}", content)
    assert answer.status == 422
    assert [(fault["pointer"], fault["detail"]) for fault in answer.json["errors"]] == [(where, words)]
    (told,) = refused(api.database, json.dumps({kind: [content]}), name="a.json")
    assert words in told
    assert counts(api.database) == before


ALLOWED: list[tuple[str, dict[str, Any]]] = [
    ("parties", ORGANISATION | {"founded": "2020", "successor": "city", "succeeded_on": "2020-01"}),
    ("parties", ORGANISATION | {"founded": "XXXX-05", "successor": "city", "succeeded_on": "1900"}),
    ("parties", PERSON | {"affiliations": [{"organisation": "city", "role": "Aide"}] * 2}),
    ("sources", SOURCE | {"author": "paper"}),
    ("agreements", AGREEMENT | {"signed_on": "2021", "starts": "2020", "ends": "2020~"}),
    ("agreements", AGREEMENT | {"series_number": 31}),
    ("agreements", AGREEMENT | {"lifecycle": "cancelled", "end_reason": "other"}),
    ("agreements", AGREEMENT | {"parties": [{"party": "city"}, {"party": "city", "role": "witness"}]}),
    ("agreements", AGREEMENT | {"council_reported_on": "2019", "signed_on": "2021"}),
]


@pytest.mark.parametrize(("kind", "content"), ALLOWED)
def test_what_a_source_may_say_is_accepted(api: Api, kind: str, content: dict[str, Any]) -> None:
    assert api.post(f"/v1/{kind}", content).status == 201


def test_all_faults_of_form_and_rule_are_named_at_once(api: Api) -> None:
    answer = api.post(
        "/v1/agreements",
        {"id": "New", "kind": "mou", "series": "centre", "starts": "2021", "ends": "2020", "ended_on": "soon",
         "end_reason": "mutual", "parties": [{"party": "ctiy", "role": "party"}], "version": 1, "bogus": 1},
    )  # fmt: skip
    assert answer.faults == [
        ("/bogus", "unknown_key"),
        ("/ended_on", "bad_date"),
        ("/ends", "order"),
        ("/id", "bad_id"),
        ("/parties/0/party", "unknown_reference"),
        ("/series", "unknown_reference"),
        ("/title", "required"),
        ("/version", "set_by_server"),
    ]


def test_a_rule_is_asked_only_where_what_it_looks_at_changes(api: Api) -> None:
    """What was stored before a rule was made does not stand in the way of another change."""
    with api.database.write(BY) as change:
        change.connection.execute(text("UPDATE agreement SET end_reason = 'mutual' WHERE id = 'deal'"))
    assert api.patch("/v1/agreements/deal", {"title": "Other"}).status == 200
    assert api.patch("/v1/agreements/deal", {"lifecycle": "pending"}).faults == [("/end_reason", "not_ended")]
    assert api.patch("/v1/agreements/deal", {"lifecycle": "terminated"}).status == 200


def test_successors_form_no_circle(api: Api) -> None:
    assert api.patch("/v1/parties/city", {"successor": "agency"}).status == 200
    assert api.patch("/v1/parties/agency", {"successor": "paper"}).status == 200
    answer = api.patch("/v1/parties/paper", {"successor": "city"})
    assert answer.faults == [("/successor", "circle")]
    assert answer.json["errors"][0]["detail"] == (
        "party `paper` would become part of itself: paper → city → agency → paper"
    )
    file = (
        "parties:\n  - {id: x, kind: person, name: X, successor: y}\n"
        "  - {id: y, kind: person, name: Y, successor: x}\n"
    )
    assert [told.split(": ", 1)[1] for told in refused(api.database, file)] == [
        "party `x` would become part of itself: x → y → x; clear one of these successors",
        "party `y` would become part of itself: y → x → y; clear one of these successors",
    ]


def test_an_initiative_stays_a_series_while_agreements_are_in_it(api: Api) -> None:
    answer = api.patch("/v1/initiatives/series", {"kind": "facility"})
    assert answer.json["errors"] == [
        {"code": "is_a_series", "detail": "initiative `series` is the series of 1 agreement (deal)",
         "pointer": "/kind", "hint": "change those first"}
    ]  # fmt: skip
    file = "initiatives:\n  - {id: series, kind: facility}\n"
    assert refused(api.database, file, overwrite=True) == [
        "a.yaml:2:24: initiative `series` is the series of 1 agreement (deal); change those first"
    ]
    assert refused(api.database, file + "agreements:\n  - {id: deal, series: null}\n", overwrite=True) == []


# Sources and their texts


def test_what_is_not_said_of_a_text_is_computed(api: Api) -> None:
    words = "가나다 abc"
    body = {"id": "s", "kind": "other", "title": "S", "text": words}
    answer = api.post("/v1/sources", body)
    measures = (len(words), hashlib.sha256(words.encode()).hexdigest())
    assert (answer.json["char_count"], answer.json["sha256"]) == measures
    longer = api.patch("/v1/sources/s", {"text": words + "!"})
    assert (longer.json["char_count"], longer.json["sha256"]) == (
        len(words) + 1,
        hashlib.sha256((words + "!").encode()).hexdigest(),
    )
    assert api.patch("/v1/sources/s", {"char_count": None, "sha256": None}).etag == longer.etag
    assert api.patch("/v1/sources/s", {"char_count": 3}).faults == [("/char_count", "char_count")]
    without = api.patch("/v1/sources/s", {"text": None})
    assert (without.json["text"], without.json["char_count"]) == (None, len(words) + 1)
    assert api.patch("/v1/sources/s", {"char_count": 3}).json["char_count"] == 3


def test_a_text_is_for_token_holders_and_never_in_history(api: Api) -> None:
    api.post("/v1/sources", {"id": "s", "kind": "other", "title": "S", "text": "비밀 문장"})
    api.patch("/v1/sources/s", {"text": "다른 비밀"})
    api.delete("/v1/sources/s")
    for path in ("/v1/sources/s/history", "/v1/changes?limit=200", "/v1/sources"):
        assert "비밀" not in api.get(path, role="admin").raw.decode()


def test_a_changed_text_has_to_hold_what_stands_in_it(api: Api) -> None:
    quote = {"kind": "direct", "text": TEXT[6:9], "source": "article", "start": 6, "end": 9}
    assert api.post("/v1/agreements/deal/quotes", quote).json["id"] == "deal.q3"
    answer = api.patch("/v1/sources/article", {"text": "x" + TEXT})
    assert answer.json["errors"] == [
        {"code": "span", "detail": "clause deal.1: the source does not read so at 0–5", "pointer": "/text",
         "hint": "it stands at 1–6"},
        {"code": "span", "detail": "quote deal.q3: the source does not read so at 6–9", "pointer": "/text",
         "hint": "it stands at 7–10"},
    ]  # fmt: skip
    assert api.patch("/v1/sources/article", {"text": None, "char_count": 5}).faults == [
        ("/char_count", "span")
    ]
    assert api.patch("/v1/sources/article", {"text": TEXT + " 끝"}).status == 200
    assert list(problems(api.database)) == []


def test_a_file_cannot_change_a_text_under_what_stands_in_it(api: Api) -> None:
    file = f"sources:\n  - {{id: article, text: 'x{TEXT}'}}\n"
    assert refused(api.database, file, overwrite=True) == [
        "a.yaml:2:25: clause deal.1: the source does not read so at 0–5; it stands at 1–6"
    ]
    moved = file + "agreements:\n  - {id: deal, clauses: [{number: 1, start: 1, end: 6}]}\n"
    assert refused(api.database, moved, overwrite=True) == []
    source = api.get("/v1/sources/article", role="viewer").json
    assert (source["text"], source["char_count"]) == (f"x{TEXT}", len(TEXT) + 1)
    assert list(problems(api.database)) == []


# Quotes and the parties of clauses


def test_a_quote_speaks_to_clauses_of_its_agreement(api: Api) -> None:
    body = {"kind": "direct", "text": "말", "clauses": ["deal.1", "older.1", "deal.99"]}
    answer = api.post("/v1/agreements/deal/quotes", body)
    assert answer.faults == [("/clauses/1", "other_agreement"), ("/clauses/2", "unknown_reference")]
    file = "agreements:\n  - {id: older, quotes: [{number: 1, kind: direct, text: x, clauses: [deal.1]}]}\n"
    assert refused(api.database, file) == [
        "a.yaml:2:71: clause `deal.1` is not of agreement `older`; name clauses of its own"
    ]
    assert api.post("/v1/agreements/none/quotes", body).status == 404


def test_a_quote_without_a_number_takes_the_next_one_ever(api: Api) -> None:
    body = {"kind": "direct", "text": "말"}
    assert api.post("/v1/agreements/deal/quotes", body).json["id"] == "deal.q3"
    assert api.delete("/v1/quotes/deal.q3").status == 204
    assert api.post("/v1/agreements/deal/quotes", body).json["id"] == "deal.q4"
    assert api.post("/v1/agreements/deal/quotes", body | {"number": 1}).json["detail"] == (
        "quote deal.q1 is there already"
    )


def test_the_parties_of_a_clause_are_replaced_whole(api: Api) -> None:
    parties = [{"party": "mayor", "role": "supporting"}, {"party": "city", "role": "obligor"}]
    assert api.patch("/v1/clauses/deal.1", {"parties": parties}).json["parties"] == parties
    assert api.ids("/v1/clauses?obligor=city") == ["deal.1"]
    assert api.ids("/v1/clauses?beneficiary=agency") == []


# Removing


def test_what_depends_on_a_thing_is_named(api: Api) -> None:
    def refusal(path: str) -> str:
        answer = api.delete(path, role="admin")
        assert answer.status == 409
        return str(answer.json["detail"])

    assert refusal("/v1/parties/mayor") == "party mayor is needed by 1 agreement (deal) and 1 quote (deal.q1)"
    assert refusal("/v1/parties/paper") == "party paper is needed by 1 source (article)"
    assert (
        refusal("/v1/sources/article")
        == "source article is needed by 1 agreement (deal) and 1 clause (deal.1)"
    )
    assert refusal("/v1/initiatives/series") == "initiative series is needed by 1 agreement (deal)"
    api.post("/v1/agreements", AGREEMENT | {"links": [{"kind": "renews", "target": "deal"}]})
    assert refusal("/v1/agreements/deal") == "agreement deal is needed by 1 agreement (new)"
    replaced = {"track": "reported", "status": "superseded", "effective_on": "2021", "reason": "replaced"}
    made = api.post("/v1/clauses/older.1/follow-ups", replaced | {"replaced_by": "deal.2"})
    assert refusal("/v1/agreements/deal") == f"clause deal.2 is needed by 1 follow-up ({made.json['id']})"
    assert refusal("/v1/agreements/older") == "agreement older has 1 follow-up"
    api.post("/v1/clauses/older.1/follow-ups", FOLLOW_UP)
    assert refusal("/v1/agreements/older") == "agreement older has 2 follow-ups"
    assert api.get("/v1/agreements/deal").status == 200


def test_an_agreement_takes_its_clauses_and_quotes_along_as_one_change(api: Api) -> None:
    agreement = api.get("/v1/agreements/deal").json
    before = api.get("/v1/changes").json["data"]
    assert api.delete("/v1/agreements/deal?comment=twice", role="admin").status == 204
    (entry,) = api.get("/v1/changes").json["data"][len(before) :]
    assert (entry["action"], entry["resource"], entry["resource_id"]) == ("delete", "agreement", "deal")
    (whole,) = api.get("/v1/agreements/deal/history").json["data"]
    assert [each["id"] for each in whole["before"]["clauses"]] == ["deal.1", "deal.10", "deal.2"]
    assert [each["id"] for each in whole["before"]["quotes"]] == ["deal.q1", "deal.q2"]
    assert whole["before"]["parties"] == agreement["parties"]
    assert (whole["after"], whole["comment"]) == (None, "twice")
    for path in ("/v1/clauses/deal.1", "/v1/quotes/deal.q2", "/v1/agreements/deal"):
        assert api.get(path).status == 410
        assert [each["after"] for each in api.get(f"{path}/history").json["data"]] == [None]
    assert counts(api.database)["clause_party"] == 0
    assert api.post("/v1/agreements", AGREEMENT | {"id": "deal"}).json["version"] == 2
    assert api.post("/v1/agreements/deal/clauses", {"kind": "listed", "text": "x"}).json["id"] == "deal.11"
    assert (
        api.post("/v1/agreements/deal/clauses", {"kind": "listed", "text": "x", "number": 1}).json["version"]
        == 2
    )
    assert list(problems(api.database)) == []


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_a_part_of_an_agreement_that_goes_meanwhile_is_not_made(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database)
    api = Api(database)
    api.post("/v1/agreements", {"id": "short", "title": "S", "kind": "mou"})
    seen = resources.existing

    def existing_then_removed(change: Change, model: type[Resource], id: str, *more: Any) -> ResourceValues:
        values = seen(change, model, id, *more)
        if change.who.name != "meanwhile":
            with database.write(Author("meanwhile")) as other:
                writing.remove_resource(other, model, id, ANY)
        return values

    monkeypatch.setattr(writing, "existing", existing_then_removed)
    made = api.post("/v1/agreements/short/clauses", {"kind": "listed", "text": "x"})
    assert (made.status, made.json["detail"]) == (410, "agreement short was removed")
