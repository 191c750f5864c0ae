"""The options that reads of one resource and of lists take: as of which day, which fields, what comes along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tracker import dates
from tracker.database.engine import Database
from tracker.database.statements import Fetch, Row
from tracker.errors import Fault, nearest
from tracker.models import Resource
from tracker.queries.computed import AsOf, as_of_day
from tracker.queries.expand import INCLUDES, append_members, members
from tracker.queries.representation import (
    ROLLED_UP,
    Representation,
    one_read,
    readable,
    reading,
    reading_of,
)

READING = {
    "as_of": "the day as of which it is read, today unless given: statuses, schedules and reviews of then",
    "fields": "only these members, separated by commas",
    "include": "what comes along, separated by commas",
}
"""The parameters that reading one resource and lists take."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How resources are read: as of a day, with these fields (None: all), and with what comes along."""

    as_of: str | None = None
    fields: tuple[str, ...] | None = None
    include: tuple[str, ...] = ()

    def as_of_day(self, database: Database) -> AsOf:
        """Return the day that counts in a database."""
        return as_of_day(dates.today(database.time_zone), database.time_zone, self.as_of)

    def shape(self, model: type[Resource], *, historical: bool) -> Representation:
        """Return what a row of a model consists of."""
        if self.fields is None:
            return reading(model, historical=historical)
        return reading_of(model, self.fields, historical=historical)


EVERYTHING = ReadOptions()
"""All members, as they stand today."""


def read_options(model: type[Resource], given: Mapping[str, str], faults: list[Fault]) -> ReadOptions:
    """Read the options of a query string, adding a fault for everything that is wrong."""
    return ReadOptions(
        day_of("as_of", given.get("as_of"), faults),
        _names("fields", given.get("fields"), readable(model), "field", model, faults),
        _names("include", given.get("include"), INCLUDES.get(model, {}), "include", model, faults) or (),
    )


def known_parameters(
    parameters: Iterable[tuple[str, str]],
    known: Sequence[str],
    faults: list[Fault],
    *,
    repeatable: Sequence[str] = (),
) -> dict[str, str]:
    """Return the parameters of a query string, adding a fault for each that is not known or is there twice."""
    given: dict[str, str] = {}
    for name, text in parameters:
        if name not in known:
            hint = nearest(name, known) or f"known are {', '.join(known)}"
            detail = f"`{name[:80]}` is not a parameter here"
            faults.append(Fault("unknown_parameter", detail, hint, parameter=name[:80]))
        elif name in given and name not in repeatable:
            hint = "several values of one parameter are separated by commas"
            faults.append(Fault("repeated_parameter", f"`{name}` is given twice", hint, parameter=name))
        given[name] = text
    return given


def one_of(name: str, text: str | None, known: Sequence[str], faults: list[Fault]) -> str | None:
    """Read one of some words, adding a fault where it is none of them."""
    if text is None or text in known:
        return text
    hint = nearest(text, known) or f"one of {', '.join(known)}"
    shown = text[:80].encode("utf-8", "replace").decode()
    faults.append(Fault("unknown_code", f"`{name}`: `{shown}` is not known", hint, parameter=name))
    return None


def day_of(name: str, text: str | None, faults: list[Fault], *, first: bool = False) -> str | None:
    """Read a day; of a month or a year it is the last one, or the first. Adds a fault where it is wrong."""
    if text is None:
        return None
    try:
        date = dates.parse(text)
    except dates.NotADate as error:
        faults.append(Fault("bad_date", f"`{name}`: {error}", parameter=name))
        return None
    day, which = (date.earliest, "first") if first else (date.latest, "last")
    if day is None:
        faults.append(Fault("bad_date", f"`{name}`: `{text[:40]}` has no {which} day", parameter=name))
    return day


def _names(
    parameter: str,
    text: str | None,
    known: Mapping[str, str] | tuple[str, ...],
    what: str,
    model: type[Resource],
    faults: list[Fault],
) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(dict.fromkeys(text.split(",")))
    for name in names:
        if name not in known:
            hint = nearest(name, known) or (f"one of {', '.join(known)}" if known else "leave it out")
            shown = name[:80].encode("utf-8", "replace").decode()
            detail = f"`{parameter}`: {model.plural.replace('_', '-')} have no {what} `{shown}`"
            faults.append(Fault(f"unknown_{what}", detail, hint, parameter=parameter))
    return names


def read_resource(
    fetch: Fetch, model: type[Resource], id: str, options: ReadOptions, as_of: AsOf
) -> tuple[bytes, int] | None:
    """Read one resource as JSON, and its version; None where it is not there, or was not as of that day."""
    rows = fetch(one_read(model, historical=as_of.is_historical, explicit=as_of.explicit), *as_of.values, id)
    if not rows:
        return None
    row = rows[0]
    whole = reading(model, historical=as_of.is_historical)
    version = int(row[whole.names.index("version")])
    if options.fields is not None:
        part = reading_of(model, options.fields, historical=as_of.is_historical)
        chosen = tuple(row[whole.names.index(name)] for name in part.names[: len(part.columns)])
        encoded = part.encoded(chosen)
    else:
        encoded = whole.encoded(row)
    if options.include or model in ROLLED_UP:
        more = members(fetch, model, [id], as_of, options.fields, options.include)[id]
        encoded = append_members(encoded, more)
    return encoded, version


def reads_parts(model: type[Resource], options: ReadOptions) -> bool:
    """Return whether reading takes more than one statement."""
    return bool(options.include) or model in ROLLED_UP


def row_of(database: Database, model: type[Resource], id: str) -> Row | None:
    """Read one resource as it stands today as a row of ``reading``, attached members at its end; or None."""
    as_of = EVERYTHING.as_of_day(database)
    with database.snapshot() as fetch:
        rows = fetch(one_read(model), *as_of.values, id)
        if not rows:
            return None
        more = members(fetch, model, [id], as_of)[id]
        return (*rows[0], *(json.decode() for _, json in more))
