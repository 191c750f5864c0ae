"""By which of its names a party is called in a language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def name_in(party: Mapping[str, Any], lang: str) -> str:
    """Give a party's name in a language, `en` or `ko`: a translation that still holds, else the name itself.

    In English a romanisation stands in for a translation.
    """
    for kind in ("translation", "romanisation") if lang == "en" else ("translation",):
        for each in party["names"]:
            of_lang = (each["lang"] or "").partition("-")[0] == lang
            if each["kind"] == kind and of_lang and each["valid_to"] is None:
                return str(each["name"])
    return str(party["name"])
