"""What pip installs is whole: the wheel carries the migrations and the seeds."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PROGRAM = """
from pathlib import Path
import tracker
from tracker.database.engine import open_database
from tracker.database.migrations import upgrade
from tracker.shipped import migrations_folder, newest_revision, seeds_folder

home = Path(tracker.__file__).parent
assert migrations_folder() == home / "_packaged" / "migrations", migrations_folder()
assert seeds_folder() == home / "_packaged" / "seeds", seeds_folder()
database = open_database("sqlite:///tracker.db")
assert upgrade(database) is None
assert database.schema() == newest_revision()
print(home, *sorted(path.name for path in seeds_folder().iterdir()))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_a_wheel_finds_its_migrations_and_seeds_from_anywhere(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import sys; sys.path.insert(0, {str(site)!r})\n{PROGRAM}"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    seeds = sorted(path.name for path in (ROOT / "seeds").iterdir())
    assert (done.stdout.split(), done.stderr) == ([str(site / "tracker"), *seeds], "")


def test_a_wheel_holds_all_files_of_the_program_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = {
        f"{place}{path.relative_to(ROOT / folder)}"
        for folder, place in {
            "tracker": "tracker/",
            "migrations": "tracker/_packaged/migrations/",
            "seeds": "tracker/_packaged/seeds/",
        }.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held == wanted
