"""What Tab offers: commands, options, codes, and the ids that are there; quickly, and nothing on any problem."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests import shells
from tests.test_cli import every_command
from tracker.cli.completion import SHELLS
from tracker.cli.types import Code, ColumnText, Completed, Id
from tracker.database import migrations
from tracker.database.changes import Author
from tracker.database.engine import Database, open_database
from tracker.loading import load
from tracker.models import RESOURCES
from tracker.services.access import create_token
from tracker.services.follow_ups import record_follow_up

ROOT = Path(__file__).parent.parent
AGREEMENT = "gwangju-kdata-2020"
SERIES, RELEASE = "gwangju-ai-business-agreements", "gwangju-press-release-31"
CLAUSES = [f"{AGREEMENT}.{number}" for number in range(1, 7)]
QUOTES = [f"{AGREEMENT}.q{number}" for number in range(1, 9)]
PARTIES = ["asia-business-daily", "gwangju", "k-data", "lee-yong-seop", "min-ki-young", "park-seon-gang"]
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def seeded(database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A register that commands find by themselves."""
    monkeypatch.setenv("TRACKER_DATABASE_URL", database_url)
    load(database, [str(ROOT / "seeds")], Author("tester", loading=True), stdin=io.BytesIO())
    database.close()
    return database


def completions(line: str, shell: str = "bash", **env: str) -> list[str]:
    """Ask as a shell's script does (Click's protocol); the last word, which may be empty, is to be completed."""
    words = line.split(" ")
    position = words[-1] if shell == "fish" else str(len(words) - 1)
    done = subprocess.run(
        [sys.executable, "-m", "tracker.cli"],
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "_TRACKER_COMPLETE": f"{shell}_complete", "COMP_WORDS": line}
        | {"COMP_CWORD": position}
        | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout.splitlines()


def offered(line: str, **env: str) -> list[str]:
    return [answer.removeprefix("plain,") for answer in completions(line, **env) if answer]


def test_commands_and_options_are_offered(tmp_path: Path) -> None:
    assert offered("tracker follow-up ") == ["add", "edit", "list", "remove"]
    assert offered("tracker db c") == ["copy", "current"]
    assert set(offered("tracker agreements --si")) == {"--signed-on-gte", "--signed-on-lt"}
    assert "--format" in offered("tracker clauses --")
    assert offered("tracker db restore x --y") == ["--yes"]
    assert not list(tmp_path.iterdir())


def test_codes_are_offered_one_after_the_other() -> None:
    assert offered("tracker clauses --status not_") == ["not_assessed", "not_started", "not_met"]
    assert offered("tracker clauses --status met,m") == ["met,met_ongoing"]
    assert offered("tracker follow-up add x not_") == ["not_started", "not_met"]
    assert offered("tracker follow-up add x met --track r") == ["reported"]
    assert offered("tracker follow-up add x met --reason f") == ["funding"]
    assert offered("tracker token create --role v") == ["viewer"]
    assert offered("tracker completion ") == list(SHELLS)


def test_files_are_left_to_the_shell() -> None:
    for line in ("tracker load se", "tracker validate x y", "tracker db backup b", "tracker db restore b"):
        assert completions(line)[0].startswith("file,")


def test_ids_are_those_of_the_database(seeded: Database) -> None:
    assert sorted(offered("tracker show gw")) == sorted([AGREEMENT, "gwangju", RELEASE, SERIES])
    assert offered(f"tracker show {AGREEMENT}") == [AGREEMENT, *CLAUSES, *QUOTES]
    assert offered(f"tracker show {AGREEMENT}.q") == QUOTES
    assert offered("tracker follow-up add ") == CLAUSES
    assert offered(f"tracker follow-up list --clause {CLAUSES[0]},{AGREEMENT}") == [
        f"{CLAUSES[0]},{clause}" for clause in CLAUSES[1:]
    ]
    assert offered("tracker clauses --party ") == PARTIES
    assert offered("tracker clauses --party = gw") == ["gwangju"]  # as bash takes --party=gw apart
    assert offered("tracker quotes --agreement g") == [AGREEMENT]
    assert offered("tracker sources --publisher as") == ["asia-business-daily"]
    assert offered("tracker follow-up add x met --stated-by k") == ["k-data"]
    assert offered("tracker follow-up add x met --evidence gw") == [RELEASE]
    assert offered("tracker follow-up add x met --evidence as") == ["asiae-gwangju-kdata"]


def test_ids_of_follow_ups_and_tokens_are_offered_where_they_are_meant(seeded: Database) -> None:
    content = {"track": "reported", "status": "in_progress", "effective_on": "2021"}
    with seeded.write(Author("kim")) as change:
        follow_up = record_follow_up(change, CLAUSES[3], content)
        create_token(change, "Kim", "editor")
    with seeded.engine.connect() as connection:
        token = connection.exec_driver_sql("SELECT id FROM token").scalar_one()
    seeded.close()
    assert offered("tracker follow-up edit ") == [follow_up]
    assert offered("tracker follow-up remove ") == [follow_up]
    assert offered(f"tracker show {follow_up[:8]}") == [follow_up]
    assert offered("tracker token revoke ") == [token]
    assert offered("tracker follow-up list --recorded-by k") == ["kim"]


def test_zsh_and_fish_are_told_what_an_id_is(seeded: Database) -> None:
    assert completions("tracker clauses --party gw", "zsh") == [
        "plain",
        "gwangju",
        "Gwangju Metropolitan City",
    ]
    assert completions("tracker clauses --party gw", "fish") == ["plain,gwangju\tGwangju Metropolitan City"]


def test_nothing_is_said_and_nothing_made_on_any_problem(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database")
    for url in (
        "sqlite:///missing.db",
        "sqlite:///text.db",
        "sqlite:////none/x.db",
        "sqlite:///.",
        "nonsense",
        "postgresql+psycopg://nobody@127.0.0.1:1/none",
    ):
        assert offered("tracker show g", TRACKER_DATABASE_URL=url) == []
    assert offered("tracker show g", TRACKER_MAX_BODY="x") == []
    assert offered("tracker nonsense x") == []
    assert offered("tracker show 'g") == []
    assert [path.name for path in tmp_path.iterdir()] == ["text.db"]


@ON_SQLITE
def test_a_database_of_another_schema_is_no_problem(empty_database_url: str) -> None:
    with_tables = open_database(empty_database_url)
    migrations.make_file(with_tables)
    assert offered("tracker show g", TRACKER_DATABASE_URL=empty_database_url) == []


def test_completing_imports_nothing_heavy(seeded: Database) -> None:
    code = (
        "import sys, contextlib, io, os\nfrom tracker.cli import main\n"
        "with contextlib.suppress(SystemExit): main()\n"
        "print(sorted({'flask', 'sqlalchemy', 'msgspec', 'yaml', 'waitress'} & set(sys.modules)))"
    )
    for line in ("tracker show g", "tracker todo --department g", "tracker follow-up "):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ
            | {"PYTHONPATH": str(ROOT), "_TRACKER_COMPLETE": "bash_complete", "COMP_WORDS": line}
            | {"COMP_CWORD": str(line.count(" "))},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.splitlines()[-1] == "[]"
        assert len(done.stdout.splitlines()) > 1


IDS = ("ID", "CLAUSE", "PARTY", "AGREEMENT", "SOURCE")


def test_every_parameter_that_takes_an_id_is_completed() -> None:
    """And every code, file and department."""
    for path, command in every_command().items():
        for parameter in command.get_params(click.Context(command)):
            metavar = (parameter.metavar or str(parameter.name)).upper().strip("[]….,")
            expected: type[Completed | click.Path] | None = None
            if metavar in (*IDS, "URL|SOURCE|REFERENCE"):
                expected = Id
            elif metavar in ("STATUS", "REASON"):
                expected = Code
            elif metavar in ("FILE", "PATH", "LAST.JSON"):
                expected = click.Path
            elif parameter.name == "department":
                expected = ColumnText
            assert expected is None or isinstance(parameter.type, expected), (path, parameter.name)
            if isinstance(parameter.type, Id):
                assert set(parameter.type.kinds) <= {*RESOURCES, "token"}


# The shells themselves


def script(shell: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tracker.cli", "completion", shell],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.fixture
def programs(tmp_path: Path) -> str:
    """A path on which there is `tracker`."""
    return shells.path_with(tmp_path / "programs")


def in_shell(shell: str, code: str, path: str) -> list[str]:
    program = shutil.which(shell, path=path)
    if program is None:
        pytest.skip(f"there is no {shell} here")
    arguments = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run(
        [program, *arguments, "-c", code],
        env=os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["tracker", "cla"], ["clauses"]),
        (["tracker", "show", f"{AGREEMENT}.q"], QUOTES),
        (["tracker", "clauses", "--party", "=", "gw"], ["gwangju"]),
        (["tracker", "clauses", "--status", "met,behi"], ["met,behind"]),
        (["tracker", "show", "nothing"], []),
    ],
)
def test_bash_completes(words: list[str], expected: list[str], seeded: Database, programs: str) -> None:
    code = (
        f"{script('bash')}\ncomplete -p tracker >/dev/null || exit 1\n"
        f"COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}; COMPREPLY=()\n"
        '_tracker_completion tracker; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    assert [line for line in in_shell("bash", code, programs) if line] == expected


def test_fish_completes(seeded: Database, programs: str) -> None:
    code = f"{script('fish')}\ncomplete -C 'tracker clauses --party gw'"
    assert in_shell("fish", code, programs) == ["gwangju\tGwangju Metropolitan City"]


def test_zsh_completes(seeded: Database, programs: str) -> None:
    """The completion system of zsh needs a terminal; here its functions write down what they are given."""
    code = (
        "compdef() { :; }; _describe() { print -rl -- ${(P)3}; }; compadd() { print -rl -- ${(P)@[-1]}; }\n"
        f"{script('zsh')}\nwords=(tracker clauses --party gw); CURRENT=4; _tracker_completion"
    )
    assert in_shell("zsh", code, programs) == ["gwangju:Gwangju Metropolitan City"]
