"""What a client asks a draft of: a JSON body with the article and what is known about it."""

from __future__ import annotations

from typing import Any

from tracker.drafting.publication import Publication, faults_of
from tracker.drafting.reading import Article, read_text
from tracker.errors import Fault, Invalid, nearest

FIELDS = ("text", "html", "url", "published", "publisher", "lang")


def request_of(content: Any) -> tuple[Article, Publication]:
    """Return the article and its publication from the body of a request; raises Invalid."""
    if not isinstance(content, dict):
        raise Invalid([Fault("wrong_type", "the body must be an object with `text` or `html`", pointer="")])
    faults = [
        Fault(
            "unknown_field",
            f"`{name[:80]}` is not a field here",
            nearest(name, FIELDS) or f"known are {', '.join(FIELDS)}",
            f"/{_step(name)}",
        )
        for name in content
        if name not in FIELDS
    ]
    faults += [
        Fault("wrong_type", f"`{name}` must be text", pointer=f"/{name}")
        for name in FIELDS
        if content.get(name) is not None and not isinstance(content[name], str)
    ]
    articles = [name for name in ("text", "html") if content.get(name) is not None]
    if len(articles) != 1:
        detail = "`text` and `html` are given both" if articles else "`text` is missing"
        faults.append(Fault("required", detail, "give the article as `text` or as `html`", "/text"))
    values = [content.get(name) for name in ("url", "published", "publisher", "lang")]
    publication = Publication(*(value if isinstance(value, str) else None for value in values))
    faults += faults_of(publication)
    if faults:
        raise Invalid(faults)
    try:
        return read_text(content[articles[0]], html=articles[0] == "html"), publication
    except Invalid as error:
        raise Invalid(
            Fault(fault.code, fault.detail, fault.hint, f"/{articles[0]}") for fault in error.faults
        ) from None


def _step(name: str) -> str:
    return name[:80].replace("~", "~0").replace("/", "~1")
