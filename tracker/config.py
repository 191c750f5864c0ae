"""Settings: the environment first, then ``tracker.toml`` in the current folder, then the defaults."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tracker.errors import Fault, Invalid, nearest

PREFIX = "TRACKER_"


@dataclass(frozen=True, slots=True)
class Settings:
    """What an administrator may set; each field is TRACKER_… in the environment or a key of tracker.toml."""

    database_url: str = field(
        default="sqlite:///tracker.db",
        metadata={"doc": "sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"},
    )
    read_access: str = field(
        default="public", metadata={"doc": "public, or token: reading needs a token as well"}
    )
    time_zone: str = field(
        default="Asia/Seoul", metadata={"doc": "the IANA zone in which today begins and ends"}
    )
    public_url: str = field(
        default="", metadata={"doc": "how clients reach this server; empty: links are relative"}
    )
    cors_origins: str = field(
        default="", metadata={"doc": "origins whose pages may call the API, separated by spaces"}
    )
    max_body: int = field(
        default=1_048_576, metadata={"doc": "the largest request body that is read, in bytes"}
    )
    prepare: bool = field(
        default=True,
        metadata={"doc": "PostgreSQL: prepare statements (set to false behind PgBouncer before 1.22)"},
    )


def settings(folder: Path | None = None) -> Settings:
    """Return the settings in force; raises Invalid with every fault in the environment and tracker.toml."""
    faults: list[Fault] = []
    texts = _from_file((folder or Path.cwd()) / "tracker.toml", faults) | _from_environment(faults)
    values = {name: _value(name, text, faults) for name, text in texts.items()}
    if faults:
        raise Invalid(faults)
    return Settings(**values)  # type: ignore[arg-type]


def origins(folder: Path | None = None) -> dict[str, str]:
    """Return where each setting in force comes from: the environment, the path of tracker.toml, or default."""
    path = (folder or Path.cwd()) / "tracker.toml"
    in_file, in_environment = _from_file(path, []), _from_environment([])
    return {
        name: "environment" if name in in_environment else str(path) if name in in_file else "default"
        for name in _SETTINGS
    }


_ORIGIN = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+")
_SETTINGS = {setting.name: setting for setting in fields(Settings)}


def _from_environment(faults: list[Fault]) -> dict[str, str]:
    texts = {}
    for variable, text in os.environ.items():
        name = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX) or name.startswith(("test_", "complete")):
            continue
        if name in _SETTINGS:
            texts[name] = text
        else:
            hint = nearest(variable, [PREFIX + known.upper() for known in _SETTINGS])
            faults.append(Fault("unknown_setting", f"{variable} is not a setting", hint))
    return texts


def _from_file(path: Path, faults: list[Fault]) -> dict[str, str]:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        faults.append(Fault("unreadable", f"{path} cannot be read: {error}"))
        return {}
    faults += [
        Fault(
            "unknown_setting",
            f"{path}: `{name}` is not a setting",
            nearest(name.removeprefix(PREFIX).lower(), _SETTINGS),
        )
        for name in entries.keys() - _SETTINGS.keys()
    ]
    return {
        name: str(entry).lower() if isinstance(entry, bool) else str(entry)
        for name, entry in entries.items()
        if name in _SETTINGS
    }


def _value(name: str, text: str, faults: list[Fault]) -> str | int | bool:
    def refuse(detail: str) -> str:
        faults.append(Fault("bad_setting", f"{PREFIX}{name.upper()} is {text!r}: {detail}"))
        return text

    if name == "read_access" and text not in ("public", "token"):
        return refuse("say public or token")
    if name == "time_zone":
        try:
            ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return refuse("no such IANA time zone")
    if name == "cors_origins" and "*" in text:
        return refuse("name the origins; a wildcard would let any page use a visitor's token")
    if name == "public_url" and text and not _ORIGIN.match(text):
        return refuse("say http:// or https:// and a host")
    if name == "cors_origins" and not all(_ORIGIN.fullmatch(origin) for origin in text.split()):
        return refuse("say http:// or https:// and a host for each, without a path")
    if name == "max_body":
        return int(text) if text.isascii() and text.isdigit() else refuse("say a number of bytes")
    if name == "prepare":
        return text == "true" if text in ("true", "false") else refuse("say true or false")
    return text
