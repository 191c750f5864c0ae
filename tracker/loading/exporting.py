"""An export: the register, or a part of it, as a seed file that loads alone.

Loaded into an empty database and exported again it gives the same bytes, whichever the engine. It
holds all that is known but the texts of sources, what is computed, versions and history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, cast

from tracker.database.engine import Database
from tracker.errors import Fault, Malformed, NotFound
from tracker.kinds import is_id
from tracker.loading import seed_text
from tracker.loading.seeds import agreement_around
from tracker.models import CHILDREN, RESOURCES, SECTIONS, Agreement, Resource, fields_of
from tracker.models.values import ResourceValues, Values
from tracker.queries.export import BLOCK, id_blocks, read_roots
from tracker.queries.representation import stored
from tracker.services.references import references
from tracker.services.resources import missing_from

FORMATS = ("yaml", "json", "jsonl")

Chosen = Mapping[type[Resource], Sequence[str]]
"""Which things an export holds: ids by kind, in order."""


def export(database: Database, ids: Sequence[str] = (), format: str = "yaml") -> Iterator[bytes]:
    """Return a seed file in pieces: everything, or the things with these ids and what they refer to.

    ``ids`` may be those of anything; a clause, a quote or a follow-up stands for its agreement. With it
    comes all that it refers to, at any remove, other agreements included: what loads alone is closed under
    references. YAML and JSON have each kind in the order of ids. Of JSON Lines each has one thing, what it
    refers to before it, else in the order of ids; a circle of references shares a line.

    Each thing is as it was at one moment, all together are not: nobody waits for an export. Raises
    NotFound and Malformed before the first piece.
    """
    chosen = _closed(database, _named(database, ids)) if ids else None
    return _JOINED[format](database, chosen)


def _yaml(database: Database, chosen: Chosen | None) -> Iterator[bytes]:
    yield b"tracker: 1\n"
    for section, model in SECTIONS.items():
        before = f"\n{section}:\n"
        for block in _contents(database, model, chosen):
            text = []
            for content in block:
                text += [before, seed_text.yaml_item(content)]
                before = "\n"
            yield "".join(text).encode()


def _json(database: Database, chosen: Chosen | None) -> Iterator[bytes]:
    """Yield one object, a line for each thing."""
    yield b'{"tracker":1'
    for section, model in SECTIONS.items():
        before, after = f',\n"{section}":[\n'.encode(), b""
        for block in _contents(database, model, chosen):
            text = []
            for content in block:
                text += [before, seed_text.json_of(content)]
                before, after = b",\n", b"\n]"
            yield b"".join(text)
        yield after
    yield b"}\n"


def _json_lines(database: Database, chosen: Chosen | None) -> Iterator[bytes]:
    sections = {model: section for section, model in SECTIONS.items()}
    for model in _reference_order():
        blocks = _blocks(database, model, chosen)
        lines: list[bytes] = []
        for circle in _circles(model, blocks, _reader(database, model)):
            contents = [seed_text.seed_content(model, values) for values in circle]
            lines.append(seed_text.json_of({sections[model]: contents}) + b"\n")
            if len(lines) == BLOCK:
                yield b"".join(lines)
                lines = []
        yield b"".join(lines)


_JOINED: dict[str, Callable[[Database, Chosen | None], Iterator[bytes]]] = {
    "yaml": _yaml,
    "json": _json,
    "jsonl": _json_lines,
}

Reader = Callable[[Sequence[str]], Mapping[str, ResourceValues]]


def _contents(
    database: Database, model: type[Resource], chosen: Chosen | None
) -> Iterator[Iterable[dict[str, Any]]]:
    for ids in _blocks(database, model, chosen):
        result = read_roots(database, model, ids)
        yield (seed_text.seed_content(model, result[id]) for id in ids if id in result)


def _blocks(database: Database, model: type[Resource], chosen: Chosen | None) -> Iterator[Sequence[str]]:
    if chosen is None:
        yield from id_blocks(database, model)
        return
    ids = chosen.get(model, ())
    for first in range(0, len(ids), BLOCK):
        yield ids[first : first + BLOCK]


def _reader(database: Database, model: type[Resource]) -> Reader:
    return lambda ids: read_roots(database, model, ids)


def _circles(
    model: type[Resource], blocks: Iterable[Sequence[str]], read: Reader
) -> Iterator[list[ResourceValues]]:
    """Yield things of one kind, what they refer to first, else by id; those in a circle together.

    Tarjan's strongly connected components, begun at each id in turn. All ids before the one in turn have
    been given already, so no more is remembered than what was given ahead of its turn.
    """
    ahead: set[str] = set()
    for ids in blocks:
        things = read(ids)
        for id in ids:
            if id in ahead:
                ahead.discard(id)
                continue
            if id not in things:
                continue
            for circle in _components(id, things, read, model, ahead):
                ahead.update(each for each in circle if each > id)
                further = [each for each in circle if each not in things]
                known = {**things, **read(further)} if further else things
                yield [known[each] for each in sorted(circle) if each in known]


def _components(
    first: str, things: Mapping[str, ResourceValues], read: Reader, model: type[Resource], ahead: set[str]
) -> Iterator[list[str]]:
    """Yield the circles that are reachable from a thing and have not been given, the last reached first."""

    def ahead_of(id: str) -> Iterator[str]:
        values = things.get(id) or read([id]).get(id)
        targets = (
            set() if values is None else {result for kind, result in referred(model, values) if kind is model}
        )
        return iter(sorted(each for each in targets if each >= first and each != id and each not in ahead))

    index: dict[str, int] = {first: 0}
    lowest: dict[str, int] = {first: 0}
    open_: dict[str, None] = {first: None}
    path = [(first, ahead_of(first))]
    while path:
        id, targets = path[-1]
        target = next(targets, None)
        if target is None:
            path.pop()
            if path:
                lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[id])
            if lowest[id] == index[id]:
                circle = []
                while id in open_:
                    circle.append(open_.popitem()[0])
                yield circle
        elif target not in index:
            index[target] = lowest[target] = len(index)
            open_[target] = None
            path.append((target, ahead_of(target)))
        elif target in open_:
            lowest[id] = min(lowest[id], index[target])


def referred(model: type[Resource], values: Mapping[str, object]) -> Iterator[tuple[type[Resource], str]]:
    """Yield the roots that a thing refers to, with all in it: kind and id, itself perhaps among them."""
    for reference in references(model, values):
        if reference.table in ("clause", "quote", "follow_up"):
            if reference.table == "clause":
                yield Agreement, reference.id.partition(".")[0]
        else:
            yield RESOURCES[reference.table], reference.id
    for name, child in CHILDREN.get(model, {}).items():
        for each in cast("Iterable[Values]", values.get(name, ())):
            yield from referred(child, each)


@cache
def _reference_order() -> tuple[type[Resource], ...]:
    """Return the models of roots, each of which refers to those before it and to its own kind only."""
    left = {model: _referred_models(model) - {model} for model in SECTIONS.values()}
    order: list[type[Resource]] = []
    while left:
        model = next(model for model, targets in left.items() if targets <= set(order))
        order.append(model)
        del left[model]
    return tuple(order)


def _referred_models(model: type[Resource]) -> set[type[Resource]]:
    """Return the models of the roots that a resource may refer to, with all that stands in it."""
    tables = [model, *(nested.model for nested in model.nested)]
    fields = [field for table in tables for field in fields_of(table).values() if not field.hidden]
    roots = {field.target for field in fields} & {each.__tablename__ for each in SECTIONS.values()}
    targets = {RESOURCES[root] for root in roots if root is not None}
    return targets.union(*(_referred_models(child) for child in CHILDREN.get(model, {}).values()))


def _closed(database: Database, named: Mapping[type[Resource], set[str]]) -> Chosen:
    """Add to things what they refer to, and what that refers to."""
    chosen: dict[type[Resource], set[str]] = {model: set() for model in SECTIONS.values()}
    new = {model: set(ids) for model, ids in named.items()}
    while any(new.values()):
        result: dict[type[Resource], set[str]] = {model: set() for model in SECTIONS.values()}
        for model, ids in new.items():
            chosen[model] |= ids
            ordered = sorted(ids)
            for first in range(0, len(ordered), BLOCK):
                for values in read_roots(database, model, ordered[first : first + BLOCK]).values():
                    for kind, id in referred(model, values):
                        result[kind].add(id)
        new = {model: ids - chosen[model] for model, ids in result.items()}
    return {model: sorted(ids) for model, ids in chosen.items()}


def _named(database: Database, ids: Sequence[str]) -> dict[type[Resource], set[str]]:
    """Return the roots that ids name; raises Malformed and NotFound with all that name nothing."""
    malformed = [id for id in ids if not any(is_id(table, id) for table in RESOURCES)]
    if malformed:
        hint = "for example gwangju-kdata-2020, gwangju-kdata-2020.4, gwangju, or a UUID"
        raise Malformed(
            Fault("bad_id", f"`{id[:80]}` does not have the form of an id", hint) for id in malformed
        )
    named: dict[type[Resource], set[str]] = {}
    missing: list[NotFound] = []
    for id in dict.fromkeys(ids):
        roots = list(_roots(database, id))
        for model, root in roots:
            named.setdefault(model, set()).add(root)
        if not roots:
            missing.append(_missing(database, id))
    if len(missing) == 1:
        raise missing[0]
    if missing:
        raise NotFound("; ".join(error.detail for error in missing))
    return named


def _roots(database: Database, id: str) -> Iterator[tuple[type[Resource], str]]:
    for table, model in RESOURCES.items():
        values = stored(database.rows, model, id) if is_id(table, id) else None
        if values is None:
            continue
        if model in SECTIONS.values():
            yield model, id
        else:
            yield Agreement, agreement_around(values)


def _missing(database: Database, id: str) -> NotFound:
    errors = [missing_from(database, model, id) for table, model in RESOURCES.items() if is_id(table, id)]
    gone = next((error for error in errors if type(error) is not NotFound), None)
    if gone is not None or len(errors) == 1:
        return gone or errors[0]
    return NotFound(f"there is nothing with the id {id}", hint="see `tracker agreements`, `tracker parties`")
