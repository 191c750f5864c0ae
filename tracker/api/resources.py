"""Every kind of resource: listing, reading, creating, changing, removing, by the registry of kinds."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, g

from tracker import services
from tracker.api.etags import if_match
from tracker.api.exchange import (
    JSON,
    LISTED,
    MERGE_PATCH,
    READ,
    WRITING,
    body,
    check_id,
    etag_now,
    nothing,
    operation,
    read_list,
    read_one,
    write,
)
from tracker.errors import a
from tracker.kinds import KINDS, ResourceKind
from tracker.models import RESOURCES, FollowUp, Resource, Source

api = Blueprint("resources", __name__)


def _add_reading(kind: ResourceKind, model: type[Resource]) -> None:
    @operation(parameters=LISTED)
    def list_resources() -> Response:
        return read_list(model)

    @operation(parameters=READ)
    def read(id: str) -> Response:
        # A source's text is its publisher's: it is for token holders.
        return read_one(model, id, with_its_text=model is Source and "holder" in g)

    list_resources.__doc__ = f"List {kind.path}."
    read.__doc__ = f"Read one {kind.noun}."
    api.add_url_rule(f"/{kind.path}", f"list_{kind.plural}", list_resources)
    api.add_url_rule(f"/{kind.path}/<id>", f"read_{kind.name}", read)


def _add_creating(kind: ResourceKind, model: type[Resource]) -> None:
    @operation(role="editor", takes=JSON, parameters=WRITING)
    def create() -> Response:
        with write() as change:
            return change.show(model, services.create_resource(change, model, body()), created=True)

    create.__doc__ = f"Create {a(kind.noun)}."
    api.add_url_rule(f"/{kind.path}", f"create_{kind.name}", create, methods=["POST"])


def _add_creating_inside(parent: ResourceKind, kind: ResourceKind, model: type[Resource]) -> None:
    @operation(role="editor", takes=JSON, parameters=WRITING, scoped=model is FollowUp)
    def create(id: str) -> Response:
        check_id(RESOURCES[parent.name], id)
        with write() as change:
            if model is FollowUp:
                return change.show(model, services.record_follow_up(change, id, body()), created=True)
            return change.show(model, services.create_part(change, model, id, body()), created=True)

    create.__doc__ = f"Add {a(kind.noun)} to {a(parent.noun)}."
    path = f"/{parent.path}/<id>/{kind.path}"
    api.add_url_rule(path, f"create_{kind.name}", create, methods=["POST"])


def _add_changing(kind: ResourceKind, model: type[Resource]) -> None:
    etag = partial(etag_now, model)

    @operation(role="editor", takes=MERGE_PATCH, parameters=WRITING, etag=etag, scoped=model is FollowUp)
    def change(id: str) -> Response:
        check_id(model, id)
        with write() as change:
            if model is FollowUp:
                services.change_follow_up(change, id, body(), if_match())
            else:
                services.update_resource(change, model, id, body(), if_match())
            return change.show(model, id)

    @operation(role=kind.removed_by, parameters=WRITING, etag=etag, scoped=model is FollowUp)
    def remove(id: str) -> Response:
        check_id(model, id)
        with write() as change:
            if model is FollowUp:
                services.remove_follow_up(change, id, if_match())
            else:
                services.remove_resource(change, model, id, if_match())
            return nothing()

    change.__doc__ = f"Change {a(kind.noun)}; lists are replaced as a whole."
    remove.__doc__ = f"Remove {a(kind.noun)} that nothing needs; its history stays."
    api.add_url_rule(f"/{kind.path}/<id>", f"change_{kind.name}", change, methods=["PATCH"])
    api.add_url_rule(f"/{kind.path}/<id>", f"remove_{kind.name}", remove, methods=["DELETE"])


for _kind in KINDS.values():
    _add_reading(_kind, RESOURCES[_kind.name])
    _add_changing(_kind, RESOURCES[_kind.name])
    if _kind.parent is None:
        _add_creating(_kind, RESOURCES[_kind.name])
    else:
        _add_creating_inside(KINDS[_kind.parent], _kind, RESOURCES[_kind.name])
