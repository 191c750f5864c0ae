"""What a client asks a draft of: a JSON body with the article and what is known about it."""

from __future__ import annotations

from typing import Any

from tracker.drafting.document import Given, faults_of
from tracker.drafting.reading import Article, read_text
from tracker.errors import Fault, Invalid, nearest

FIELDS = ("text", "html", "url", "published", "publisher", "lang")


def asked(content: Any) -> tuple[Article, Given]:
    """Read the body of a request for a draft: `text` or `html`, with what is given about it; raises Invalid."""
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
    said = [content.get(name) for name in ("url", "published", "publisher", "lang")]
    given = Given(*(each if isinstance(each, str) else None for each in said))
    faults += faults_of(given)
    if faults:
        raise Invalid(faults)
    try:
        return read_text(content[articles[0]], html=articles[0] == "html"), given
    except Invalid as error:
        raise Invalid(
            Fault(each.code, each.detail, each.hint, f"/{articles[0]}") for each in error.faults
        ) from None


def _step(name: str) -> str:
    return name[:80].replace("~", "~0").replace("/", "~1")
