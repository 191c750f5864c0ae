"""What a person is, and where, in the words around the name; what an organisation was called before."""

from __future__ import annotations

import re

from tracker.drafting.cast import Cast, Entity, Mention, Name
from tracker.drafting.rules import rule
from tracker.drafting.words_en import HONORIFICS, LOW_ROLES, ROLES


def take_former_names(text: str, cast: Cast) -> None:
    """Take what an organisation was called before: `started in 1993 as the …`, `formerly the …`."""
    for mention in list(cast.mentions):
        if mention.entity.kind != "organisation":
            continue
        match = _FORMER.match(text, mention.end, min(len(text), mention.end + 160))
        if match is None:
            continue
        name = match["began"] or match["was"]
        start = match.start("began") if match["began"] else match.start("was")
        other = cast.named(name, "organisation")
        if other is mention.entity or (other is not None and len(other.names) > 1):
            continue
        if other is not None:
            cast.replace(other, mention.entity)
        mention.entity.add(Name(name, "former", start, start + len(name), match["year"]))
        mention.entity.founded = mention.entity.founded or match["year"]


def take_roles(text: str, cast: Cast) -> None:
    """Find what each person is, and where, in the words around the name."""
    looked: dict[int, int] = {}
    for mention in cast.mentions:
        entity = mention.entity
        looked[id(entity)] = looked.get(id(entity), 0) + 1
        if entity.kind != "person" or looked[id(entity)] > 12:
            continue
        start = mention.title_start if mention.title_start is not None else mention.start
        earlier = [mention.end for mention in cast.within(max(0, start - 120), start, "person")]
        least = max(0, start - 120, *earlier) if earlier else max(0, start - 120)
        for match in (
            _LOW_ROLE_BEFORE.search(text, least, start),
            _ROLE_BEHIND.match(text, mention.end, min(len(text), mention.end + 160)),
            _ROLE_BEFORE.search(text, least, start),
        ):
            if match is not None:
                _take_role(match, entity, cast)
        if entity.organisation is None and mention.title is not None:
            entity.organisation = _beside(text, mention, start, cast)


def _take_role(match: re.Match[str], entity: Entity, cast: Cast) -> None:
    """Take the words beside a name as a person's role, and the organisation in them as the one it is at."""
    role, start = match["role"].rstrip(" ,"), match.start("role")
    if not _ROLE_WORD.search(role) or role.startswith(("and ", "e ")):
        return
    if cast.within(match.start("role"), match.end("role"), "person"):
        return  # somebody else's
    cuts = [possessive.end() for possessive in _POSSESSIVE.finditer(role)]
    cut = next((position for position in reversed(cuts) if _ROLE_WORD.search(role[position:])), 0)
    role, start = role[cut:], start + cut
    if any(word in HONORIFICS - ROLES and word != "Chief" for word in role.split()):
        return
    if entity.role is None or entity.role in _WEAK_ROLES:
        entity.role, entity.role_at = role, (start, start + len(role))
    inside = cast.within(match.start("role"), match.end("role"), "organisation")
    if entity.organisation is None and inside:
        entity.organisation = inside[-1].entity


def _beside(text: str, mention: Mention, start: int, cast: Cast) -> Entity | None:
    """Return the organisation right before a title, or behind `of` after a name."""
    before = cast.within(max(0, start - 60), start, "organisation")
    if before and _OWNS.fullmatch(text[before[-1].end : start]):
        return before[-1].entity
    behind = _OF.match(text[mention.end : mention.end + 16])
    if behind is None:
        return None
    after = cast.within(mention.end + behind.end(), mention.end + 100, "organisation")
    return after[0].entity if after and after[0].start == mention.end + behind.end() else None


_FORMER = rule(
    r"(?:\s?\([A-Za-z-]{2,14}\))?,? ?(?:(?:which|that) (?:was )?)?(?:(?:started|began|founded|"
    r"established|opened|launched|set up) in (?P<year>(?:18|19|"
    r"20)\d\d) as (?:the )?(?P<began>[A-Z][\w’-]+(?: (?:of |for |and |the )*[A-Z][\w’-]+){1,7})|"
    r"[(,]? ?(?:formerly|previously|once) (?:known as |"
    r"called )?(?:the )?(?P<was>[A-Z][\w’-]+(?: (?:of |for |and |the )*[A-Z][\w’-]+){1,7}))",
    "gives a former name",
    ", which started in 1998 as the Marine Survey Office",
)
_WEAK_ROLES = frozenset(("Professor", "Associate Professor", "Chief", "Ambassador", "Dr"))
_ROLE_WORD = rule(rf"\b(?:{LOW_ROLES})\b", "is an office", "Fire Chief Bob Stone and a dozen", re.IGNORECASE)
_ROLE_BEHIND = rule(
    r",? ?(?:[,(]|\bas\b) ?(?:the |a |an |its |o |"
    r"a )?(?P<role>(?:[\w’'&().-]+,? ){0,9}?[\w’'&()-]+)(?=,? (?:and [A-Z]|signed|said|says|also|"
    r"has|have|who|will|on behalf|e [A-Z])|[,.;)]|$)",
    "is an office behind a name",
    ", who voted against the protocol",
)
_LOW_ROLE_BEFORE = rule(
    rf"(?P<role>\b(?:(?:deputy|vice|acting|chief|managing|"
    rf"general) )?(?:{LOW_ROLES})(?: (?:executive|officer|director|manager|general))?),? $",
    "is an office in small letters before a name",
    "executive director ",
)
_ROLE_BEFORE = rule(
    r"(?P<role>(?:[A-ZÀ-Þ][\w’'-]*(?: \([A-Z][^()]{1,40}\))?(?:,? (?:of|for|at|and|de|da|do|"
    r"of the|at the|and the|das|dos)|,(?= [A-Z]))? ){0,9}[A-ZÀ-Þ][\w’'-]*(?: "
    r"\([A-Z][^()]{1,40}\))?),? $",
    "is an office before a name",
    "and the Mayor of Alderport, Douglas ",
)
_OF = rule(
    r"(?:,)? (?:of|from|at) (?:the )?", "stands between a person and an organisation", ", of the Trust"
)
_OWNS = rule(r"(?:’s|'s)?,? (?:\w+ )?", "stands between an organisation and a title", "’s deputy ")
_POSSESSIVE = rule(r"(?:’s|'s) |, (?=[A-Z])", "stands between an organisation and an office", "Haeon’s Mayor")
