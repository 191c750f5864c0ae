"""The URL of a database: read strictly, and never printed, since a password may stand anywhere in it."""

from __future__ import annotations

import re

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from tracker.errors import Fault, Invalid, nearest

SECRET_OPTIONS = ("password", "sslpassword")
_FORMS = "say sqlite:///tracker.db or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
_ENCODED = "in a password write @ as %40, / as %2F, ? as %3F, # as %23 and % as %25"
_HOST = re.compile(r"[\w.,%-]*|[0-9A-Fa-f:.]+(?:%\w+)?", re.ASCII)
_DRIVER = re.compile(r"([a-z][a-z0-9_+]*)://")


def database_url(url: str) -> URL:
    """Return the URL of a database; raise Invalid where it is of no engine we know, or not what was meant.

    Nothing of it is named but its engine.
    """
    try:
        parsed = make_url(url)
        parsed.get_dialect()
        engine = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError):
        raise _wrong(f"{_engine_in(url)}: no engine that is known", _FORMS) from None
    except ValueError:  # the port
        raise _wrong("the database's URL has a port that is no number", _ENCODED) from None
    if engine == "sqlite":
        _check_sqlite(parsed, has_options="?" in url)
    elif engine == "postgresql":
        _check_postgresql(parsed)
        after = "" if "?" in (parsed.password or "") else url.partition("?")[2]
        if after and not all("=" in option for option in after.split("&")):
            raise _wrong("the database's URL has no option after its ?", _ENCODED)
    else:
        raise _wrong(f"{_engine_in(url)}: no engine that is known", _FORMS)
    return parsed


def _check_sqlite(url: URL, *, has_options: bool) -> None:
    if url.host or url.username or url.password:
        raise _wrong("a SQLite URL names no host", "write three slashes: sqlite:///tracker.db")
    if has_options:
        raise _wrong(
            "a SQLite URL has no options, and there is something after its ?",
            "leave it out; in a file's name write ? as %3F",
        )
    if not url.database or url.database == ":memory:":
        raise _wrong("the database's URL names no file", "say sqlite:///tracker.db")


def _check_postgresql(url: URL) -> None:
    if not _HOST.fullmatch(url.host or "") or "@" in (url.database or ""):
        part = "database" if _HOST.fullmatch(url.host or "") else "host"
        raise _wrong(f"the database's URL has a {part} with a character in it that none has", _ENCODED)
    known = _options()
    for name in url.query:
        if known and name not in known:
            near = nearest(name, known) if name.isidentifier() else None
            raise _wrong(
                "the database's URL has an option after its ? that PostgreSQL has not", near or _ENCODED
            )


def _options() -> set[str]:
    """Return the options that PostgreSQL's own library knows; none where it is not installed."""
    try:
        from psycopg import pq
    except ImportError:
        return set()
    return {option.keyword.decode() for option in pq.Conninfo.get_defaults()}


def _engine_in(url: str) -> str:
    match = _DRIVER.match(url)
    return f"the database's URL begins with {match[1]}" if match else "the database's URL has no engine"


def _wrong(detail: str, hint: str) -> Invalid:
    return Invalid([Fault("bad_setting", detail, hint)])
