"""Small promises of the API and the command line: filters, documents, addresses of databases, clocks, cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api import FOLLOW_UP, MET, Api, fill
from tracker import dates
from tracker.database.changes import Author
from tracker.database.engine import Database, open_database
from tracker.errors import Invalid
from tracker.formulas import harmless, unquoted
from tracker.services.checking import problems
from tracker.services.follow_ups import new_id, timed
from tracker.services.merging import merge_party
from tracker.services.objects import object_problems


@pytest.fixture
def api(database: Database) -> Api:
    fill(database)
    return Api(database)


def test_a_department_may_have_a_comma_in_it(api: Api) -> None:
    api.patch("/v1/clauses/deal.2", {"department": "과, 교육과"})
    api.patch("/v1/clauses/deal.10", {"department": "교육과"})
    assert api.ids("/v1/clauses?department=%EA%B3%BC%2C%20%EA%B5%90%EC%9C%A1%EA%B3%BC") == ["deal.2"]
    assert api.ids("/v1/clauses?department=과, 교육과&department=교육과&limit=1") == ["deal.2", "deal.10"]
    assert api.ids("/v1/clauses?department=과,교육과") == []
    assert api.get("/v1/summary?department=과, 교육과").json["grand_total"]["total"] == 1
    assert api.get("/v1/clauses?department=a&department=").faults == [("department", "empty")]
    assert api.get("/v1/clauses?status=met&status=open").faults[0] == ("status", "repeated_parameter")
    assert api.ids("/v1/parties?country=KR,JP") == ["agency", "city"]


@pytest.mark.parametrize("id", ["parties", "v1", "history"])
def test_a_merged_party_may_have_any_id(api: Api, id: str) -> None:
    api.post("/v1/parties", {"id": id, "kind": "organisation", "name": "Parties"})
    with api.database.write(Author("someone")) as change:
        merge_party(change, id, "city")
    for path in ("/v1/parties/{}?fields=id", "/v1/parties/{}/history"):
        answer = api.get(path.format(id))
        assert (answer.status, answer.headers["Location"]) == (308, path.format("city"))


def test_a_document_goes_back_as_it_came(api: Api) -> None:
    api.post(
        "/v1/clauses/deal.1/follow-ups", MET | {"note": "끝", "next_steps": "다음", "stated_by": "agency"}
    )
    api.post("/v1/clauses/deal.2/follow-ups", FOLLOW_UP)
    for id in ("deal", "older"):
        path = f"/v1/agreements/{id}/document"
        read = api.get(path)
        back = api.ask("PUT", path, read.raw, role="editor", if_match=read.etag)
        assert (back.status, back.raw, back.etag) == (200, read.raw, read.etag)
        content = read.json
        del content["agreements"][0]["id"]
        again = api.ask("PUT", path, content, role="editor", if_match=read.etag)
        assert (again.status, again.raw) == (200, read.raw)


SECRET = "geheim"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://office:a@{SECRET}@127.0.0.1:1/tracker",
        f"postgresql://office:a@{SECRET}/b@127.0.0.1/tracker",
        f"postgresql://office:a@b/{SECRET}@127.0.0.1/tracker",
        f"postgresql://office:a@b?{SECRET}@127.0.0.1/tracker",
        f"postgresql://office:a@b:{SECRET}@127.0.0.1/tracker",
        f"postgresql://office:a@b#{SECRET}@127.0.0.1/tracker",
        f"postgresql://office:{SECRET}@127.0.0.1/tracker?sslmod=require",
        f"mysql://office:{SECRET}@127.0.0.1/tracker",
        f"nonsense:{SECRET}",
        f"sqlite:///a?{SECRET}=1.db",
        f"sqlite:///a.db?mode={SECRET}",
        f"sqlite:///a?{SECRET}.db",
        f"sqlite://{SECRET}/a.db",
    ],
)
def test_a_url_that_means_something_else_is_refused_without_being_printed(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_database(url)
    assert SECRET not in str(refused.value)


def test_what_is_encoded_in_a_url_is_taken() -> None:
    taken = open_database(
        "postgresql://office:se%40cret@127.0.0.1:1/tracker?sslmode=disable&sslpassword=geheim"
    )
    assert taken.url.password == "se@cret"
    assert "cret" not in taken.place
    assert SECRET not in taken.place
    assert open_database("sqlite:///a%3Fb.db").path == Path("a?b.db")


def test_a_clock_that_was_set_back_puts_nothing_before_what_was_recorded_last(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = api.post("/v1/clauses/deal.1/follow-ups", FOLLOW_UP).json
    monkeypatch.setattr(dates, "utc_now", lambda: "2020-01-01T00:00:00.000000Z")
    later = [api.post("/v1/clauses/deal.1/follow-ups", FOLLOW_UP | {"status": "behind"}).json]
    later.append(api.post("/v1/clauses/deal.2/follow-ups", FOLLOW_UP).json)
    batch = [FOLLOW_UP | {"clause": "deal.10"}] * 2
    later += api.post("/v1/follow-ups:batch", {"follow_ups": batch}).json["data"]
    made = [first, *later]
    assert [each["recorded_at"] for each in made] == sorted({each["recorded_at"] for each in made})
    assert [each["id"] for each in made] == sorted({each["id"] for each in made})
    assert api.ids("/v1/follow-ups") == [each["id"] for each in made]
    assert api.get("/v1/clauses/deal.1").json["status"] == "behind"
    instants = [each["at"] for each in api.get("/v1/changes").json["data"]]
    assert instants == sorted(instants)


def test_a_uuid_holds_its_instant_to_the_microsecond() -> None:
    ids = [timed(new_id(), f"2026-01-02T03:04:05.00{n:04}Z") for n in range(1000, 1100)]
    assert ids == sorted(ids)
    assert {id[14] for id in ids} == {"7"}


def test_a_text_that_was_cleared_is_in_no_kept_answer(api: Api) -> None:
    path = "/v1/clauses/deal.1/follow-ups"
    body = MET | {
        "note": '비밀 "말"\n' * 300,
        "evidence": [{"url": "https://example.org/a", "title": "제목"}],
    }
    first = api.post(path, body, idempotency_key="k")
    one = f"/v1/follow-ups/{first.json['id']}"
    evidence = [{"url": "https://example.org/a"}]
    assert api.patch(one, {"note": None, "evidence": evidence}).status == 200
    again = api.post(path, body, idempotency_key="k")
    assert (again.status, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert "비밀" not in again.raw.decode()
    assert "제목" not in again.raw.decode()
    assert (again.json["id"], again.json["note"]) == (first.json["id"], None)
    assert len(api.get(path).json["data"]) == 1


def test_what_is_not_ours_in_a_database_is_found(api: Api) -> None:
    assert list(object_problems(api.database)) == []
    trigger = (
        "CREATE TRIGGER theirs AFTER INSERT ON follow_up BEGIN DELETE FROM token; END"
        if api.database.is_sqlite
        else "CREATE TRIGGER theirs AFTER INSERT ON follow_up EXECUTE FUNCTION change_append_only()"
    )
    with api.database.engine.begin() as connection:
        for statement in ("CREATE TABLE plunder (a text)", "CREATE VIEW seen AS SELECT 1 AS a", trigger):
            connection.exec_driver_sql(statement)
    try:
        assert list(problems(api.database)) == [
            "there is a table plunder that is not tracker's",
            "there is a trigger theirs on follow_up that is not tracker's",
            "there is a view seen that is not tracker's",
        ]
    finally:
        with api.database.engine.begin() as connection:
            on = "" if api.database.is_sqlite else " ON follow_up"
            for statement in (f"DROP TRIGGER theirs{on}", "DROP VIEW seen", "DROP TABLE plunder"):
                connection.exec_driver_sql(statement)


@pytest.mark.parametrize("sign", "=+-@\uff1d\uff0b\uff0d\uff20")
@pytest.mark.parametrize(
    "before", ["", " ", "\u200b", "\ufeff", "\u3000", "\u00a0\u2060", "\u3164", "'", "' "]
)
def test_a_cell_is_quoted_whatever_stands_unseen_before_its_sign(before: str, sign: str) -> None:
    text = f"{before}{sign}1+1"
    assert harmless(text) == f"'{text}"
    assert unquoted(harmless(text)) == text
