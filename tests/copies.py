"""A copy of the checkout, in which a test may change models and write migrations as a developer would."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


class Checkout:
    """A copy of the package with its migrations; programs run in it see the copy's models."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("tracker", "migrations"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "alembic.ini", folder)

    @property
    def versions(self) -> Path:
        """The folder of its revisions."""
        return self.folder / "migrations" / "versions"

    def add_field(self, model: str, name: str, *, like: str) -> None:
        """Add a field to a model that is declared as another field of it is."""
        path, tree = self._module_of(model)
        body = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == model).body
        fields = [node for node in body if isinstance(node, ast.AnnAssign)]
        copied = next(field for field in fields if getattr(field.target, "id", None) == like)
        lines = path.read_text().splitlines(keepends=True)
        declared = "".join(lines[copied.lineno - 1 : copied.end_lineno]).replace(like, name, 1)
        lines.insert(fields[-1].end_lineno or 0, declared)
        path.write_text("".join(lines))

    def add_table(self, table: str, *, like: str) -> None:
        """Add a model to the module of a resource, whose own columns and constraints it copies."""
        path, tree = self._module_of(like)
        copied = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == like)
        declared = ast.get_source_segment(path.read_text(), copied) or ""
        name = next(
            ast.literal_eval(node.value)
            for node in copied.body
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "__tablename__"
        )
        declared = re.sub(r"class .*:", f"class {table.title()}(Base):", declared, count=1)
        declared = declared.replace(f'__tablename__ = "{name}"', f'__tablename__ = "{table}"')
        path.write_text(f"{path.read_text()}\n\n{declared}\n")

    def replace(self, file: str, old: str, new: str) -> None:
        """Replace a text of a file that stands there once."""
        path = self.folder / file
        text = path.read_text()
        assert text.count(old) == 1, f"{file} has {text.count(old)} × {old!r}"
        path.write_text(text.replace(old, new))

    def run(self, *arguments: str, url: str) -> str:
        """Run Python on the copy, against a database; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-W", "error", *arguments],
            cwd=self.folder,
            env=os.environ
            | {
                "PYTHONPATH": str(self.folder),
                "PYTHONDONTWRITEBYTECODE": "1",
                "TRACKER_DATABASE_URL": url,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def alembic(self, *arguments: str, url: str) -> str:
        """Run the plain alembic command on the copy; return what it printed."""
        return self.run("-m", "alembic", *arguments, url=url)

    def create_all(self, *, url: str) -> None:
        """Make the tables of the copy's models, without any migration."""
        program = (
            "import os\n"
            "from tracker.database import migrations\n"
            "from tracker.database.engine import open_database\n"
            "from tracker.models import Base\n"
            "database = open_database(os.environ['TRACKER_DATABASE_URL'])\n"
            "migrations.make_file(database)\n"
            "Base.metadata.create_all(database.engine)\n"
        )
        self.run("-c", program, url=url)

    def _module_of(self, model: str) -> tuple[Path, ast.Module]:
        for path in (self.folder / "tracker" / "models").glob("*.py"):
            tree = ast.parse(path.read_text())
            if any(isinstance(node, ast.ClassDef) and node.name == model for node in tree.body):
                return path, tree
        raise AssertionError(f"no model {model}")
