"""Reading parties, sources, initiatives, agreements and quotes."""

from __future__ import annotations

from flask import Blueprint, Response, g

from tracker.api.exchange import LISTED, answer, check_id, database, operation, read_list, read_one
from tracker.models import Agreement, Initiative, Party, Quote, Resource, Source
from tracker.queries.representation import encoder, find, representation
from tracker.queries.sources import text_of
from tracker.service.things import path_of

api = Blueprint("resources", __name__)


def _readable(model: type[Resource]) -> None:
    plural = model.plural

    @operation(parameters=LISTED)
    def many() -> Response:
        return read_list(model)

    @operation()
    def one(id: str) -> Response:
        return read_one(model, id)

    many.__doc__ = f"List {plural}."
    one.__doc__ = f"Read one {model.noun}."
    api.add_url_rule(f"/{path_of(model)}", f"list_{plural}", many)
    api.add_url_rule(f"/{path_of(model)}/<id>", f"read_{model.__tablename__}", one)


for _model in (Party, Initiative, Agreement, Quote):
    _readable(_model)


@api.get("/sources")
@operation(parameters=LISTED)
def list_sources() -> Response:
    """List sources."""
    return read_list(Source)


@api.get("/sources/<id>")
@operation()
def read_source(id: str) -> Response:
    """Read one source; with its text for token holders, since it is its publisher's."""
    check_id(Source, id)
    row = find(database(), Source, id)
    if row is None or "holder" not in g:
        return read_one(Source, id)
    values = representation(Source).values(row)
    return answer(encoder.encode(values | {"text": text_of(database(), id)}), values["version"])
