"""The README's commands, run as they are written."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import shells
from tracker.app import create_app
from tracker.config import Settings
from tracker.models import RESOURCES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EDITOR_LINE = re.compile(r"trk_[A-Za-z0-9_-]{43}")


def block(name: str) -> str:
    """Return the fenced block that follows `<!-- name -->`."""
    found = re.search(rf"<!-- {name} -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert found, name
    return found[1]


@dataclass
class Shell:
    """A shell in a folder of its own, with `tracker` on its path."""

    folder: Path
    environment: dict[str, str]

    def run(self, script: str) -> str:
        done = subprocess.run(
            [*shells.shell(self.environment["PATH"]), script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, (script, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture
def shell(tmp_path: Path, empty_database_url: str) -> Shell:
    environment = {
        "PATH": shells.path_with(tmp_path / "bin"),
        "PYTHONPATH": str(ROOT),
        "TRACKER_DATABASE_URL": empty_database_url,
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
    }
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    return Shell(tmp_path, environment)


@pytest.fixture
def demo(shell: Shell) -> Iterator[str]:
    """A running `tracker demo`; gives what it printed until it served."""
    said = shell.folder / "said"
    with said.open("w") as out:
        process = subprocess.Popen(
            [*shells.shell(shell.environment["PATH"]), "exec tracker demo --port 0"],
            cwd=shell.folder,
            env=shell.environment,
            stdout=out,
        )
    try:
        ends = time.monotonic() + 60
        while "follow-ups\n" not in said.read_text() and time.monotonic() < ends:
            assert process.poll() is None
            time.sleep(0.1)
        yield said.read_text()
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_the_demo_prints_six_clauses_a_token_and_its_address(demo: str) -> None:
    lines = demo.splitlines()
    assert lines[0] == "number\ttext\tstatus"
    assert [line.split("\t")[0] for line in lines[1:7]] == ["1", "2", "3", "4", "5", "6"]
    assert all(line.endswith("\tnot_assessed") for line in lines[1:7])
    assert len(EDITOR_LINE.findall(demo)) >= 1
    assert re.search(r"http://127\.0\.0\.1:\d+", demo)


def test_the_curl_lines_record_read_change_and_remove_a_follow_up(shell: Shell, demo: str) -> None:
    found, address = EDITOR_LINE.search(demo), re.search(r"http://127\.0\.0\.1:\d+", demo)
    assert found
    assert address
    script = block("curl").replace("TOKEN=trk_…", f"TOKEN={found[0]}") + block("patch")
    script = script.replace("http://127.0.0.1:8000", address[0])
    answers = [json.loads(each) for each in _objects(shell.run(script))]
    recorded, clause, listed, changed, history, dated = answers
    assert (recorded["track"], recorded["status"], recorded["version"]) == ("verified", "met", 1)
    assert (clause["status"], clause["met_on"]) == ("met", "2021-03-31")
    assert [each["id"] for each in listed["data"]] == [recorded["id"]]
    assert (changed["note"], changed["version"]) == ("Vouchers for 20 companies", 2)
    assert [each["action"] for each in history["data"]] == ["create", "update", "delete"]
    assert history["data"][2]["comment"] == "test"
    assert (dated["due"], dated["first_due"], dated["department"]) == ("2021-12", "2021-12", "AI정책과")


def test_the_commands_to_run_it_and_to_load_work_in_order(shell: Shell) -> None:
    (serve,) = re.findall(r"^tracker serve --host 127\.0\.0\.1 --port 8000.*\n", block("run"), re.MULTILINE)
    out = shell.run(block("run").replace(serve, ""))
    assert EDITOR_LINE.search(out.splitlines()[-1])
    out = shell.run(block("load"))
    assert re.findall(r"^clause\t(.*)$", out, re.MULTILINE)[-1] == "0\t0\t6\t0"
    out = shell.run(block("cli"))
    assert "gwangju-kdata-2020.4" in out
    assert "in_progress" in out


def test_an_article_is_drafted_checked_and_loaded(shell: Shell) -> None:
    out = shell.run("tracker db upgrade\n" + block("draft"))
    assert re.findall(r"^clause\t(.*)$", out, re.MULTILINE) == ["3", "3\t0\t0\t0"]


def test_the_export_is_loaded_without_a_change(shell: Shell) -> None:
    shell.run("tracker db upgrade && tracker load seeds/")
    out = shell.run(block("export"))
    assert re.findall(r"^clause\t(.*)$", out, re.MULTILINE) == ["0\t0\t6\t0"]
    assert (shell.folder / "agreement.yaml").read_bytes() == (shell.folder / "register.yaml").read_bytes()


def test_what_is_backed_up_is_restored(shell: Shell) -> None:
    from tests.backups import BUNDLED, drop

    shell.environment["PATH"] = ":".join([shell.environment["PATH"], *map(str, BUNDLED)])
    url = shell.environment["TRACKER_DATABASE_URL"]
    shell.run("tracker db upgrade; tracker load seeds/")
    try:
        out = shell.run(block("backup")).splitlines()
    finally:
        drop(url, "_before_restore")
    assert out[0].endswith("/night.backup")
    assert "before" in out[1]
    assert "gwangju-kdata-2020.4" in shell.run("tracker clauses")


def test_a_spreadsheet_goes_in_and_a_departments_sheet_comes_out(shell: Shell) -> None:
    out = shell.run("tracker db upgrade\n" + block("sheets"))
    assert "create agreement 2020-31\n" in out
    assert "agreement\t1\t0\t0\t0\nclause\t2\t0\t0\t0\nfollow_up\t2\t0\t0\t0\n" in out
    assert (shell.folder / "data.xlsx").exists()
    assert "추진상황: follow_up.status  # sure" in (shell.folder / "map.yaml").read_text("utf-8")


def test_a_report_prints_and_says_what_changed_since_the_last_one(shell: Shell) -> None:
    shell.run("tracker db upgrade; tracker load seeds/")
    out = shell.run(block("report"))
    assert '<html lang="ko">' in (shell.folder / "report.html").read_text("utf-8")
    assert out.startswith("# 업무협약 추진상황 보고서\n")
    assert "기준 보고서 이후의 변경" in out


def test_the_resources_that_it_names_are_there() -> None:
    rules = {
        rule.rule for rule in create_app(Settings(database_url="sqlite:///unused.db")).url_map.iter_rules()
    }
    for model in RESOURCES.values():
        path = model.plural.replace("_", "-")
        assert path in README
        assert {f"/v1/{path}", f"/v1/{path}/<id>", f"/v1/{path}/<id>/history"} <= rules


def test_every_setting_is_in_the_table() -> None:
    named = set(re.findall(r"^\| `TRACKER_([A-Z_]+)`", README, re.MULTILINE))
    assert named == {name.upper() for name in Settings.__slots__}


def _objects(text: str) -> Iterator[str]:
    decoder = json.JSONDecoder()
    rest = text.strip()
    while rest:
        _, end = decoder.raw_decode(rest)
        yield rest[:end]
        rest = rest[end:].strip()
