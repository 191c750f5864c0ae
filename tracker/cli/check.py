"""`tracker check`: whether the database still holds what was recorded."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import click

from tracker.cli.cells import printable
from tracker.cli.commands import Command
from tracker.cli.errors import say
from tracker.cli.opening import opened
from tracker.errors import Fault, Malformed
from tracker.text import UnfitText, normalised


@click.command(
    cls=Command,
    examples="""
        tracker check
        tracker check --text asiae-gwangju-kdata=article.txt
        tracker check --head > head.txt
        tracker check --head "$(cat head.txt)"
    """,
)
@click.option(
    "--text",
    "texts",
    multiple=True,
    metavar="SOURCE=FILE",
    help="Prove also every span, the length and the SHA-256 of this source against its text; repeatable.",
)
@click.option(
    "--head",
    "published",
    is_flag=False,
    flag_value="",
    metavar="[N-DIGEST]",
    help="Print the head of history, to publish elsewhere; or verify against one that was published.",
)
@click.pass_context
def check(ctx: click.Context, texts: tuple[str, ...], published: str | None) -> None:
    """Prove history, spans and current statuses.

    Spans are those of sources whose text or length is stored. Each problem is a line on stdout; the exit
    code is then 1. The head N-DIGEST is one digest of all changes up to N: with it a cut tail is found, and
    a history that someone wrote anew.
    """
    from tracker.models import Source
    from tracker.queries.representation import find
    from tracker.services.chains import head, head_problems
    from tracker.services.checking import problems, spans_proved, text_problems
    from tracker.services.resources import missing_from

    against = [_named(text) for text in texts]
    expected = _head(published) if published else None
    database = opened()
    for source, _ in against:
        if find(database, Source, source) is None:
            raise missing_from(database, Source, source)
    # Taken first, so that what is published has been verified, whoever writes meanwhile.
    position, digest = head(database) if published == "" else (0, "")
    every_problem = chain(
        problems(database),
        *(text_problems(database, source, content) for source, content in against),
        () if expected is None else head_problems(database, *expected),
    )
    count = 0
    for problem in every_problem:
        click.echo(printable(problem))
        count += 1
    if count:
        say(f"{count:,} problem{'s' if count > 1 else ''}")
        ctx.exit(1)
    for source, _ in against:
        say(f"{source}: {spans_proved(database, source)} spans stand where they should, in that very text")
    if published == "":
        click.echo(f"{position}-{digest}")
    say("nothing is wrong")


def _named(text: str) -> tuple[str, str]:
    source, equals, file = text.partition("=")
    if not (source and equals and file):
        raise click.BadParameter(f"`{text}` is not SOURCE=FILE", param_hint="--text")
    return source, content_of(file)


def _head(text: str) -> tuple[int, str]:
    match = re.fullmatch(r"([0-9]{1,10})-([0-9a-f]{64})", text.strip())
    if match is None:
        raise click.BadParameter(
            f"`{text}` is not N-DIGEST, as `--head` alone prints it", param_hint="--head"
        )
    return int(match[1]), match[2]


def content_of(file: str) -> str:
    """Read a text as spans count it: UTF-8 without a byte order mark, LF, NFC."""
    try:
        text = Path(file).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Malformed([Fault("unreadable", f"`{file}` cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        detail = f"`{file}` is not UTF-8: the byte at {error.start} does not fit"
        raise Malformed([Fault("bad_encoding", detail, "save it as UTF-8")]) from None
    try:
        return normalised(text.replace("\r\n", "\n"))
    except UnfitText as error:
        raise Malformed([Fault("marks", f"`{file}` {error}", error.hint)]) from None
