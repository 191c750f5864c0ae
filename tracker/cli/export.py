"""`tracker export`: the register, or a part of it, as a seed file."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import click

from tracker.cli.commands import Command
from tracker.cli.errors import say
from tracker.cli.opening import opened
from tracker.cli.output import format_of
from tracker.cli.types import ANY_ID, FILE
from tracker.errors import TrackerError

FORMATS = ("yaml", "json", "jsonl")
_OF_ENDING = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".jsonl": "jsonl"}


@click.command(
    cls=Command,
    examples="""
        tracker export -o register.yaml
        tracker export gwangju-kdata-2020
        tracker export --format jsonl | gzip > register.jsonl.gz
    """,
)
@click.argument("ids", type=ANY_ID, metavar="[ID]…", nargs=-1)
@click.option(
    "-o", "file", type=FILE, metavar="FILE", help="Write this file, whole or not at all; else stdout."
)
@click.option(
    "--format",
    "format",
    type=click.Choice(FORMATS),
    help="YAML for people, unless this option or the ending of FILE says otherwise; JSON, JSON Lines for machines.",
)
def export(ids: tuple[str, ...], file: str | None, format: str | None) -> None:
    """Write a seed file, follow-ups and evidence included.

    Loaded into an empty database it gives the same register. ID is an agreement, a party, a source or an
    initiative; a clause, a quote or a follow-up stands for its agreement. With it comes all that it refers
    to, at any remove, other agreements included, so that the file loads alone. Texts of sources and history
    are not exported: `tracker db backup` keeps those.
    """
    from tracker.loading.exporting import export as pieces_of

    to_stdout = file is None or file == "-"
    chosen = format_of(file, format, _OF_ENDING, "yaml")
    pieces = pieces_of(opened(), ids, chosen)
    with refused_by(file), stdout_bytes() if to_stdout else written(Path(file or "")) as stream:
        for piece in pieces:
            stream.write(piece)
    if not to_stdout:
        say(f"{file} is written")


@contextmanager
def stdout_bytes() -> Iterator[BinaryIO]:
    """Yield stdout for bytes, flushed at the end."""
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file beside a path, which takes its place when it is complete and on disk."""
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(os.stat(path).st_mode):  # a device or a pipe stays what it is
            with path.open("wb") as stream:
                yield stream
            return
    target = Path(os.path.realpath(path))
    new = target.with_name(f".{target.name[:200]}.{secrets.token_hex(4)}")
    try:
        with new.open("xb") as stream:
            with suppress(FileNotFoundError):
                os.chmod(new, stat.S_IMODE(os.stat(target).st_mode))
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(new, target)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


@contextmanager
def refused_by(file: str | None) -> Iterator[None]:
    """Say what the system refuses; a pipe that was closed is no error to speak of."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        where = "stdout" if file is None else f"`{file}`"
        raise TrackerError(f"{where} cannot be written: {error.strerror or error}") from None
