"""History: of one thing, removed or not, and of everything in commit order."""

from __future__ import annotations

from flask import Blueprint, Response, g

from tracker import services
from tracker.api.exchange import (
    WRITING,
    answer,
    check_id,
    database,
    operation,
    query_parameters,
    write,
)
from tracker.api.problems import history_path, public_url
from tracker.errors import Fault, Gone, Malformed
from tracker.models import RESOURCES, Resource
from tracker.queries.history import DEFAULT_LIMIT, LARGEST_LIMIT, Entry, changes, history_of
from tracker.queries.merged import now_of
from tracker.queries.representation import encode_list, find
from tracker.services.resources import missing_from

api = Blueprint("history", __name__)


@api.get("/changes")
@operation(parameters=("after", "limit"))
def list_changes() -> Response:
    """List every change in the order in which they were committed."""
    after, limit = _range()
    entries, following = changes(database(), after=after, limit=limit)
    return _listed("/v1/changes", entries, following)


@api.post("/changes/<id>:revert")
@operation(role="editor", parameters=WRITING, scoped=True)
def revert_change(id: str) -> Response:
    """Undo a change as a new change; answers with what became of each thing in it."""
    if not (id.isascii() and id.isdigit() and len(id) <= 10):
        hint = "see `id` in /v1/changes"
        raise Malformed([Fault("bad_id", "a change's id is a whole number", hint, parameter="id")])
    with write() as change:
        undone = services.revert_change(change, int(id), as_admin=g.holder.role == "admin")
        things = [{"resource": each.model.__tablename__, "id": each.id, "done": each.done} for each in undone]
        return change.show_result({"reverted": int(id), "data": things})


def _history_of(model: type[Resource]) -> None:
    @operation(parameters=("after", "limit"))
    def history(id: str) -> Response:
        check_id(model, id)
        if now_of(database().rows, model, id) is not None:  # the other's history holds this one's
            raise missing_from(database(), model, id)
        after, limit = _range()
        entries, following = history_of(database().rows, model, id, after=after, limit=limit)
        if not entries and find(database(), model, id) is None:
            missing = missing_from(database(), model, id)
            if not isinstance(missing, Gone):  # what was removed has a history, if none after that place
                raise missing
        return _listed(history_path(model.__tablename__, id), entries, following)

    history.__doc__ = f"List the changes of one {model.noun}, also after it was removed."
    api.add_url_rule(f"/{model.path}/<id>/history", f"history_of_{model.__tablename__}", history)


for _model in RESOURCES.values():
    _history_of(_model)


def _listed(path: str, entries: list[Entry], following: int | None) -> Response:
    next_page = None if following is None else public_url(f"{path}?after={following}&limit={_range()[1]}")
    response = answer(encode_list(entries, {"next": next_page}))
    if next_page is not None:
        response.headers["Link"] = f'<{next_page}>; rel="next"'
    return response


def _range() -> tuple[int, int]:
    """Read `after` and `limit`; raises Malformed."""
    given = dict(query_parameters())
    faults = []
    result = {"after": 0, "limit": DEFAULT_LIMIT}
    for name, low, high in (("after", 0, 2**31 - 1), ("limit", 1, LARGEST_LIMIT)):
        text = given.get(name)
        if text is None:
            continue
        if text.isascii() and text.isdigit() and len(text) <= 10 and low <= int(text) <= high:
            result[name] = int(text)
        else:
            faults.append(
                Fault(f"bad_{name}", f"`{name}` is a whole number from {low} to {high}", parameter=name)
            )
    if faults:
        raise Malformed(faults)
    return result["after"], result["limit"]
