"""`tracker check`: whether the database still says what was recorded."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import click

from tracker.cli.cells import printable
from tracker.cli.commands import Command
from tracker.cli.errors import say
from tracker.cli.opening import opened
from tracker.errors import Fault, Malformed


@click.command(
    cls=Command,
    examples="""
        tracker check
        tracker check --text asiae-gwangju-kdata=article.txt
    """,
)
@click.option(
    "--text",
    "texts",
    multiple=True,
    metavar="SOURCE=FILE",
    help="Prove also every span, the length and the SHA-256 of this source against its text; repeatable.",
)
@click.pass_context
def check(ctx: click.Context, texts: tuple[str, ...]) -> None:
    """Prove history, spans and current statuses.

    Spans are those of sources whose text or length is stored. Each problem is a line on stdout; the exit code is then 1.
    """
    from tracker.models import Source
    from tracker.queries.representation import find
    from tracker.service.checking import problems, spans_proved, text_problems
    from tracker.service.things import missing_from

    against = [_named(text) for text in texts]
    database = opened()
    for source, _ in against:
        if find(database, Source, source) is None:
            raise missing_from(database, Source, source)
    count = 0
    for problem in problems(database):
        click.echo(printable(problem))
        count += 1
    for source, content in against:
        for problem in text_problems(database, source, content):
            click.echo(printable(problem))
            count += 1
    if count:
        say(f"{count:,} problem{'s' if count > 1 else ''}")
        ctx.exit(1)
    for source, _ in against:
        say(f"{source}: {spans_proved(database, source)} spans stand where they should, in that very text")
    say("nothing is wrong")


def _named(text: str) -> tuple[str, str]:
    source, equals, file = text.partition("=")
    if not (source and equals and file):
        raise click.BadParameter(f"`{text}` is not SOURCE=FILE", param_hint="--text")
    return source, _content(file)


def _content(file: str) -> str:
    """Read a text as spans count it: UTF-8 without a byte order mark, LF, NFC."""
    try:
        text = Path(file).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Malformed([Fault("unreadable", f"`{file}` cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        detail = f"`{file}` is not UTF-8: the byte at {error.start} does not fit"
        raise Malformed([Fault("bad_encoding", detail, "save it as UTF-8")]) from None
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
