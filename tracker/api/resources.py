"""Parties, sources, initiatives and agreements: reading, creating, changing, removing."""

from __future__ import annotations

from flask import Blueprint, Response, g

from tracker import services
from tracker.api.exchange import (
    JSON,
    LISTED,
    MERGE_PATCH,
    READ,
    WRITING,
    Role,
    body,
    check_id,
    if_match,
    nothing,
    operation,
    read_list,
    read_one,
    write,
)
from tracker.errors import a
from tracker.models import Agreement, Initiative, Party, Resource, Source
from tracker.services.resources import path_of

api = Blueprint("resources", __name__)

REMOVERS: dict[type[Resource], Role] = {
    Party: "editor",
    Source: "editor",
    Initiative: "editor",
    Agreement: "admin",
}
"""Who may remove each kind of thing."""


def _listed(model: type[Resource]) -> None:
    @operation(parameters=LISTED)
    def many() -> Response:
        return read_list(model)

    many.__doc__ = f"List {model.plural}."
    api.add_url_rule(f"/{path_of(model)}", f"list_{model.plural}", many)


def _readable(model: type[Resource]) -> None:
    @operation(parameters=READ)
    def one(id: str) -> Response:
        return read_one(model, id)

    one.__doc__ = f"Read one {model.noun}."
    api.add_url_rule(f"/{path_of(model)}/<id>", f"read_{model.__tablename__}", one)


def _writable(model: type[Resource], remover: Role) -> None:
    table, path = model.__tablename__, f"/{path_of(model)}"

    @operation(role="editor", takes=JSON, parameters=WRITING)
    def create() -> Response:
        with write() as change:
            return change.show(model, services.create_thing(change, model, body()), created=True)

    @operation(role="editor", takes=MERGE_PATCH, parameters=WRITING)
    def change(id: str) -> Response:
        check_id(model, id)
        with write() as change:
            services.change_thing(change, model, id, body(), if_match())
            return change.show(model, id)

    @operation(role=remover, parameters=WRITING)
    def remove(id: str) -> Response:
        check_id(model, id)
        with write() as change:
            services.remove_thing(change, model, id, if_match())
            return nothing()

    create.__doc__ = f"Create {a(model.noun)}."
    change.__doc__ = f"Change {a(model.noun)}; lists are replaced as a whole."
    remove.__doc__ = f"Remove {a(model.noun)} that nothing needs; its history stays."
    api.add_url_rule(path, f"create_{table}", create, methods=["POST"])
    api.add_url_rule(f"{path}/<id>", f"change_{table}", change, methods=["PATCH"])
    api.add_url_rule(f"{path}/<id>", f"remove_{table}", remove, methods=["DELETE"])


for _model, _remover in REMOVERS.items():
    _listed(_model)
    if _model is not Source:
        _readable(_model)
    _writable(_model, _remover)


@api.get("/sources/<id>")
@operation(parameters=READ)
def read_source(id: str) -> Response:
    """Read one source; with its text for token holders, since it is its publisher's."""
    return read_one(Source, id, with_its_text="holder" in g)
