"""What a new field and a new resource take: a line on the model, an entry in the registry, a migration.

A copy of the package gets a text field on agreements, one on follow-ups and a small resource; everything
else has to find them by itself.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.copies import Checkout

RISK = 'risk: Mapped[str | None] = columns.words(300, "what may go wrong", label="Risk | 위험요소 | 리스크")'
OBSTACLE = (
    'obstacle: Mapped[str | None] = columns.words(300, "what is in the way", label="Obstacle | 애로사항")'
)
MEETING = '''

class Meeting(Resource):
    """A meeting about an agreement."""

    __tablename__ = "meeting"

    id: Mapped[str] = columns.identity("the meeting's id")
    agreement: Mapped[str] = columns.reference("agreement", "what it was about", required=True, filter=True)
    title: Mapped[str] = columns.words(300, "its title", required=True)
    held_on: Mapped[str | None] = columns.partial_date("when it was held", filter=True)
'''
KIND = """
        ResourceKind(
            "meeting",
            "meetings",
            title="title",
            columns=("id", "agreement", "title", "held_on"),
            help="List meetings.",
            examples="tracker meetings --agreement deal",
        ),
    )
}
"""
SEED = """\
tracker: 1

parties:
  - id: town
    kind: organisation
    name: Town

agreements:
  - id: deal
    title: Deal
    kind: mou
    risk: no money
    parties:
      - {party: town, department: 총무과}

    clauses:
      - number: 1
        kind: listed
        text: A bridge.
        follow_ups:
          - id: 018f3c2a-5b1e-7c3d-8e4f-0123456789ab
            track: reported
            status: in_progress
            effective_on: 2024-05
            checked_on: 2024-06-01
            obstacle: rain
            recorded_by: kim
            recorded_at: 2024-06-01T00:00:00.000000Z

meetings:
  - id: kick-off
    agreement: deal
    title: Kick-off
    held_on: 2024-01
"""
REGISTER = """협약명,협약유형,체결일,협약기관,위험요소,협약내용,추진상황,상태기준일,애로사항
다리 협약,업무협약,2023-03-02,Town,no ground,두 번째 다리,추진 중,2024-05-01,홍수
"""
REQUESTS = """
import json, os, sys
from tracker import services
from tracker.app import create_app
from tracker.config import Settings
from tracker.database.changes import Author
from tracker.database.engine import open_database

database = open_database(os.environ["TRACKER_DATABASE_URL"])
with database.write(Author("setup")) as change:
    token = services.create_token(change, "Kim", "admin")
client = create_app(Settings(), database).test_client()
answers = []
for method, path, body in json.load(open(sys.argv[1])):
    headers = {"Authorization": f"Bearer {token}", "If-Match": "*"} if method != "GET" else {}
    if method == "POST":
        headers.pop("If-Match")
    answer = client.open(path, method=method, json=body, headers=headers)
    answers.append([answer.status_code, answer.get_json(silent=True)])
database.close()
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the package that has grown; its migration is made by Alembic, from an empty database."""
    checkout = Checkout(tmp_path_factory.mktemp("grown") / "checkout")
    for file, last in (("agreements", "    series_number: "), ("follow_ups", "    next_steps: ")):
        path = checkout.folder / "tracker" / "models" / f"{file}.py"
        line = RISK if file == "agreements" else OBSTACLE
        path.write_text(path.read_text().replace(last, f"    {line}\n{last}", 1))
    models = checkout.folder / "tracker" / "models" / "agreements.py"
    models.write_text(models.read_text() + MEETING)
    kinds = checkout.folder / "tracker" / "kinds.py"
    before, _, after = kinds.read_text().partition("\n    )\n}\n")
    kinds.write_text(before + KIND + after)
    url = f"sqlite:///{checkout.folder / 'plain.db'}"
    checkout.alembic("upgrade", "head", url=url)
    checkout.alembic("revision", "--autogenerate", "-m", "grow", url=url)
    return checkout


def tracker(copy: Checkout, url: str, *arguments: str) -> str:
    return copy.run("-m", "tracker", *arguments, url=url)


def ask(copy: Checkout, url: str, tmp_path: Path, *requests: tuple[str, str, Any]) -> list[Any]:
    (tmp_path / "requests.json").write_text(json.dumps(requests))
    answers: list[Any] = json.loads(copy.run("-c", REQUESTS, str(tmp_path / "requests.json"), url=url))
    return answers


@pytest.fixture
def url(copy: Checkout, empty_database_url: str) -> str:
    tracker(copy, empty_database_url, "db", "upgrade")
    return empty_database_url


@pytest.fixture
def loaded(copy: Checkout, url: str, tmp_path: Path) -> str:
    (tmp_path / "seed.yaml").write_text(SEED)
    tracker(copy, url, "load", str(tmp_path / "seed.yaml"))
    return url


def test_seed_files_and_exports_have_them(copy: Checkout, loaded: str, tmp_path: Path) -> None:
    exported = tracker(copy, loaded, "export")
    for line in ("    risk: no money\n", "            obstacle: rain\n", "\nmeetings:\n  - id: kick-off\n"):
        assert line in exported
    for format in ("yaml", "jsonl"):
        (tmp_path / f"again.{format}").write_text(tracker(copy, loaded, "export", "--format", format))
        tracker(copy, loaded, "load", str(tmp_path / f"again.{format}"))
    assert tracker(copy, loaded, "export") == exported
    assert len(json.loads(tracker(copy, loaded, "history", "--format", "json"))) == 3  # of the first load
    tracker(copy, loaded, "check")


def test_the_api_has_them(copy: Checkout, loaded: str, tmp_path: Path) -> None:
    follow_up = {"track": "reported", "status": "met", "effective_on": "2024-07", "obstacle": "none"}
    requests: list[tuple[str, str, Any]] = [
        ("PATCH", "/v1/agreements/deal", {"risk": "no time"}),
        ("GET", "/v1/agreements/deal?fields=risk", None),
        ("POST", "/v1/clauses/deal.1/follow-ups", follow_up),
        (
            "POST",
            "/v1/meetings",
            {"id": "second", "agreement": "deal", "title": "Second", "held_on": "2024-02"},
        ),
        ("GET", "/v1/meetings?agreement=deal&held_on__gte=2024-02&sort=-held_on", None),
        ("PATCH", "/v1/meetings/second", {"title": "Second one"}),
        ("GET", "/v1/meetings/second/history", None),
        ("DELETE", "/v1/meetings/second", None),
        ("GET", "/v1/meetings/second", None),
        ("GET", "/v1/agreements/deal/history", None),
        ("POST", "/v1/meetings", {"agreement": "none", "colour": 1}),
    ]
    answers = ask(copy, loaded, tmp_path, *requests)
    assert [status for status, _ in answers] == [200, 200, 201, 201, 200, 200, 200, 204, 410, 200, 422]
    assert answers[0][1]["risk"] == "no time"
    assert answers[1][1] == {"risk": "no time"}
    assert answers[2][1]["obstacle"] == "none"
    assert [row["id"] for row in answers[4][1]["data"]] == ["second"]
    assert [entry["action"] for entry in answers[6][1]["data"]] == ["create", "update"]
    assert answers[9][1]["data"][1]["after"]["risk"] == "no time"
    assert sorted(fault["pointer"] for fault in answers[10][1]["errors"]) == [
        "/agreement",
        "/colour",
        "/id",
        "/title",
    ]


def test_the_command_line_has_them(copy: Checkout, loaded: str) -> None:
    rows = list(csv.DictReader(io.StringIO(tracker(copy, loaded, "agreements", "--format", "csv"))))
    assert [row["risk"] for row in rows] == ["no money"]
    tracker(
        copy, loaded, "follow-up", "add", "deal.1", "in_progress", "--track", "reported", "--on", "2024-08",
        "--obstacle", "wind",
    )  # fmt: skip
    rows = json.loads(tracker(copy, loaded, "follow-up", "list", "--format", "json"))
    assert {row["obstacle"] for row in rows} == {"rain", "wind"}
    rows = json.loads(tracker(copy, loaded, "meetings", "--agreement", "deal", "--format", "json"))
    assert [(row["id"], row["held_on"]) for row in rows] == [("kick-off", "2024-01")]
    assert "Kick-off" in tracker(copy, loaded, "show", "kick-off")
    assert "meetings" in tracker(copy, loaded, "--help")
    assert "kick-off" in tracker(copy, loaded, "history", "kick-off")


def test_sheets_have_them(copy: Checkout, loaded: str, tmp_path: Path) -> None:
    template, collection = tmp_path / "template.csv", tmp_path / "collection.csv"
    tracker(copy, loaded, "worksheet", "--template", "-o", str(template))
    assert {"위험요소", "애로사항"} <= set(next(csv.reader(io.StringIO(template.read_text()))))
    tracker(copy, loaded, "worksheet", "--department", "총무과", "-o", str(collection))
    assert "새 애로사항" in next(csv.reader(io.StringIO(collection.read_text())))
    (tmp_path / "register.csv").write_text(REGISTER)
    tracker(copy, loaded, "load", str(tmp_path / "register.csv"))
    rows = json.loads(tracker(copy, loaded, "agreements", "--format", "json"))
    assert {row["risk"] for row in rows} == {"no money", "no ground"}
    rows = json.loads(tracker(copy, loaded, "follow-up", "list", "--format", "json"))
    assert {row["obstacle"] for row in rows} == {"rain", "홍수"}


def test_the_reports_register_has_them(copy: Checkout, loaded: str) -> None:
    rows = list(
        csv.DictReader(io.StringIO(tracker(copy, loaded, "report", "--format", "csv", "--lang", "ko")))
    )
    assert [row["위험요소"] for row in rows] == ["no money"]
