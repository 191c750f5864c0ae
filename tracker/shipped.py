"""What ships beside the package: the migrations and the seeds, and which revision is the newest."""

from __future__ import annotations

from pathlib import Path

from tracker.errors import NotReady


def migrations_folder() -> Path:
    """Return the folder of the migrations: inside the wheel, or beside the package in a checkout."""
    return _folder("migrations")


def seeds_folder() -> Path:
    """Return the folder of the seeds that ship with tracker: inside the wheel, or in a checkout."""
    return _folder("seeds")


def newest_revision() -> str:
    """Return the Alembic revision that this program reads and writes: the last file's number.

    Alembic would say so too, but importing it takes longer than most commands.
    """
    return max(path.name.partition("_")[0] for path in (migrations_folder() / "versions").glob("*_*.py"))


def _folder(name: str) -> Path:
    package = Path(__file__).parent
    for folder in (package / "_packaged" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise NotReady(f"the folder {name} is missing from this installation", hint="install tracker again")
