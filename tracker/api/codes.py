"""Codelists: every code with its labels, and of statuses what they need and what others call them."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, Response

from tracker import codes
from tracker.api.exchange import answer, operation
from tracker.queries.representation import encoder

api = Blueprint("codes", __name__)


@api.get("/codes")
@operation()
def list_codes() -> Response:
    """List every codelist; a status says its group, what recording it needs, and its place in standards."""
    return answer(_encoded())


@cache
def _encoded() -> bytes:
    return encoder.encode(
        {
            "data": {
                name: [
                    {"code": code, "label": label.en, "label_ko": label.ko} | _of_status(name, code)
                    for code, label in codelist.labels.items()
                ]
                for name, codelist in codes.CODELISTS.items()
            }
        }
    )


def _of_status(codelist: str, code: str) -> dict[str, Any]:
    if codelist != codes.CURRENT_STATUS.name:
        return {}
    status = codes.STATUSES[code]
    needs = {"reason": status.needs_reason, "evidence": status.needs_evidence}
    maps = {name: getattr(status, name) for name in codes.STANDARDS}
    return {"group": None if status.group == "none" else status.group, "needs": needs, "maps": maps}
