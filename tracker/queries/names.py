"""By which of its names a party is called in a language."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.models.values import PartyNameValues


def name_in(lang: str, name: str, others: Iterable[PartyNameValues]) -> str:
    """Return a party's name in a language, `en` or `ko`: a translation that still holds, else the name itself.

    In English a romanisation serves where there is no translation.
    """
    for kind in ("translation", "romanisation") if lang == "en" else ("translation",):
        for other in others:
            of_lang = (other["lang"] or "").partition("-")[0] == lang
            if other["kind"] == kind and of_lang and other["valid_to"] is None:
                return other["name"]
    return name
