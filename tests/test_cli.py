"""The command line: what it prints where, what it exits with, on both engines, as a person calls it."""

from __future__ import annotations

import contextlib
import csv
import getpass
import inspect
import io
import json
import os
import re
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests import rows, shells
from tracker import dates, errors, formulas
from tracker.cli import SECTIONS, cells, program
from tracker.cli.errors import EXIT_CODES, exit_code, report
from tracker.cli.lists import spelled
from tracker.database import migrations
from tracker.database.changes import Author, Scope
from tracker.database.engine import Database, open_database
from tracker.loading import load
from tracker.models import RESOURCES, Clause, FollowUp, shown_fields
from tracker.queries import lists
from tracker.queries.filters import FILTERS
from tracker.queries.read_options import row_of
from tracker.queries.representation import find, reading, representation
from tracker.services.access import holder
from tracker.shipped import newest_revision

ROOT = Path(__file__).parent.parent
CLAUSE = "gwangju-kdata-2020.4"
CLAUSE_IDS = ", ".join(f"gwangju-kdata-2020.{number}" for number in range(1, 7))
TEXT = "providing data vouchers to pioneer new markets for AI companies"
BY = Author("tester", loading=True)
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


class Result:
    """What a command left: exit code, stdout, stderr."""

    def __init__(self, code: int, out: bytes, err: str) -> None:
        self.code, self.raw, self.out, self.err = code, out, out.decode(), err

    @property
    def all(self) -> tuple[int, str, str]:
        return self.code, self.out, self.err


def tracker(*args: str, input: bytes = b"", color: bool = False, **env: str) -> Result:
    """Call a command in this process; an error that is not ours goes through."""
    runner = CliRunner()
    result = runner.invoke(
        program, args, prog_name="tracker", input=input, env=env, color=color, catch_exceptions=False
    )
    return Result(result.exit_code, result.stdout_bytes, result.stderr)


@contextmanager
def process(*args: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Run the real command in a process of its own; it is killed if it is still there at the end."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL} | options
    env = os.environ | {"PYTHONPATH": str(ROOT)} | options.pop("env", {})
    command = [sys.executable, "-W", "error", "-m", "tracker.cli", *args]
    with subprocess.Popen(command, text=True, encoding="utf-8", env=env, **options) as running:
        try:
            yield running
        finally:
            running.kill()


def finished(*args: str, **options: Any) -> tuple[int, str, str]:
    with process(*args, **options) as running:
        out, err = running.communicate(timeout=60)
        return running.returncode, out, err


@pytest.fixture
def ready(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database that commands find by themselves."""
    monkeypatch.setenv("TRACKER_DATABASE_URL", database_url)
    return database_url


@pytest.fixture
def seeded(ready: str, database: Database) -> Database:
    """The same with the shipped seeds."""
    load(database, [str(ROOT / "seeds")], BY, stdin=io.BytesIO())
    return database


@pytest.fixture
def unmade(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database without any table, that commands find by themselves."""
    monkeypatch.setenv("TRACKER_DATABASE_URL", empty_database_url)
    found = open_database(empty_database_url)
    yield found
    found.close()


# Help


def test_help_lists_every_command_with_one_line() -> None:
    result = tracker("--help")
    assert (result.code, result.err) == (0, "")
    listed = re.findall(r"^  ([a-z-]+) {2,}(\S.*)$", result.out.partition("Start:\n")[2], re.MULTILINE)
    assert listed == [
        (name, summary) for section in SECTIONS.values() for name, (_, summary) in section.items()
    ]
    assert result.out.startswith(
        "Usage: tracker [OPTIONS] COMMAND [ARGS]...\n\nExamples:\n  tracker demo\n  tracker load seeds/\n"
    )


def every_command() -> dict[tuple[str, ...], click.Command]:
    found: dict[tuple[str, ...], click.Command] = {(): program}
    for section in SECTIONS.values():
        for name, (place, _) in section.items():
            module, _, attribute = place.partition(":")
            command = getattr(import_module(module), attribute)
            command = command if isinstance(command, click.Command) else command(name)
            found[(name,)] = command
            if isinstance(command, click.Group):
                found |= {(name, inner): each for inner, each in command.commands.items()}
    return found


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_every_help_begins_with_examples_that_the_command_takes(path: tuple[str, ...]) -> None:
    result = tracker(*path, "--help")
    usage, _, rest = result.out.partition("\n\nExamples:\n")
    assert result.code == 0
    assert usage.startswith("Usage: tracker " + " ".join(path))
    examples = rest.partition("\n\n")[0].replace("\\\n", "")
    lines = re.findall(r"(?:^|[( ])(tracker .*?)\)?$", examples, re.MULTILINE)
    assert lines
    for line in lines:
        words = shlex.split(re.sub(r" [|<>] .*", "", line))[1:]
        assert words[: len(path)] == list(path)
        assert takes(program, words), line


def takes(command: click.Command, words: list[str], parent: click.Context | None = None) -> bool:
    """Return whether a command line is understood; raises Click's usage error where it is not."""
    context = command.make_context(command.name, list(words), parent=parent)
    if not isinstance(command, click.Group):
        return True
    rest = [*context._protected_args, *context.args]
    _, inner, rest = command.resolve_command(context, rest)
    assert inner is not None
    return takes(inner, rest, context)


@pytest.mark.parametrize(
    ("name", "place", "summary"),
    [(name, place, summary) for each in SECTIONS.values() for name, (place, summary) in each.items()],
)
def test_a_summary_is_what_the_command_says_of_itself(name: str, place: str, summary: str) -> None:
    command = every_command()[(name,)]
    assert command.name == name
    assert command.help is not None
    assert inspect.cleandoc(command.help).splitlines()[0] == summary


def test_help_imports_neither_flask_nor_sqlalchemy() -> None:
    modules = {place.partition(":")[0] for each in SECTIONS.values() for place, _ in each.values()}
    code = (
        "import sys, importlib; from tracker.cli import program\n"
        f"for name in {sorted(modules)!r}: importlib.import_module(name)\n"
        "print(sorted({'flask', 'sqlalchemy', 'granian', 'msgspec', 'yaml'} & set(sys.modules)))"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert loaded.stdout == "[]\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("clausess",), "Error: there is no command `clausess`; did you mean `clauses`?\n"),
        (("follow-up", "ad"), "Error: there is no command `ad`; did you mean `add`?\n"),
        (("db", "zzz"), "Error: there is no command `zzz`\n"),
        (("--as", " ", "clauses"), "Error: Invalid value for '--as': a name must not be empty\n"),
        (
            ("--as", "a\x1bb", "clauses"),
            "Error: Invalid value for '--as': a name holds no control characters\n",
        ),
        (
            ("--as", "x" * 201, "clauses"),
            "Error: Invalid value for '--as': a name has at most 200 characters\n",
        ),
        (("clauses", "--limit", "0"), "Error: Invalid value for '--limit': 0 is not in the range x>=1.\n"),
        (("follow-up", "edit", "x"), "--note, --next, --stated-by, --evidence\n"),
        (("check", "--text", "a"), "Error: Invalid value for --text: `a` is not SOURCE=FILE\n"),
        (("token", "create", "--role", "boss", "--name", "x"), "'viewer', 'editor', 'admin'.\n"),
    ],
)
def test_wrong_usage_exits_with_2(args: tuple[str, ...], message: str) -> None:
    result = tracker(*args)
    assert (result.code, result.out) == (2, "")
    assert result.err.endswith(message)


# Errors


def every_error(kind: type[errors.TrackerError] = errors.TrackerError) -> list[type[errors.TrackerError]]:
    return [kind, *(each for inner in kind.__subclasses__() for each in every_error(inner))]


def test_every_error_has_the_exit_code_of_its_kind() -> None:
    made = {
        kind: kind([errors.Fault("x", "y")]) if issubclass(kind, errors.Faulty)
        else kind("x", kind="clause", id="a.1") if issubclass(kind, errors.Gone)
        else kind("x", id="a", into="b") if issubclass(kind, errors.Merged)
        else kind("x")
        for kind in every_error()
        if kind.__module__ in ("tracker.errors", "tracker.database")
    }  # fmt: skip
    found = {kind.__name__: exit_code(error) for kind, error in made.items()}
    assert found == found | {
        "TrackerError": 1, "NotReady": 1, "Unavailable": 1, "Contended": 1, "Malformed": 3, "Invalid": 3,
        "Unauthenticated": 4, "Refused": 4, "NotFound": 5, "Gone": 5, "Conflict": 6, "Stale": 6,
        "VersionRequired": 6,
    }  # fmt: skip
    assert set(found.values()) <= set(EXIT_CODES.values())


def test_faults_are_all_printed_up_to_a_thousand(capsys: pytest.CaptureFixture[str]) -> None:
    place = errors.Place("a.yaml", 3, 7)
    report(errors.Invalid(errors.Fault("x", f"wrong {n}").at(place) for n in range(1_000)))
    assert capsys.readouterr().err == "".join(f"a.yaml:3:7: wrong {n}\n" for n in range(1_000))
    report(errors.Invalid(errors.Fault("x", f"wrong {n}").at(place) for n in range(3_001)))
    lines = capsys.readouterr().err.splitlines()
    assert (len(lines), lines[999], lines[1000]) == (1_001, "a.yaml:3:7: wrong 999", "… and 2,001 more")


def test_a_message_cannot_command_the_terminal(ready: str) -> None:
    result = tracker("show", "a\x1b[2J\u202e")
    assert result.all == (
        3,
        "",
        "`a\\x1b[2J\\u202e` does not have the form of an id; for example gwangju-kdata-2020,"
        " gwangju-kdata-2020.4, gwangju-kdata-2020.q1, or a UUID\n",
    )


@ON_SQLITE
@pytest.mark.parametrize(
    "args",
    [
        ("agreements",), ("show", "gwangju"), ("follow-up", "list"), ("token", "list"), ("check",),
        ("db", "current"), ("serve", "--port", "0"), ("load", str(ROOT / "seeds")),
        ("--as", "kim", "follow-up", "add", CLAUSE, "met", "--track", "reported", "--on", "2021"),
        ("--as", "kim", "follow-up", "remove", rows.UUID),
        ("--as", "kim", "token", "create", "--role", "editor", "--name", "x"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_without_a_database_a_command_names_the_next_step_and_makes_none(
    args: tuple[str, ...], unmade: Database
) -> None:
    result = tracker(*args)
    path = unmade.path
    message = f"Error: there is no database at {path}; run `tracker db upgrade` to make it, or name another one in TRACKER_DATABASE_URL\n"
    assert result.all == (1, "", message)
    assert not path.exists()


def test_a_wrong_setting_is_named_with_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_TIMEZONE", "Asia/Seoul")
    monkeypatch.setenv("TRACKER_MAX_BODY", "1 MB")
    result = tracker("agreements")
    assert (result.code, result.out) == (3, "")
    assert sorted(result.err.splitlines()) == [
        "TRACKER_MAX_BODY is '1 MB': say a number of bytes",
        "TRACKER_TIMEZONE is not a setting; did you mean `TRACKER_TIME_ZONE`?",
    ]


# The database


def test_db_upgrade_makes_the_database_once(unmade: Database) -> None:
    place = unmade.place
    assert tracker("db", "upgrade").all == (
        0,
        "",
        f"the database at {place} has schema {newest_revision()}\n",
    )
    assert tracker("db", "current").all == (0, f"{newest_revision()}\n", "")
    assert tracker("db", "upgrade").all == (
        0,
        "",
        f"the database at {place} has schema {newest_revision()}\n",
    )


def test_another_schema_is_named_and_refused(unmade: Database) -> None:
    migrations.upgrade(unmade)
    with unmade.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    reason = (
        f"the database at {unmade.place} has schema 9999, newer than this program's {newest_revision()};"
        " install the newer tracker; `tracker db upgrade` cannot go back\n"
    )
    assert tracker("db", "current").all == (0, "9999\n", reason)
    assert tracker("clauses").all == (1, "", f"Error: {reason}")
    assert tracker("db", "upgrade").all == (1, "", f"Error: {reason}")


def test_db_current_of_a_database_without_tables(unmade: Database) -> None:
    migrations.make_file(unmade)
    reason = f"the database at {unmade.place} has no tables of tracker; run `tracker db upgrade` to make them"
    assert tracker("db", "current").all == (1, "", f"Error: {reason}\n")


# Lists


def test_a_list_in_a_pipe_is_tab_separated(seeded: Database) -> None:
    result = tracker("clauses", "--party", "k-data", "--limit", "2")
    assert result.all == (
        0,
        "id\ttext\tdue\tstatus\n"
        "gwangju-kdata-2020.1\tsupporting the development and activation of private data distribution"
        "\t\tnot_assessed\n"
        "gwangju-kdata-2020.2\tcreating a safe collection and utilization foundation for MyData"
        "\t\tnot_assessed\n",
        "",
    )


def test_a_table_fits_the_terminal(seeded: Database) -> None:
    result = tracker("clauses", "--format", "table", "--sort=-number", "--limit", "3", COLUMNS="64")
    assert result.all == (
        0,
        "id                    text                     due  status\n"
        "gwangju-kdata-2020.6  through continuous            not_assessed\n"
        "                      exchange and\n"
        "                      cooperation, joint…\n"
        "gwangju-kdata-2020.5  nurturing AI data             not_assessed\n"
        "                      innovation talents\n"
        "gwangju-kdata-2020.4  providing data vouchers       not_assessed\n"
        "                      to pioneer new markets\n"
        "                      for AI companies\n",
        "",
    )


def test_json_is_what_the_api_gives(seeded: Database) -> None:
    clause = RESOURCES["clause"]
    shown = [
        reading(clause).encoded(row)
        for number in (5, 4)
        if (row := row_of(seeded, clause, f"gwangju-kdata-2020.{number}"))
    ]
    asked = ["clauses", "--limit", "2", "--sort", "number", "--due-gte", "2000"]
    assert tracker(*asked, "--format", "json").all == (0, "[]\n", "")
    assert tracker(*asked, "--format", "jsonl").all == (0, "", "")
    pick = ["clauses", "--sort=-number", "--agreement", "gwangju-kdata-2020,other", "--kind", "listed"]
    result = tracker(*pick, "--format", "json")
    assert [each["number"] for each in json.loads(result.out)] == [5, 4, 3, 2, 1]
    assert result.out.startswith(f"[\n{shown[0].decode()},\n")
    assert result.out.endswith("}\n]\n")
    assert shown[1] in result.raw
    lines = tracker(*pick, "--format", "jsonl").raw
    assert lines.split(b"\n")[0] == shown[0]
    assert [json.loads(line) for line in lines.splitlines()] == json.loads(result.out)


def test_csv_has_every_field_and_no_formula(seeded: Database) -> None:
    note = '=HYPERLINK(1)\n두 줄, "따옴표"'
    asked = ["follow-up", "add", CLAUSE, "in_progress", "--track", "reported", "--on", "2021-03"]
    assert tracker("--as", "kim", *asked, "--note", note, "--next", "-1").code == 0
    result = tracker("follow-up", "list", "--format", "csv")
    assert result.raw.count(b"\r\n") == 2
    header, row = csv.reader(io.StringIO(result.out, newline=""))
    names = [*shown_fields(FollowUp), "confirms", "evidence"]
    assert sorted(header) == sorted(names)
    found = dict(zip(header, row, strict=True))
    assert found["note"] == f"'{note}"
    assert found["next_steps"] == "'-1"
    assert (found["evidence"], found["reason"], found["recorded_claimed"]) == ("[]", "", "false")
    people = tracker("parties", "--kind", "person", "--format", "csv", "--limit", "1").out
    assert json.loads(next(csv.DictReader(io.StringIO(people)))["affiliations"]) == [
        {"organisation": "gwangju", "role": "Mayor", "valid_from": None, "valid_to": None}
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_looks_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert formulas.harmless(f"{start}1") == f"'{start}1"
    assert formulas.harmless(f"1{start}") == f"1{start}"


def test_cells_of_tab_separated_lists_stay_in_their_line(seeded: Database) -> None:
    asked = ["follow-up", "add", CLAUSE, "in_progress", "--track", "reported", "--on", "2021-03"]
    id = tracker("--as", "kim", *asked, "--note", "a\tb\nc\\d\re").out.strip()
    assert tracker("follow-up", "list").out == (
        "id\tclause\ttrack\tstatus\teffective_on\tstated_by\tnote\n"
        f"{id}\t{CLAUSE}\treported\tin_progress\t2021-03\t\ta\\tb\\nc\\\\d\\re\n"
    )


def first_column(*args: str) -> list[str]:
    return [line.split("\t")[0] for line in tracker(*args).out.splitlines()[1:]]


def test_a_list_goes_on_page_after_page(seeded: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "LARGEST_LIMIT", 2)
    everyone = ["asia-business-daily", "gwangju", "k-data", "lee-yong-seop", "min-ki-young", "park-seon-gang"]
    assert first_column("parties") == everyone
    assert first_column("parties", "--sort=-id") == everyone[::-1]
    assert first_column("parties", "--limit", "5") == everyone[:5]
    assert first_column("parties", "--limit", "1") == everyone[:1]
    assert first_column("parties", "--limit", "6", "--kind", "organisation") == everyone[:3]
    table = tracker("quotes", "--format", "table", "--sort=-number", COLUMNS="200").out.splitlines()
    assert [line.split()[0].rpartition(".")[2] for line in table[1:] if line[0] != " "] == [
        f"q{n}" for n in range(8, 0, -1)
    ]
    assert len(json.loads(tracker("quotes", "--format", "json").out)) == 8


@pytest.mark.parametrize("table", RESOURCES)
def test_every_filter_of_the_api_is_an_option(table: str, seeded: Database) -> None:
    model = RESOURCES[table]
    name = "follow-up list" if table == "follow_up" else model.plural
    options = [word for word in tracker(*name.split(), "--help").out.split() if word.startswith("--")]
    for parameter, filter in FILTERS[model].items():
        assert spelled(parameter) in options
        value = {
            "id": "a-b.1" if filter.target == "clause" else "a-b",
            "day": "1900",
            "text": "a",
            "token": "a",
        }
        result = tracker(
            *name.split(), spelled(parameter), value.get(filter.kind) or next(iter(filter.codelist or ()))
        )
        unknown = (
            f"there is no {RESOURCES[filter.target].noun} {value['id']}\n" if filter.kind == "id" else ""
        )
        assert (result.code, result.err) == (0, unknown), parameter


def test_a_misspelt_id_in_a_filter_is_said(seeded: Database) -> None:
    result = tracker("clauses", "--party", "gwanju")
    assert (result.code, result.err) == (0, "there is no party gwanju; did you mean `gwangju`?\n")
    assert tracker("clauses", "--party", "gwangju").err == ""
    result = tracker("report", "--party", "gwangju,gwanju")
    assert result.all == (5, "", "Error: there is no party gwanju; did you mean `gwangju`?\n")


def test_tsv_and_drafts_leave_terminals_and_devices_alone(seeded: Database) -> None:
    Path("odd.yaml").write_text('tracker: 1\nparties:\n  - {id: odd, kind: person, name: "a\\x9b31m\\tb"}\n')
    assert tracker("load", "odd.yaml").code == 0
    assert "odd\tperson\ta\\x9b31m\\tb\t" in tracker("parties").out
    Path("article.txt").write_text("Oldtown City and Newtown University signed an agreement on May 4, 2021.")
    assert tracker("draft", "article.txt", "-o", "/dev/null").code == 0
    assert Path("/dev/null").is_char_device()
    for force, code in (((), 0), ((), 6), (("--force",), 0)):
        assert tracker("draft", "article.txt", "-o", "draft.json", *force).code == code
    assert json.loads(Path("draft.json").read_text())["tracker"] == 1


def test_an_ending_that_is_of_no_format_is_refused(seeded: Database) -> None:
    for command in ("report", "export", "draft article.txt"):
        result = tracker(*command.split(), "-o", "a.pdf")
        assert result.code == 2
        assert "`.pdf` is no ending that is written; name one of " in result.err
        assert not Path("a.pdf").exists()
    assert tracker("export", "-o", "a.JSON").code == 0
    assert json.loads(Path("a.JSON").read_text())["tracker"] == 1


def test_evidence_is_said_as_it_is_taken(seeded: Database) -> None:
    """A misspelt source must not pass for a document's number unsaid: it would verify the clause."""
    asked = ("follow-up", "add", CLAUSE, "met", "--track", "verified", "--on", "2021")
    for wrong in ("https//bad url", "Https://", "www.example.org"):
        refused = tracker(*asked, "--evidence", "a-1", "--evidence", wrong, "--checked", "soon")
        assert (refused.code, len(refused.err.splitlines())) == (3, 2)
        assert f"--evidence 2: URL: `{wrong}` is not a web address" in refused.err
    result = tracker(*asked, "--evidence", "asiae-gwangju-kdat")
    assert result.err.splitlines()[0] == (
        "asiae-gwangju-kdat is taken for a document's number;"
        " as the id of a source, did you mean `asiae-gwangju-kdata`?"
    )
    assert tracker(*asked, "--evidence", "asiae-gwangju-kdata").err.count("\n") == 1


def test_values_of_one_option_add_up(seeded: Database) -> None:
    both = [f"gwangju-kdata-2020.q{n}" for n in (1, 2, 8)]
    assert first_column("quotes", "--kind", "headline,indirect") == both
    assert first_column("quotes", "--kind", "headline", "--kind", "indirect") == both


def test_faults_of_filters_name_the_options_and_come_all_at_once(unmade: Database) -> None:
    result = tracker("clauses", "--status", "mett", "--due-gte", "soon", "--sort", "nope", "--party", "A")
    assert (result.code, result.out) == (3, "")
    assert sorted(line.split(":")[0] for line in result.err.splitlines()) == [
        "--due-gte", "--party", "--sort", "--status",
    ]  # fmt: skip
    assert "--status: `mett` is not a code of status; did you mean `met`?\n" in result.err


# Tables


def test_widths_count_east_asian_letters_twice_and_combining_marks_not_at_all() -> None:
    assert [cells.width(text) for text in ("abc", "업무협약", "ｗｉｄｅ", "é", "e\u0301", "한", "▲", "a\u200db")] == [
        3, 8, 8, 1, 1, 2, 1, 2,
    ]  # fmt: skip
    assert cells.width("\u1112\u1161\u11ab") == 2  # 한, decomposed


def test_a_table_of_korean_text_lines_up() -> None:
    found = list(cells.table(["이름", "n"], [["광주광역시", "1"], ["K-DATA", "22"]], 40))
    assert found == ["이름        n", "광주광역시  1", "K-DATA      22"]
    assert list(cells.table(["text", "n"], [["데이터 경제 활성화", "1"]], 14)) == [
        "text         n", "데이터 경제  1", "활성화",
    ]  # fmt: skip


@given(st.text(st.sampled_from("ab 협약e\u0301\n▲\u200d"), max_size=60), st.integers(2, 20))
def test_wrapping_loses_nothing_but_blanks_and_fits(text: str, room: int) -> None:
    lines = cells.wrapped(text, room)
    assert all(cells.width(line) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace("\n", "").replace(" ", "")


@given(
    st.lists(st.lists(st.text(st.sampled_from("ab 협약"), max_size=40), min_size=3, max_size=3), max_size=5),
    st.integers(16, 60),
)
def test_no_line_of_a_table_is_wider_than_the_terminal(table: list[list[str]], room: int) -> None:
    for line in cells.table(["one", "two", "three"], table, room, most_lines=2):
        assert cells.width(line) <= room


def test_headings_are_bold_on_a_terminal_unless_there_shall_be_no_colour(seeded: Database) -> None:
    asked = ["initiatives", "--format", "table", "--limit", "1"]
    assert tracker(*asked, color=True).out.splitlines()[0].startswith("\x1b[1mid")
    plain = "id              kind      name                                 operator"
    assert tracker(*asked, color=True, NO_COLOR="1").out.splitlines()[0] == plain
    assert tracker(*asked, color=True, TERM="dumb").out.splitlines()[0] == plain
    assert tracker(*asked).out.splitlines()[0] == plain


# Follow-ups


def recorded(*args: str) -> str:
    result = tracker("--as", "kim", "follow-up", "add", CLAUSE, *args)
    assert result.code == 0, result.err
    return result.out.strip()


def of_follow_up(database: Database, id: str) -> dict[str, Any]:
    row = find(database, FollowUp, id)
    assert row is not None
    return representation(FollowUp).values(row)


def evidence(**given: str) -> dict[str, Any]:
    names = (
        "url", "source", "reference", "title", "stance", "archived_url", "published", "accessed_on", "sha256",
    )  # fmt: skip
    return dict.fromkeys(names) | {"stance": "supports"} | given


def test_a_follow_up_is_recorded_with_every_option(seeded: Database) -> None:
    result = tracker(
        "follow-up", "add", CLAUSE, "stalled", "--track", "verified", "--on", "2021-03", "--checked", "2021-04-02",
        "--reason", "funding", "--note", "e\u0301", "--next", "다음", "--stated-by", "k-data",
        "--evidence", "https://example.org/a?b", "--evidence", "asiae-gwangju-kdata",
        "--evidence", "도시데이터과-1234", "--evidence", "no-such-source", "--as", "이용섭",
    )  # fmt: skip
    id = result.out.strip()
    message = f"recorded follow-up {id} (version 1); clause {CLAUSE} is stalled\n"
    assert result.all == (0, f"{id}\n", message)
    found = of_follow_up(seeded, id)
    instants = {found.pop(name) for name in ("recorded_at", "created_at", "updated_at")}
    assert all(instants)
    assert found == {
        "id": id, "clause": CLAUSE, "track": "verified", "status": "stalled", "effective_on": "2021-03",
        "checked_on": "2021-04-02", "reason": "funding", "replaced_by": None, "note": "é", "next_steps": "다음",
        "stated_by": "k-data", "recorded_by": "이용섭", "recorded_claimed": False, "version": 1,
        "evidence": [
            evidence(url="https://example.org/a?b"), evidence(source="asiae-gwangju-kdata"),
            evidence(reference="도시데이터과-1234"), evidence(reference="no-such-source"),
        ],
    }  # fmt: skip


def test_faults_of_a_follow_up_name_the_options_and_come_all_at_once(seeded: Database) -> None:
    result = tracker(
        "follow-up", "add", CLAUSE, "mett", "--track", "rumoured", "--on", "2021-13", "--checked", "9999-01-01",
        "--reason", "money", "--stated-by", "k-dat", "--evidence", "http://", "--evidence", "x", "--note", "\x00",
    )  # fmt: skip
    assert (result.code, result.out) == (3, "")
    assert sorted(line.split(" ")[0].strip(":") for line in result.err.splitlines()) == sorted(
        ["STATUS", "--track", "--on", "--checked", "--reason", "--stated-by", "--evidence", "--note"]
    )
    assert "STATUS: `mett` is not a code of status; did you mean `met`?\n" in result.err
    assert "--stated-by: party `k-dat` is not defined; did you mean `k-data`?\n" in result.err
    assert "--evidence 1: URL: `http://` is not a web address; http:// or https:// and a host\n" in result.err
    missing = tracker("follow-up", "add", CLAUSE, "not_met", "--track", "verified")
    assert missing.all == (
        3,
        "",
        "--on is missing; the day, month or year in which that state was reached\n"
        "--reason: `not_met` needs a reason; give --reason\n"
        "--evidence: a verified `not_met` needs evidence that supports it;"
        " give URL, SOURCE or REFERENCE\n",
    )


def test_a_follow_up_of_nothing_is_not_found(seeded: Database) -> None:
    asked = ["met", "--track", "reported", "--on", "2021"]
    assert tracker("follow-up", "add", "gwangju-kdata-2020.7", *asked).all == (
        5, "", f"Error: there is no clause gwangju-kdata-2020.7; agreement gwangju-kdata-2020 has {CLAUSE_IDS}\n",
    )  # fmt: skip
    assert tracker("follow-up", "edit", rows.UUID, "--note", "x").all == (
        5, "", f"Error: there is no follow-up {rows.UUID}\n",
    )  # fmt: skip
    assert tracker("follow-up", "remove", rows.UUID).code == 5


def test_editing_changes_what_is_named_and_keeps_the_rest(seeded: Database) -> None:
    id = recorded(
        "in_progress", "--track", "reported", "--on", "2021-03", "--note", "x", "--evidence", "doc-1"
    )
    before = of_follow_up(seeded, id)
    result = tracker("--as", "lee", "follow-up", "edit", id, "--status", "met", "--note", "")
    assert result.all == (0, "", f"changed follow-up {id} (version 2); clause {CLAUSE} is met\n")
    after = of_follow_up(seeded, id)
    assert after == before | {
        "status": "met", "note": None, "version": 2, "updated_at": after["updated_at"],
    }  # fmt: skip
    assert tracker("follow-up", "edit", id, "--track", "").all == (
        3, "", "--track: must not be null; leave it out, or give a value\n",
    )  # fmt: skip


def test_evidence_that_is_named_again_keeps_what_is_known_of_it(seeded: Database, tmp_path: Path) -> None:
    rich = evidence(url="https://example.org/report", title="Report", published="2021")
    follow_up = {"track": "verified", "status": "met", "effective_on": "2021", "evidence": [rich]}
    clause = {"number": 4, "follow_ups": [follow_up]}
    (tmp_path / "a.json").write_text(
        json.dumps({"agreements": [{"id": "gwangju-kdata-2020", "clauses": [clause]}]})
    )
    assert tracker("load", "a.json").code == 0
    [id] = [line.split("\t")[0] for line in tracker("follow-up", "list").out.splitlines()[1:]]
    url = "https://example.org/report"
    assert tracker("follow-up", "edit", id, "--evidence", "doc-2", "--evidence", url).code == 0
    assert of_follow_up(seeded, id)["evidence"] == [evidence(reference="doc-2"), rich]
    assert tracker("follow-up", "edit", id, "--evidence", "").err == (
        "--evidence: a verified `met` needs evidence that supports it; give URL, SOURCE or REFERENCE\n"
    )


def test_a_version_that_is_no_longer_the_current_one_changes_nothing(seeded: Database) -> None:
    id = recorded("in_progress", "--track", "reported", "--on", "2021-03")
    assert tracker("follow-up", "edit", id, "--note", "a", "--if-version", "1").code == 0
    stale = f"Error: follow-up {id} has changed since you read it; read it again, then repeat the change\n"
    assert tracker("follow-up", "edit", id, "--note", "b", "--if-version", "1").all == (6, "", stale)
    assert tracker("follow-up", "remove", id, "--if-version", "1").all == (6, "", stale)
    assert of_follow_up(seeded, id)["note"] == "a"


def test_the_history_of_a_clause_has_that_of_its_follow_ups(seeded: Database) -> None:
    id = tracker("follow-up", "add", CLAUSE, "in_progress", "--track", "reported", "--on", "2021").out.strip()
    other = CLAUSE_IDS.partition(",")[0]
    tracker("follow-up", "add", other, "in_progress", "--track", "reported", "--on", "2021")
    tracker("follow-up", "remove", id, "--comment", "Recorded twice")
    rows = [line.split("\t") for line in tracker("history", CLAUSE).out.splitlines()[1:]]
    assert [(row[3], row[4]) for row in rows] == [("load", CLAUSE), ("create", id), ("delete", id)]
    assert rows[0][5] == "new"
    assert len(tracker("history", CLAUSE, "--limit", "2").out.splitlines()) == 3
    Path("more.yaml").write_text(
        "tracker: 1\nagreements:\n  - id: gwangju-kdata-2020\n    clauses:\n      - number: 4\n        follow_ups:\n"
        "          - {track: reported, status: behind, effective_on: 2022}\n"
    )
    tracker("load", "more.yaml")
    loaded = tracker("history", CLAUSE).out.splitlines()[-1].split("\t")
    assert (loaded[3], loaded[4], loaded[5]) == ("load", CLAUSE, "1 follow-up")
    assert tracker("history", "--after", "9" * 20).code == 2
    assert len(tracker("history", CLAUSE, "--after", rows[0][0]).out.splitlines()) == 4


def test_what_is_removed_is_gone_and_history_keeps_who_and_why(seeded: Database) -> None:
    id = recorded("met", "--track", "reported", "--on", "2021-03")
    result = tracker("follow-up", "remove", id, "--comment", "twice", "--as", "park")
    assert result.all == (0, "", f"removed follow-up {id}; clause {CLAUSE} is not_assessed\n")
    gone = f"Error: follow-up {id} was removed; its history stays\n"
    assert tracker("show", id).all == (5, "", gone)
    assert tracker("follow-up", "remove", id).all == (5, "", gone)
    with seeded.engine.connect() as connection:
        entries = connection.exec_driver_sql(
            "SELECT actor, action FROM change WHERE resource = 'follow_up' ORDER BY place"
        )
        assert [tuple(entry) for entry in entries] == [("kim", "create"), ("park", "delete")]
        texts = connection.exec_driver_sql(
            "SELECT t.text FROM change c JOIN change_text t ON t.digest = c.comment AND t.change = c.place"
        )
        assert [tuple(each) for each in texts] == [("twice",)]


def test_the_system_user_acts_unless_someone_is_named(seeded: Database) -> None:
    asked = ("follow-up", "add", CLAUSE, "met", "--track", "reported", "--on", "2021")

    def by(*args: str) -> str:
        return str(of_follow_up(seeded, tracker(*args).out.strip())["recorded_by"])

    assert by(*asked) == getpass.getuser()
    assert by("--as", "kim", *asked) == "kim"
    assert by("--as", "kim", *asked, "--as", "lee") == "lee"


# Show


def test_a_promise_that_was_replaced_says_by_which(seeded: Database) -> None:
    other = "gwangju-kdata-2020.5"
    recorded = tracker(
        "follow-up", "add", CLAUSE, "superseded", "--track", "reported", "--on", "2021",
        "--reason", "replaced", "--replaced-by", other,
    )  # fmt: skip
    assert recorded.code == 0
    assert f"superseded (replaced), replaced by {other}, recorded by" in " ".join(
        tracker("show", CLAUSE).out.split()
    )


def test_an_agreement_is_shown_with_all_that_belongs_to_it(seeded: Database) -> None:
    id = recorded(
        "met", "--track", "reported", "--on", "2021-03", "--stated-by", "k-data", "--evidence", "doc-1"
    )
    lines = tracker("show", "gwangju-kdata-2020", COLUMNS="90").out.splitlines()
    assert lines[:5] == [
        "agreement gwangju-kdata-2020",
        "Business agreement for the Fostering of the Artificial Intelligence Industry in Korea",
        "",
        "kind                 mou",
        "binding              unknown",
    ]
    clauses = lines.index("6 clauses")
    assert lines[clauses + 8 : clauses + 15] == [
        "  4. met, awaiting verification",
        "     providing data vouchers to pioneer new markets for AI companies",
        "     2021-03 reported: met, said by k-data, recorded by kim",
        f"        [{id}]",
        "        supports: doc-1",
        "  5. not_assessed, review was due on 2021-08-31, none on record",
        "     nurturing AI data innovation talents",
    ]
    quotes = lines.index("8 quotes")
    assert lines[quotes + 1 : quotes + 3] == [
        "  q1. min-ki-young (headline)",
        "     “Active Cooperation for Data Economy Revitalization and AI Industry Development”",
    ]
    parties = lines.index("parties:")
    assert lines[parties + 1 : parties + 4] == [
        "  party    role   signed by      signed as",
        "  gwangju  party  lee-yong-seop  Mayor",
        "  k-data   party  min-ki-young   Director",
    ]
    assert max(map(cells.width, lines)) <= 90


def test_json_of_a_thing_has_inside_what_is_shown_below_it(seeded: Database) -> None:
    id = recorded("met", "--track", "reported", "--on", "2021-03")
    shown = json.loads(tracker("show", "gwangju-kdata-2020", "--format", "json").out)
    assert [clause["number"] for clause in shown["clauses"]] == [1, 2, 3, 4, 5, 6]
    assert [quote["number"] for quote in shown["quotes"]] == list(range(1, 9))
    assert [len(clause["follow_ups"]) for clause in shown["clauses"]] == [0, 0, 0, 1, 0, 0]
    clause = json.loads(tracker("show", CLAUSE, "--format", "jsonl").out)
    assert clause == shown["clauses"][3]
    assert clause["follow_ups"] == [json.loads(tracker("show", id, "--format", "json").out)]
    del clause["follow_ups"]
    assert [clause] == json.loads(tracker("clauses", "--format", "json").out)[3:4]


@pytest.mark.parametrize(
    ("id", "lines"),
    [
        ("gwangju-kdata-2020.q5", ["quote gwangju-kdata-2020.q5", "The core of the artificial intelligence"]),
        ("gwangju", ["party gwangju", "Gwangju Metropolitan City"]),
        ("ai-data-center", ["initiative ai-data-center", "Artificial Intelligence Data Center"]),
        ("asiae-gwangju-kdata", ["source asiae-gwangju-kdata", "Gwangju City Signs AI Business Agreement"]),
        (CLAUSE, [f"clause {CLAUSE}", TEXT]),
    ],
)
def test_the_form_of_an_id_says_what_is_shown(id: str, lines: list[str], seeded: Database) -> None:
    result = tracker("show", id)
    assert (result.code, result.err) == (0, "")
    for line, begin in zip(result.out.splitlines(), lines, strict=False):
        assert line.startswith(begin)
    assert tracker("show", id, "--format", "csv").out.splitlines()[1].startswith(f"{id},")


def test_two_things_with_one_id_are_told_apart(seeded: Database) -> None:
    with seeded.write(Author("tester")) as change:
        rows.add(change, "initiative", id="gwangju")
    result = tracker("show", "gwangju")
    assert (result.code, result.out) == (2, "")
    assert result.err.endswith(
        "is the id of more than one resource (party, initiative); say which with --kind\n"
    )
    assert tracker("show", "gwangju", "--kind", "initiative").out.startswith("initiative gwangju\nSeries\n")


def test_what_was_never_there_is_not_found(ready: str) -> None:
    assert tracker("show", "nope").all == (
        5, "", "Error: there is nothing with the id nope; see `tracker agreements`, `tracker parties`\n",
    )  # fmt: skip
    assert tracker("show", "nope.1").all == (5, "", "Error: there is no clause nope.1\n")
    assert tracker("show", "nope", "--kind", "source").all == (5, "", "Error: there is no source nope\n")


# Tokens


def test_a_token_is_printed_alone_and_opens_until_it_is_revoked(ready: str, database: Database) -> None:
    result = tracker(
        "--as", "root", "token", "create", "--role", "editor", "--name", "김", "--track", "reported"
    )
    secret = result.out.removesuffix("\n")
    talk = "made a token for 김 (editor, reported track only); keep it, it is not shown again\n"
    assert result.all == (0, f"{secret}\n", talk)
    assert re.fullmatch(r"trk_[A-Za-z0-9_-]{43}", secret)
    held = holder(database, secret)
    assert (held.name, held.role, held.scope) == ("김", "editor", Scope("reported"))
    [listed] = json.loads(tracker("token", "list", "--format", "json").out)
    assert listed == {
        "id": listed["id"], "name": "김", "role": "editor", "track": "reported", "party": None,
        "department": None, "expires_on": None, "created_at": listed["created_at"], "created_by": "root",
        "revoked_at": None, "last_used_on": listed["last_used_on"],
    }  # fmt: skip
    assert tracker("token", "revoke", listed["id"]).all == (0, "", f"revoked token {listed['id']}\n")
    with pytest.raises(errors.Unauthenticated):
        holder(database, secret)
    nothing = f"Error: there is no valid token {listed['id']}; see `tracker token list`\n"
    assert tracker("token", "revoke", listed["id"]).all == (5, "", nothing)
    header, line = tracker("token", "list").out.splitlines()
    assert header == (
        "id\tname\trole\ttrack\tparty\tdepartment\texpires_on"
        "\tcreated_at\tcreated_by\trevoked_at\tlast_used_on"
    )
    assert line.split("\t")[:2] == [listed["id"], "김"]


def test_a_token_with_limits_says_them_and_bad_ones_are_named(seeded: Database) -> None:
    made = tracker(
        "token", "create", "--role", "editor", "--name", "city", "--track", "reported", "--party", "gwangju",
        "--department", "데이터산업과", "--expires", "2999-12-31",
    )  # fmt: skip
    assert made.code == 0
    assert made.err == (
        "made a token for city (editor, reported track only, for gwangju only, for 데이터산업과 only, until"
        " 2999-12-31); keep it, it is not shown again\n"
    )
    held = holder(seeded, made.out.strip())
    assert held.scope == Scope("reported", "gwangju", "데이터산업과")
    create = ("token", "create", "--role", "editor", "--name")
    again = tracker(*create, "city")
    assert (again.code, "choose another name, or `tracker token revoke" in again.err) == (6, True)
    unknown = tracker(*create, "b", "--party", "gwangjoo")
    assert (unknown.code, "did you mean `gwangju`?" in unknown.err) == (5, True)
    assert tracker(*create, "b", "--expires", "2020-02-30").code == 2
    assert tracker(*create, "b", "--expires", "2020-02-29").code == 3


# Settings


def test_config_shows_every_setting_and_hides_passwords(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tracker.toml").write_text('time_zone = "Europe/Berlin"\nmax_body = 1000\nprepare = true\n')
    url = "postgresql+psycopg://kim:s3cret@127.0.0.1:1/tracker?password=s3cret"
    monkeypatch.setenv("TRACKER_DATABASE_URL", url)
    monkeypatch.setenv("TRACKER_MAX_BODY", "2000")
    result = tracker("config")
    hidden = "postgresql+psycopg://kim:***@127.0.0.1:1/tracker"
    toml = tmp_path / "tracker.toml"
    lines = result.out.splitlines()
    assert (result.code, result.err) == (0, "")
    assert "s3cret" not in result.out
    silent = f"the database at {hidden} does not answer; try again in a moment"
    assert lines == [
        "setting\tvalue\torigin",
        f"TRACKER_DATABASE_URL\t{hidden}\tenvironment",
        "TRACKER_READ_ACCESS\tpublic\tdefault",
        f"TRACKER_TIME_ZONE\tEurope/Berlin\t{toml}",
        "TRACKER_PUBLIC_URL\t\tdefault",
        "TRACKER_CORS_ORIGINS\t\tdefault",
        "TRACKER_MAX_BODY\t2000\tenvironment",
        f"TRACKER_PREPARE\ttrue\t{toml}",
        f"database\t{hidden}\tTRACKER_DATABASE_URL",
        f"schema\t{silent}\tthe database",
        f"schema of this program\t{newest_revision()}\ttracker",
        f"PostgreSQL\t{silent}\tthe database",
    ]


def test_config_shows_the_database_in_use(ready: str, database: Database) -> None:
    found = {line.split("\t")[0]: line.split("\t")[1] for line in tracker("config").out.splitlines()}
    assert (found["schema"], found["schema of this program"]) == (newest_revision(),) * 2
    if database.is_sqlite:
        with closing(sqlite3.connect(database.path)) as connection:
            assert found["journal mode"] == connection.execute("PRAGMA journal_mode").fetchone()[0]
        assert found["database"] == str(database.path)
        assert re.fullmatch(r"3\.\d+\.\d+", found["SQLite"])
    else:
        assert re.match(r"\d+\.\d+", found["PostgreSQL"])


@ON_SQLITE
def test_config_makes_no_database(unmade: Database) -> None:
    result = tracker("config", "--format", "json")
    found = {row["setting"]: row["value"] for row in json.loads(result.out)}
    reason = f"there is no database at {unmade.path}; run `tracker db upgrade` to make it, or name another one in TRACKER_DATABASE_URL"
    assert (result.code, found["schema"]) == (0, reason)
    assert not unmade.path.exists()


# Seed files


def test_load_prints_what_it_did_and_twice_changes_nothing(ready: str) -> None:
    seeds = str(ROOT / "seeds")
    tables = {"source": 2, "party": 6, "initiative": 3, "agreement": 1, "clause": 6, "quote": 8}
    header = "table\tcreated\tupdated\tunchanged\tpruned\n"
    created = "".join(f"{table}\t{count}\t0\t0\t0\n" for table, count in tables.items())
    unchanged = "".join(f"{table}\t0\t0\t{count}\t0\n" for table, count in tables.items())
    assert tracker("load", seeds).all == (0, header + created, "26 created\n")
    assert tracker("load", seeds).all == (0, header + unchanged, "26 unchanged\n")


def test_a_dry_run_prints_the_plan_and_writes_nothing(seeded: Database) -> None:
    seed = b"agreements: [{id: gwangju-kdata-2020, purpose: p}]\nparties: [{id: a, kind: person, name: A}]"
    before = rows.counts(seeded)
    result = tracker("load", "--dry-run", "-", input=seed)
    assert result.code == 0
    assert sorted(result.out.splitlines()) == [
        "change agreement gwangju-kdata-2020: purpose", "create party a",
    ]  # fmt: skip
    assert result.err.splitlines()[-1] == "dry run, nothing is written: 1 created, 1 updated"
    assert rows.counts(seeded) == before


def test_what_a_person_changed_is_kept_and_named(seeded: Database) -> None:
    seed = b"agreements: [{id: gwangju-kdata-2020, clauses: [{number: 4, due: 2030}]}]"
    from tracker.services.resources import ANY
    from tracker.services.writing import update_resource

    with seeded.write(Author("kim")) as change:
        update_resource(change, Clause, CLAUSE, {"due": "2029"}, ANY)
    result = tracker("load", "-", input=seed)
    day = dates.utc_now()[:10]
    kept = f"`due` of clause {CLAUSE} is kept: kim changed it on {day}; --overwrite takes the file's\n"
    assert (result.code, kept in result.err) == (0, True)
    assert result.err.splitlines()[-1].endswith(", 1 kept")
    assert tracker("load", "--overwrite", "-", input=seed).code == 0
    assert json.loads(tracker("show", CLAUSE, "--format", "json").out)["due"] == "2030"


def test_the_loader_is_told_who_acts(ready: str, database: Database) -> None:
    assert tracker("--as", "park", "load", "-", input=b"parties: [{id: a, kind: person, name: A}]").code == 0
    with database.engine.connect() as connection:
        entries = connection.exec_driver_sql("SELECT actor, action FROM change")
        assert [tuple(entry) for entry in entries] == [("park", "load")]


BROKEN = b"parties:\n  - {id: a, kind: persn, name: A}\n  - {id: B, kind: person, name: A}\n"


def test_faults_in_files_have_places_and_nothing_is_loaded(ready: str, database: Database) -> None:
    Path("broken.yaml").write_bytes(BROKEN)
    for command in ("validate", "load"):
        result = tracker(command, "broken.yaml")
        assert (result.code, result.out) == (3, "")
        lines = result.err.splitlines()
        assert (
            "broken.yaml:2:19: `kind`: `persn` is not a code of party_kind; did you mean `person`?" in lines
        )
        assert any(line.startswith("broken.yaml:3:10: ") for line in lines)
    assert rows.counts(database)["party"] == 0
    missing = tracker("validate", "brokn.yaml")
    assert missing.all == (3, "", "there is no `brokn.yaml`; did you mean `broken.yaml`?\n")


@ON_SQLITE
def test_validate_needs_no_database_and_makes_none(unmade: Database) -> None:
    result = tracker("validate", str(ROOT / "seeds"))
    counts = "source\t2\nparty\t6\ninitiative\t3\nagreement\t1\nclause\t6\nquote\t8\n"
    assert result.all == (0, f"table\tcount\n{counts}", "no faults\n")
    assert not unmade.path.exists()


def test_validate_knows_the_ids_of_a_database_that_is_there(seeded: Database) -> None:
    seed = b"initiatives: [{id: i, kind: policy, name: I, operator: gwangju}]"
    assert tracker("validate", "-", input=seed).all == (0, "table\tcount\ninitiative\t1\n", "no faults\n")


def test_validate_does_without_a_database_that_is_not_ready(unmade: Database) -> None:
    migrations.make_file(unmade)
    result = tracker(
        "validate", "-", input=b"initiatives: [{id: i, kind: policy, name: I, operator: gwangju}]"
    )
    assert (result.code, result.out) == (3, "")
    talk, fault = result.err.splitlines()
    assert talk.startswith("checked without the database, whose ids do not count as defined: the database at")
    assert fault.startswith("<stdin>:1:56: party `gwangju` is not defined")


# Check


def test_check_finds_nothing_where_nothing_is_wrong(seeded: Database) -> None:
    recorded("met", "--track", "reported", "--on", "2021")
    assert tracker("check").all == (0, "", "nothing is wrong\n")


def test_check_prints_each_problem_and_exits_with_1(seeded: Database) -> None:
    with seeded.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE clause SET status = 'met' WHERE id = '{CLAUSE}'")
    result = tracker("check")
    assert (result.code, result.err) == (1, "1 problem\n")
    assert CLAUSE in result.out
    assert result.out.count("\n") == 1


def test_check_proves_spans_against_a_text(seeded: Database) -> None:
    article = Path(__file__).parent.parent.parent / "shared" / "seed" / "article.txt"
    # As editors write it: a byte order mark, CRLF, and a syllable in three code points.
    text = "\ufeff" + "가\r\n" * 1_014 + "\u1100\u1161\u11a8" * 2 + TEXT
    Path("made.txt").write_bytes(text.encode())
    result = tracker("check", "--text", "asiae-gwangju-kdata=made.txt")
    assert result.code == 1
    assert not any(CLAUSE in line for line in result.out.splitlines())
    assert any("gwangju-kdata-2020.q8" in line for line in result.out.splitlines())
    if article.exists():  # the article is its publisher's and is not in the repository
        result = tracker("check", "--text", f"asiae-gwangju-kdata={article}")
        proved = "asiae-gwangju-kdata: 14 spans stand where they should, in that very text"
        assert result.all == (0, "", f"{proved}\nnothing is wrong\n")
    assert tracker("check", "--text", "asiae=made.txt").all == (5, "", "Error: there is no source asiae\n")
    assert tracker("check", "--text", "asiae=none.txt").all == (
        3, "", "`none.txt` cannot be read: No such file or directory\n",
    )  # fmt: skip
    Path("latin.txt").write_bytes(b"caf\xe9")
    assert tracker("check", "--text", "asiae=latin.txt").all == (
        3, "", "`latin.txt` is not UTF-8: the byte at 3 does not fit; save it as UTF-8\n",
    )  # fmt: skip


# The demo


CLAUSES = "number\ttext\tstatus\n" + "".join(
    f"{number}\t{text}\tnot_assessed\n"
    for number, text in enumerate(
        (
            "supporting the development and activation of private data distribution",
            "creating a safe collection and utilization foundation for MyData",
            "cooperating in the installation and operation support of safe zones in AI data centers",
            TEXT,
            "nurturing AI data innovation talents",
            "through continuous exchange and cooperation, joint AI-related projects will also be pursued",
        ),
        1,
    )
)
AGAIN = "the token was printed when it was made; `tracker token create --role editor --name NAME` makes another one\n"


def test_the_demo_makes_its_database_and_a_token_once(unmade: Database) -> None:
    first = tracker("demo", "--no-serve")
    secret = first.out.rpartition("token: ")[2].strip()
    assert first.all == (
        0,
        f"{CLAUSES}\ntoken: {secret}\n",
        f"the database is {unmade.place}\n26 created\nthe clauses of gwangju-kdata-2020:\n"
        "keep the token, it is not shown again\nto serve it: tracker serve\n",
    )
    held = holder(unmade, secret)
    assert (held.name, held.role, held.scope) == ("demo", "editor", None)
    second = tracker("demo", "--no-serve")
    assert second.all == (
        0,
        CLAUSES,
        f"the database is {unmade.place}\n26 unchanged\nthe clauses of gwangju-kdata-2020:\n{AGAIN}"
        "to serve it: tracker serve\n",
    )
    counts = rows.counts(unmade)
    assert (counts["token"], counts["clause"], counts["quote"]) == (1, 6, 8)
    assert tracker("check").all == (0, "", "nothing is wrong\n")


def test_the_demo_undoes_nothing_and_brings_nothing_back(unmade: Database) -> None:
    assert tracker("demo", "--no-serve").code == 0
    recorded("met", "--track", "reported", "--on", "2021")
    from tracker.services.resources import ANY
    from tracker.services.writing import remove_resource, update_resource

    with unmade.write(Author("kim")) as change:
        update_resource(change, Clause, "gwangju-kdata-2020.1", {"label": "1."}, ANY)
        remove_resource(change, Clause, "gwangju-kdata-2020.6", ANY)
    two = b"agreements: [{id: gwangju-kdata-2020, clauses: [{number: 2, label: 2.}]}]"
    assert tracker("--as", "kim", "load", "-", input=two).code == 0
    result = tracker("demo", "--no-serve")
    assert result.code == 0
    assert f"4\t{TEXT}\tmet\n" in result.out
    assert "6\t" not in result.out
    assert "clause gwangju-kdata-2020.6 stays removed: kim removed it on " in result.err
    labels = [each["label"] for each in json.loads(tracker("clauses", "--format", "json").out)]
    assert labels == ["1.", "2.", "▲", "▲", "▲"]


def test_the_demo_uses_its_own_database_again_whatever_was_added(unmade: Database) -> None:
    assert tracker("demo", "--no-serve").code == 0
    mine = b"agreements: [{id: mine, title: Mine, kind: mou}]"
    assert tracker("--as", "kim", "load", "-", input=mine).code == 0
    assert tracker("demo", "--no-serve").code == 0


def test_the_demo_refuses_agreements_of_others_without_yes(ready: str, database: Database) -> None:
    mine = b"agreements: [{id: mine-%d, title: Mine, kind: mou}]"
    for number in range(7):
        assert tracker("--as", "kim", "load", "-", input=mine % number).code == 0
    refusal = (
        f"Error: the database at {database.place} holds 7 agreements that did not come with tracker:"
        " mine-0, mine-1, mine-2, mine-3, mine-4, …; name another one in TRACKER_DATABASE_URL,"
        " or say --yes to add the demo to this one\n"
    )
    assert tracker("demo", "--no-serve").all == (1, "", refusal)
    counts = rows.counts(database)
    assert (counts["agreement"], counts["token"]) == (7, 0)
    assert tracker("demo", "--no-serve", "--yes").out.startswith(CLAUSES)
    assert rows.counts(database)["agreement"] == 8


def test_the_demo_refuses_the_database_of_another_program_and_leaves_it_as_it_is(unmade: Database) -> None:
    migrations.make_file(unmade)
    with unmade.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE orders (id INTEGER)")
        connection.exec_driver_sql("CREATE TABLE customers (id INTEGER)")
    unmade.close()
    if unmade.is_sqlite:
        with closing(sqlite3.connect(unmade.path)) as other:
            other.execute("PRAGMA journal_mode = DELETE")
    before = unmade.path.read_bytes() if unmade.is_sqlite else b""
    result = tracker("demo", "--no-serve")
    assert result.all == (
        1,
        "",
        f"Error: the database at {unmade.place} holds tables that are not tracker's: customers, orders;"
        " name another one in TRACKER_DATABASE_URL, or say --yes to add the demo to this one\n",
    )
    assert not unmade.is_sqlite or unmade.path.read_bytes() == before
    assert tracker("demo", "--no-serve", "--yes").out.startswith(CLAUSES)


@ON_SQLITE
def test_the_demo_does_not_write_over_a_file_that_is_no_database(unmade: Database) -> None:
    unmade.path.write_text("a letter, not a database\n" * 100)
    for yes in ((), ("--yes",)):
        result = tracker("demo", "--no-serve", *yes)
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith(f"Error: {unmade.path}: the file is not a database")
    assert unmade.path.read_text().startswith("a letter")


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell runs the lines")
def test_the_demo_serves_and_its_lines_can_be_copied(unmade: Database, tmp_path: Path) -> None:
    path = shells.path_with(tmp_path / "bin")
    with process("demo", "--port", "0") as running:
        lines = spoken(running, 15)
        token = lines[8].removeprefix("token: ")
        url = lines[10]
        assert lines[7::2][:2] == ["", ""]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        curls = [line for line in lines[11:] if line]
        assert [curl.startswith("curl ") and token in curl for curl in curls] == [True, False, False]
        answers = [
            json.loads(
                subprocess.run(
                    [*shells.shell(path), curl],
                    env=os.environ | {"PATH": path},
                    capture_output=True,
                    check=True,
                ).stdout
            )
            for curl in curls
        ]
        running.send_signal(signal.SIGINT)
        assert running.wait(15) == 0
        assert "Traceback" not in running.communicate()[1]
    made, listed, clause = answers
    assert (made["clause"], made["status"], made["recorded_by"]) == (CLAUSE, "in_progress", "demo")
    assert listed["data"] == [made]
    assert (clause["id"], clause["reported_status"]) == (CLAUSE, "in_progress")


@ON_SQLITE
def test_the_demo_takes_another_port_if_its_own_is_taken(unmade: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with process("demo", "--port", str(port)) as running:
            url = spoken(running, 11)[10]
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
            assert url != f"http://127.0.0.1:{port}"
            running.terminate()
            assert running.wait(15) == 0
            talk = running.communicate()[1]
    assert (
        f"cannot listen on 127.0.0.1 port {port}: Address already in use; another port is taken instead\n"
        in talk
    )


def spoken(running: subprocess.Popen[str], count: int) -> list[str]:
    assert running.stdout is not None
    return [running.stdout.readline().rstrip("\n") for _ in range(count)]


# Serving


@contextmanager
def served(*args: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with process("serve", "--port", "0", *args) as running:
        assert running.stderr is not None
        line = running.stderr.readline()
        match = re.fullmatch(r"tracker serves (http://\S+); stop it with Ctrl-C\n", line)
        assert match, line + running.stderr.read()
        yield running, match[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serving_ends_well_on_a_signal(number: signal.Signals, seeded: Database) -> None:
    with served() as (running, url):
        with urllib.request.urlopen(f"{url}/v1/clauses/{CLAUSE}") as answer:
            assert json.load(answer)["text"] == TEXT
        running.send_signal(number)
        assert (running.wait(15), *running.communicate()) == (0, "", "")


@ON_SQLITE
def test_a_taken_port_is_refused(seeded: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = tracker("serve", "--port", str(port))
    assert result.all == (
        1,
        "",
        f"Error: cannot listen on 127.0.0.1 port {port}: Address already in use;"
        " say another --port, or --port 0 for a free one\n",
    )


@ON_SQLITE
def test_an_address_of_another_machine_is_refused(seeded: Database) -> None:
    result = tracker("serve", "--host", "192.0.2.1", "--port", "0")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("Error: cannot listen on 192.0.2.1 port 0: ")


# The process


@ON_SQLITE
def test_a_reader_that_leaves_early_is_no_error(ready: str, database: Database) -> None:
    parties = "".join(
        json.dumps({"parties": [{"id": f"p-{n}", "kind": "person", "name": "N" * 200}]}) + "\n"
        for n in range(900)
    )
    assert tracker("--as", "kim", "load", "-", input=parties.encode()).code == 0
    for format in (("--format", "json"), ("--format", "csv"), ("--format", "table"), ()):
        with process("parties", *format) as running:
            assert running.stdout is not None
            assert running.stdout.read(10)
            running.stdout.close()
            assert running.stderr is not None
            assert running.stderr.read() == ""
            assert running.wait(60) == 1


@ON_SQLITE
def test_an_interrupted_command_says_nothing_and_exits_with_130(ready: str) -> None:
    with process("load", "-", stdin=subprocess.PIPE) as running:
        assert running.stdin is not None
        running.stdin.write("\n" * 1_000_000)  # more than a pipe holds: when this returns, it is being read
        running.stdin.flush()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
        assert (running.returncode, out, err) == (130, "", "\n")


@ON_SQLITE
@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_gets_tables_and_progress(ready: str) -> None:
    import pty

    ours, theirs = pty.openpty()
    env = {"COLUMNS": "60", "TERM": "xterm", "NO_COLOR": ""}
    seeds = str(ROOT / "seeds")
    with process("--as", "x", "load", seeds, stdout=theirs, stderr=theirs, env=env) as running:
        os.close(theirs)
        result = b""
        with contextlib.suppress(OSError):  # EIO: the other end is closed
            while block := os.read(ours, 65_536):
                result += block
        assert running.wait(60) == 0
    os.close(ours)
    progress, table = result.decode().replace("\r\n", "\n").split("\x1b[1m")
    assert progress.startswith("\rloading 26 of 26\r")
    assert progress.endswith("\r")
    assert table == (
        "table       created  updated  unchanged  pruned\x1b[0m\n"
        "source      2        0        0          0\n"
        "party       6        0        0          0\n"
        "initiative  3        0        0          0\n"
        "agreement   1        0        0          0\n"
        "clause      6        0        0          0\n"
        "quote       8        0        0          0\n"
        "26 created\n"
    )


@ON_SQLITE
def test_what_a_terminal_cannot_print_is_no_error(seeded: Database) -> None:
    env = {"PYTHONIOENCODING": "latin-1"}
    code, out, err = finished("show", CLAUSE, env=env)
    assert (code, err) == (0, "")
    assert re.search(r"^label +\?$", out, re.MULTILINE)
    assert "▲" in json.loads(finished("show", CLAUSE, "--format", "json", env=env)[1])["label"]
