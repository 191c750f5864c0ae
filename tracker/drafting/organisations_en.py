"""Organisations in texts of Latin letters: their names, other names, places and classes."""

from __future__ import annotations

import re

from tracker.drafting.cast import Cast, Entity, Mention, Name, folded, words_of
from tracker.drafting.rules import rule
from tracker.drafting.runs_en import (
    Word,
    is_courtesy,
    is_head,
)
from tracker.drafting.wordlists import word_set
from tracker.drafting.words_en import (
    LOCAL,
    NOT_NAMES,
)


def known_names(text: str, parts: list[tuple[int, int]], cast: Cast) -> None:
    """Find every other place of the names that are known by now, short forms of places included."""
    for organisation in cast.organisations:
        for name in list(organisation.names):
            short = _SHORT_PLACE.fullmatch(name.text)
            place = (short["place"] or short["of"]) if short else None
            if (
                place is not None
                and place not in NOT_NAMES
                and len(place) > 2
                and cast.named(place, "organisation") is None
            ):
                alone = re.compile(rf"(?<![\w-])(?<!of )(?<!in ){re.escape(place)}(?![\w-]| [A-Z])")
                first = next(
                    (match.span() for start, end in parts for match in alone.finditer(text, start, end)), None
                )
                if first is not None:
                    organisation.add(Name(place, "alias", *first))
    _join_places(cast)
    names = {name.text: entity for entity in cast.entities for name in entity.names if len(name.text) > 1}
    if not names:
        return
    pattern = re.compile(
        r"(?<![\w-])(?:"
        + "|".join(sorted(map(re.escape, names), key=len, reverse=True))
        + r")(?![\w]|-[A-Z])"
    )
    for start, end in parts:
        for match in pattern.finditer(text, start, end):
            cast.mention(Mention(match.start(), match.end(), names[match[0]]))


def _join_places(cast: Cast) -> None:
    """Join the names of one local government: Haeon Metropolitan City, Haeon City."""
    for organisation in list(cast.organisations):
        longer = [
            other
            for other in cast.organisations
            if other is not organisation and other.name.startswith(f"{organisation.name} of ")
        ]
        if len(longer) == 1 and len(organisation.name.split()) > 1:
            longer[0].names += [
                Name(name.text, "alias", name.start, name.end)
                for name in organisation.names
                if not longer[0].has(name.text)
            ]
            cast.replace(organisation, longer[0])
    places: dict[str, Entity] = {}
    for organisation in sorted(cast.organisations, key=lambda one: -len(one.name)):
        short = _CITY.fullmatch(organisation.name)
        if short is None:
            continue
        first = places.setdefault(short["place"], organisation)
        if first is not organisation:
            first.names += [
                Name(name.text, "alias", name.start, name.end)
                for name in organisation.names
                if not first.has(name.text)
            ]
            cast.replace(organisation, first)


def take_organisation(text: str, words: list[Word], cast: Cast) -> Entity | None:
    """Take the organisation that some words name; None where they name none."""
    while words and (words[0].text in NOT_NAMES or is_courtesy(words[0].text)):
        words = words[1:]
    if not words or (len(words) == 1 and is_head(words[0].text)):
        return None
    start, end = words[0].start, words[-1].end
    form = _SMALL_FORM.match(text, end)
    end = end if form is None else form.end()
    name = text[start:end]
    if cast.is_full and cast.named(name, "organisation") is None:
        return None
    entity = organisation_named(name, start, end, cast)
    take_alias(text, end, entity)
    cast.mention(Mention(start, end, entity))
    return entity


def organisation_named(name: str, start: int, end: int, cast: Cast) -> Entity:
    """Return the organisation of a name: one known by it or by the same words, else a new one."""
    key, mine = folded(name), words_of(name)
    for organisation in cast.organisations:
        if any(folded(other.text) == key for other in organisation.names):
            return organisation
    for organisation in cast.organisations:
        if any(words_of(other.text) == mine and len(mine) > 1 for other in organisation.names):
            organisation.add(Name(name, "alias", start, end))
            return organisation
    entity = Entity("organisation", [Name(name, "name", start, end)], class_=class_of(name))
    cast.entities.append(entity)
    return entity


def take_alias(text: str, end: int, entity: Entity) -> None:
    """Take the alias in parentheses behind a name."""
    match = _PARENTHESIS.match(text, end, min(len(text), end + 80))
    if match is None:
        return
    alias = match["alias"].strip()
    if not any(letter.isalpha() for letter in alias) or _NO_ALIAS.search(alias):
        return
    letters = [letter for letter in alias if letter.isalpha()]
    upper = sum(letter.isupper() for letter in letters)
    kind = "abbreviation" if " " not in alias and upper * 2 > len(letters) and len(alias) <= 14 else "alias"
    entity.add(Name(alias, kind, match.start("alias"), match.start("alias") + len(match["alias"].rstrip())))


def place_named(text: str, words: list[Word], cast: Cast) -> Entity | None:
    """Take `Haeon` of `Haeon Mayor Ban Ji-woon` as its city, where the text names one that begins so."""
    name = text[words[0].start : words[-1].end]
    return next(
        (
            organisation
            for organisation in cast.organisations
            if any(other.text == name or other.text.startswith(f"{name} ") for other in organisation.names)
        ),
        None,
    )


def class_of(name: str) -> str | None:
    """Return the class that a name's own words tell; None where they do not."""
    words = set(re.findall(r"[\w’.-]+", name))
    for class_, telling in _CLASSES:
        if words & telling:
            return class_
    return None


_SHORT_PLACE = rule(
    r"(?P<place>[A-ZÀ-Þ][\w’-]+(?: (?!Metropolitan|Special|"
    r"Autonomous)[A-ZÀ-Þ][\w’-]+)?)(?: Metropolitan| Special| Autonomous|"
    r" Self-Governing)* (?:City|Province|County|District|University|Prefecture|Municipality|"
    r"City Council|District Council|County Council)|"
    r"University of (?:the )?(?P<of>[A-ZÀ-Þ][\w’-]+(?: [A-ZÀ-Þ][\w’-]+)?)",
    "has a place as its short name",
    "North Marsh District Council",
)
_CITY = rule(
    r"(?P<place>[A-ZÀ-Þ][\w’-]+(?: (?!Metropolitan|Special|"
    r"Autonomous)[A-ZÀ-Þ][\w’-]+)?)(?: Metropolitan| Special| Autonomous|"
    r" Self-Governing)*(?: City| Province)(?: Government)?",
    "is a local government by another of its names",
    "Nambu Metropolitan City",
)
_PARENTHESIS = rule(
    r"\s?[(（](?:(?:the|or|hereinafter|hereafter|henceforth|"
    r"referred to as)[ ,]{1,2}){0,3}[“\"‘']?(?P<alias>[A-Za-zÀ-ÿ가-힣][^()（）“”\"\n]{0,48}?)"
    r"[”\"’']?(?:[;,][^()\n]{0,30})?[)）]",
    "gives another name in parentheses",
    "Port Institute (PI) and the Ellis",
)
_SMALL_FORM = rule(
    r",? (?:plc|ltd|inc|llc)\b", "is a legal form in small letters", " Telecom Group plc and the Rift "
)
_NO_ALIAS = rule(
    r"^(?:left|right|centre|center|from|see|photo|pictured|formerly|founded|established|president|"
    r"director|mayor|ceo|chair|minister|governor|chairman|head|rector|est|above|below|aged?)\b|"
    r"\d{4}",
    "stands in parentheses and is no name",
    "President Yoo Hye-rin",
    re.IGNORECASE,
)
_CLASSES = tuple(
    (class_, LOCAL if class_ == "local_government" else word_set(f"en_class_{class_}"))
    for class_ in (
        "university",
        "media",
        "association",
        "company",
        "local_government",
        "national_government",
        "public_agency",
    )
)
