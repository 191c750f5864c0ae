"""The command line: what it prints where, what it exits with, on both engines, as a person calls it."""

from __future__ import annotations

import csv
import getpass
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
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests import rows
from tracker import codes, dates, errors, migrating
from tracker.cli import SECTIONS, cells, output, program
from tracker.cli.errors import EXIT_CODES, exit_code, report
from tracker.cli.lists import COLUMNS, spelled
from tracker.database import Author, Database, open_database
from tracker.loading import load
from tracker.models import RESOURCES, FollowUp, shown_fields
from tracker.queries import lists
from tracker.queries.filters import FILTERS
from tracker.queries.representation import find, representation
from tracker.service.access import holder
from tracker.service.history import COLUMNS as CHANGE_COLUMNS

ROOT = Path(__file__).parent.parent
CLAUSE = "gwangju-kdata-2020.4"
TEXT = "providing data vouchers to pioneer new markets for AI companies"
BY = Author("tester", loading=True)
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


class Said:
    """What a command said: exit code, stdout, stderr."""

    def __init__(self, code: int, out: bytes, err: str) -> None:
        self.code, self.raw, self.out, self.err = code, out, out.decode(), err

    @property
    def all(self) -> tuple[int, str, str]:
        return self.code, self.out, self.err


def tracker(*args: str, input: bytes = b"", color: bool = False, **env: str) -> Said:
    """Call a command in this process; an error that is not ours goes through."""
    runner = CliRunner()
    result = runner.invoke(
        program, args, prog_name="tracker", input=input, env=env, color=color, catch_exceptions=False
    )
    return Said(result.exit_code, result.stdout_bytes, result.stderr)


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


def today() -> str:
    return dates.today("Asia/Seoul")


# Help


def test_help_lists_every_command_with_one_line() -> None:
    said = tracker("--help")
    assert (said.code, said.err) == (0, "")
    listed = re.findall(r"^  ([a-z-]+) {2,}(\S.*)$", said.out.partition("Start:\n")[2], re.MULTILINE)
    assert listed == [
        (name, summary) for section in SECTIONS.values() for name, (_, summary) in section.items()
    ]
    assert said.out.startswith(
        "Usage: tracker [OPTIONS] COMMAND [ARGS]...\n\nExamples:\n  tracker demo\n  tracker load seeds/\n"
    )


def every_command() -> dict[tuple[str, ...], click.Command]:
    found: dict[tuple[str, ...], click.Command] = {(): program}
    for section in SECTIONS.values():
        for name, (place, _) in section.items():
            module, _, attribute = place.partition(":")
            command = getattr(import_module(module), attribute)
            found[(name,)] = command
            if isinstance(command, click.Group):
                found |= {(name, inner): each for inner, each in command.commands.items()}
    return found


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_every_help_begins_with_examples_that_the_command_takes(path: tuple[str, ...]) -> None:
    said = tracker(*path, "--help")
    usage, _, rest = said.out.partition("\n\nExamples:\n")
    assert said.code == 0
    assert usage.startswith("Usage: tracker " + " ".join(path))
    examples = rest.partition("\n\n")[0].replace("\\\n", "")
    lines = re.findall(r"(?:^|[( ])(tracker .*?)\)?$", examples, re.MULTILINE)
    assert lines
    for line in lines:
        words = shlex.split(re.sub(r" [|<>] .*", "", line))[1:]
        assert words[: len(path)] == list(path)
        assert takes(program, words), line


def takes(command: click.Command, words: list[str], parent: click.Context | None = None) -> bool:
    """Whether a command line is understood; raises Click's usage error where it is not."""
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
    assert command.get_short_help_str(200) == summary.removesuffix(".")


def test_help_imports_neither_flask_nor_sqlalchemy_and_takes_a_fifth_of_a_second_at_most() -> None:
    modules = {place.partition(":")[0] for each in SECTIONS.values() for place, _ in each.values()}
    code = (
        "import sys, importlib; from tracker.cli import program\n"
        f"for name in {sorted(modules)!r}: importlib.import_module(name)\n"
        "print(sorted({'flask', 'sqlalchemy', 'pydantic', 'waitress', 'msgspec', 'yaml'} & set(sys.modules)))"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert loaded.stdout == "[]\n"
    best = 9.0
    for _ in range(10):
        begin = time.perf_counter()
        assert finished("--help")[0] == 0
        best = min(best, time.perf_counter() - begin)
    assert best < 0.2


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("clausess",), "Error: there is no command `clausess`; did you mean `clauses`?\n"),
        (("follow-up", "ad"), "Error: there is no command `ad`; did you mean `add`?\n"),
        (("db", "zzz"), "Error: there is no command `zzz`\n"),
        (("clauses", "--stat", "met"), "Error: No such option: --stat (Possible options: --start, --status)\n"),
        (("--as", " ", "clauses"), "Error: Invalid value for '--as': a name must not be empty\n"),
        (("--as", "a\x1bb", "clauses"), "Error: Invalid value for '--as': a name holds no control characters\n"),
        (("--as", "x" * 201, "clauses"), "Error: Invalid value for '--as': a name has at most 200 characters\n"),
        (("clauses", "--limit", "0"), "Error: Invalid value for '--limit': 0 is not in the range x>=1.\n"),
        (("follow-up", "edit", "x"), f"Error: say what to change: {', '.join(spelled_options())}\n")
        if False
        else (("check", "--text", "a"), "Error: Invalid value for --text: `a` is not SOURCE=FILE\n"),
    ],
)
def test_wrong_usage_exits_with_2(args: tuple[str, ...], message: str) -> None:
    said = tracker(*args)
    assert (said.code, said.out) == (2, "")
    assert said.err.endswith(message)
