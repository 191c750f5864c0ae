"""The council report over HTTP: JSON, or a document to print or to file, by `format` or by Accept."""

from __future__ import annotations

from flask import Blueprint, Response, request

from tracker.api.exchange import LISTED, always, answer, database, operation, query_parameters
from tracker.errors import Fault, Malformed
from tracker.queries.report import report_query
from tracker.reports.formats import FORMATS
from tracker.reports.making import report
from tracker.reports.workbook import can_write_workbooks

api = Blueprint("report", __name__)
_BY_TYPE = {format.media_type: name for name, format in FORMATS.items()}


@api.get("/report")
@operation(parameters=LISTED, heavy=always)
def report_on_agreements() -> Response:
    """Report on agreements and a period: the register, what happened, what needs attention, what comes next."""
    query = report_query(query_parameters())
    name = query.format or _accepted()
    if name == "xlsx" and not can_write_workbooks():
        detail = "`format`: this server writes no workbooks"
        hint = "take csv, html or md; its administrator can install openpyxl"
        raise Malformed([Fault("not_installed", detail, hint, parameter="format")])
    chosen = FORMATS[name]
    content = report(database(), query)
    response = answer(chosen.write(content))
    if response.status_code == 200:
        response.headers["Content-Type"] = chosen.content_type
        if name == "html":
            response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        elif name != "json":
            response.headers["Content-Disposition"] = (
                f'attachment; filename="report-{content["as_of"]}.{name}"'
            )
    response.headers["Vary"] = "Accept"
    return response


def _accepted() -> str:
    """Return the format that Accept prefers; where it accepts none, JSON (RFC 9110 §12.5.1 allows that)."""
    offered = [type for type, name in _BY_TYPE.items() if name != "xlsx" or can_write_workbooks()]
    best = request.accept_mimetypes.best_match(offered, "application/json")
    return _BY_TYPE[best]
