"""`tracker draft`: a seed file from a press article, for a person to review."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.commands import Command
from tracker.cli.errors import say
from tracker.cli.export import refused_by, written
from tracker.cli.load import known_database
from tracker.cli.output import format_of
from tracker.cli.types import FILE
from tracker.errors import Conflict, Fault, Faulty, Invalid, Malformed, Place

if TYPE_CHECKING:
    from tracker.drafting import Publication

_OF_ENDING = {".yaml": "yaml", ".yml": "yaml", ".json": "json"}


@click.command(
    cls=Command,
    examples="""
        tracker draft article.txt -o seeds/new.yaml
        tracker draft --published 2020-08-31 --url https://www.example.org/news/1 article.html
        curl https://www.example.org/news/1 | tracker draft - --format json
    """,
)
@click.argument("files", type=FILE, metavar="FILE…", nargs=-1, required=True)
@click.option(
    "--format",
    "format",
    type=click.Choice(("yaml", "json")),
    help="YAML for people, unless said here or by the ending of FILE.",
)
@click.option("-o", "--output", type=FILE, metavar="FILE", help="Write there instead of on stdout.")
@click.option("--force", is_flag=True, help="Write over a draft that is there.")
@click.option("--url", metavar="URL", help="Where the article can be read.")
@click.option(
    "--published", metavar="DATE", help="When it was published; days such as “the 31st” follow from it."
)
@click.option("--publisher", metavar="NAME", help="Who published it.")
@click.option("--lang", metavar="TAG", help="Its language (BCP 47), unless its words tell.")
def draft(
    files: tuple[str, ...],
    *,
    format: str | None,
    output: str | None,
    force: bool,
    url: str | None,
    published: str | None,
    publisher: str | None,
    lang: str | None,
) -> None:
    """Draft a seed file from a press article.

    FILE is plain text or an HTML page, in UTF-8 or CP949, or - for standard input. A person reviews the
    draft, then `tracker load` takes it. Nothing is guessed:
    what is not certain says so, with what to look at. No database is needed; where one is there, parties
    that it may know already are proposed by their ids, never merged.
    """
    from tracker.drafting import Publication, yaml_of
    from tracker.queries.matching import beside_the_database
    from tracker.queries.representation import encoder

    publication = Publication(url, published, publisher, lang)
    if len(files) > 1 and url is not None:
        raise click.UsageError("--url is of one article; draft several one by one")
    chosen = format_of(output, format, _OF_ENDING, "yaml")
    if output is not None and not force and Path(output).is_file():
        raise Conflict(
            f"{output} is there already", hint="--force writes over it, and over what was reviewed in it"
        )
    documents = [_document(name, publication) for name in files]
    document = _joined(documents)
    database = known_database()
    if database is not None:
        document = beside_the_database(database, document)
    content = yaml_of(document).encode() if chosen == "yaml" else encoder.encode(document) + b"\n"
    if output is None or output == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        with refused_by(output), written(Path(output)) as stream:
            stream.write(content)
    _say(document, output)


def _document(name: str, publication: Publication) -> dict[str, Any]:
    from tracker.drafting import draft as drafted
    from tracker.drafting import read_bytes

    shown = "<stdin>" if name == "-" else name
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Malformed([Fault("unreadable", f"cannot be read: {reason}").at(Place(shown, 1, 1))]) from None
    try:
        return drafted(read_bytes(raw), publication)
    except Faulty as error:
        faults = [fault if fault.pointer else fault.at(Place(shown, 1, 1)) for fault in error.faults]
        raise Invalid([_as_option(fault) for fault in faults]) from None


def _as_option(fault: Fault) -> Fault:
    if fault.pointer is None:
        return fault
    option = f"--{fault.pointer[1:]}"
    detail = fault.detail.replace(f"`{fault.pointer[1:]}`", option)
    return Fault(fault.code, detail if option in detail else f"{option}: {detail}", fault.hint)


def _joined(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one document of several; ids that two of them made for different entries are told apart."""
    if len(documents) == 1:
        return documents[0]
    from tracker.drafting.joining import joined

    return joined(documents)


def _say(document: dict[str, Any], output: str | None) -> None:
    agreements = document.get("agreements", [])
    children = {
        name: [entry for agreement in agreements for entry in agreement.get(name, ())]
        for name in ("parties", "clauses", "quotes")
    }
    entries = [entry for section in document.values() if isinstance(section, list) for entry in section]
    everything = [document, *entries, *(child for section in children.values() for child in section)]
    look_at = sum(len(entry.get("draft", {}).get("look_at", ())) for entry in everything)
    counts = {
        f"signing {name}" if name == "parties" else name: len(section) for name, section in children.items()
    }
    say(f"drafted {', '.join(f'{count} {name}' for name, count in counts.items())}; {look_at} to look at")
    if output is not None and output != "-":
        say(f"review {output}, then: tracker load {output}")
