"""Organisations and persons in English and other texts of Latin letters, by the form of their names."""

from __future__ import annotations

import re
from itertools import islice

from tracker.drafting.cast import Cast, Entity, Mention, Name, folded, same_person
from tracker.drafting.organisations_en import known_names, place_named, take_organisation
from tracker.drafting.roles_en import take_former_names, take_roles
from tracker.drafting.rules import rule
from tracker.drafting.runs_en import (
    COURTESIES,
    Run,
    Standing,
    Word,
    divided,
    is_head,
    is_surname,
    is_title,
    runs_in,
    titles_of,
)
from tracker.drafting.wordlists import word_set
from tracker.drafting.words_en import (
    HONORIFICS,
    KEPT_WHOLE,
    LOW_ROLES,
    NOT_NAMES,
    ROLES,
    SAYING,
    SAYING_PLAINLY,
)


def cast_of(text: str, parts: list[tuple[int, int]], headlines: list[tuple[int, int]]) -> Cast:
    """Find everyone named in these parts of a text; in headlines, where all is capitalised, those known."""
    cast = Cast()
    runs = list(islice((run for start, end in parts for run in runs_in(text, start, end)), MOST_RUNS))
    standing = Standing(text, runs)
    for run in runs:
        for piece in divided(text, run, standing):
            _take(text, piece, cast)
    for start, end in headlines:
        for run in runs_in(text, start, end):
            for piece in divided(text, run, standing):
                _in_headline(text, piece, cast)
    known_names(text, [*parts, *headlines], cast)
    take_former_names(text, cast)
    _short_persons(text, parts, cast)
    take_roles(text, cast)
    return cast


def _in_headline(text: str, run: Run, cast: Cast) -> None:
    """Take a person with a title from a headline, where nothing but the name follows the title."""
    words = [word for word in run.words if word.text not in NOT_NAMES]
    titles = [number for number, word in enumerate(words) if is_title(word.text)]
    if (
        titles
        and 2 <= len(words) - 1 - titles[-1] <= 3
        and not any(word.gap.strip() for word in words[titles[-1] + 1 :])
    ):
        _person_behind(text, words, titles, cast)


def _take(text: str, run: Run, cast: Cast) -> None:
    """Take one run as a person, an organisation, or nothing."""
    words = list(run.words)
    while words and words[0].text in NOT_NAMES and not is_surname(text, words[0]):
        words.pop(0)
    while words and words[-1].text in NOT_NAMES:
        words.pop()
    if not words:
        return
    if words[-1].text.endswith(("’s", "'s")):
        words[-1] = Word(words[-1].text[:-2], words[-1].start, words[-1].end - 2, words[-1].gap)
    titles = titles_of(words)
    if titles and _person_behind(text, words, titles, cast):
        return
    if any(is_head(word.text) for word in words):
        if not titles or titles[0] > 0:
            take_organisation(text, words[: titles[0]] if titles else words, cast)
        return
    if titles:
        if titles[0] > 0 and len(words) > titles[0]:
            place_named(text, words[: titles[0]], cast)
        return
    _bare(text, words, cast)


def _person_behind(text: str, words: list[Word], titles: list[int], cast: Cast) -> bool:
    """Take the words behind the last title as a person's name."""
    last = titles[-1]
    name = words[last + 1 :]
    cut = next(
        (
            n
            for n, word in enumerate(name)
            if n and (_PARTICLE.fullmatch(word.gap.strip()) is None or word.text in _AFTER_NAMES)
        ),
        len(name),
    )
    name = name[:cut]
    if (
        len(name) >= 3
        and name[0].gap.strip() in ("of", "for")
        and (
            _SAYS.match(text, name[-1].end)
            or (name[0].text in KEPT_WHOLE and _TOPICS.isdisjoint(word.text for word in name[-2:]))
        )
    ):
        last, name = last + len(name) - 2, name[-2:]  # `Superintendent of Schools Maria Lopez`
    if not name or name[0].gap.strip() or any(is_head(word.text) for word in name):
        return False
    if len(name) > 6:
        return False
    first = titles[0]
    title = text[words[first].start : words[last].end]
    start, end = name[0].start, name[-1].end
    entity = _person(text[start:end], start, end, cast, surname=len(name) == 1)
    if entity is None:
        return True
    shown = _role_words(words[first : last + 1])
    if shown and entity.role is None and entity.kind == "person":
        role_start = words[first].start
        role_end = max(
            (
                word.end
                for word in words[first : last + 1]
                if word.text not in HONORIFICS or word.text in ROLES
            ),
            default=words[last].end,
        )
        while (
            role_start < role_end and text[role_start:role_end].split(maxsplit=1)[0].strip(".") in COURTESIES
        ):
            role_start += len(text[role_start:role_end].split(maxsplit=1)[0]) + 1
        entity.role = text[role_start:role_end].strip()
        entity.role_at = (role_start, role_end)
    organisation = None
    if first > 0:
        if any(is_head(word.text) for word in words[:first]):
            organisation = take_organisation(text, words[:first], cast)
        else:
            organisation = place_named(text, words[:first], cast)
    if organisation is not None and entity.organisation is None:
        entity.organisation = organisation
    cast.mention(Mention(start, end, entity, title, words[first].start))
    return True


def _role_words(words: list[Word]) -> bool:
    return any(
        (word.text in ROLES and word.text not in ("Chief", "Right"))
        or word.text in ("Professor", "Councillor", "Senator", "Ambassador", "Superintendent", "Constable")
        for word in words
    )


def _person(text: str, start: int, end: int, cast: Cast, *, surname: bool = False) -> Entity | None:
    """Return the person of a name: one known, by any spelling, else a new one."""
    for person in cast.persons:
        for name in person.names:
            if same_person(name.text, text):
                if name.text != text:
                    person.add(
                        Name(
                            text,
                            "romanisation"
                            if folded(name.text) == folded(text) or "-" in name.text + text
                            else "alias",
                            start,
                            end,
                        )
                    )
                return person
    if surname:
        return None  # "Mr Hannon" before "Jonathon Hannon": found in the second look
    mine = {folded(word) for word in text.split()}
    for person in cast.persons:
        for name in person.names:
            theirs = {folded(word) for word in name.text.split()}
            if len(mine & theirs) >= 2 and (mine <= theirs or theirs <= mine):
                person.add(Name(text, "alias", start, end))
                return person
    if cast.is_full:
        return None
    entity = Entity("person", [Name(text, "name", start, end)])
    cast.entities.append(entity)
    return entity


def _bare(text: str, words: list[Word], cast: Cast) -> None:
    """Take a run without titles and heads as a person where its form or its neighbours say so."""
    start, end = words[0].start, words[-1].end
    name = text[start:end]
    if not 2 <= len(words) <= 5 or any(_PARTICLE.fullmatch(word.gap.strip()) is None for word in words[1:]):
        return
    if any(word.text.isupper() and len(word.text) > 3 for word in words) or any(
        len(word.text) == 1 for word in words[-1:]
    ):
        return
    for person in cast.persons:
        if any(same_person(other.text, name) for other in person.names):
            _person(name, start, end, cast)
            cast.mention(Mention(start, end, person))
            return
    after = text[end : end + 90]
    before = text[max(0, start - 60) : start]
    korean = _ROMANISED.fullmatch(name) is not None
    speaks = _SAYS.match(after) is not None or (
        _SAID_BEFORE.search(before) is not None
        and (_APPOSITION.match(after) is not None or _ENDS.match(after) is not None)
    )
    apposed = (
        _APPOSITION.match(after) is not None
        or _LOW_TITLE.search(before) is not None
        or _RELATED.search(before) is not None
        or _WHO.match(after) is not None
        or (_HEAD_OF.search(text[max(0, start - 170) : start]) is not None and _ENDS.match(after))
    )
    signed = _SIGNED_BY.search(before) is not None and _OF.match(after) is not None
    if not (korean or speaks or apposed or signed):
        return
    if not korean and _NO_PERSON_BEHIND.search(before):
        return
    entity = _person(name, start, end, cast)
    if entity is None:
        return
    title = _LOW_TITLE.search(before)
    if title is not None and entity.role is None:
        entity.role = title["role"].strip()
        at = max(0, start - 60) + title.start("role")
        entity.role_at = (at, at + len(title["role"]))
    cast.mention(Mention(start, end, entity))


def _short_persons(text: str, parts: list[tuple[int, int]], cast: Cast) -> None:
    """Find persons named once more by surname or first name, and roles printed behind names."""
    short: dict[str, set[int]] = {}
    persons = cast.persons
    for number, person in enumerate(persons):
        for name in person.names:
            words = [word for word in name.text.split() if folded(word) not in _PARTICLES]
            for word in {words[-1], words[0], *words[1:]}:
                if len(word) > 1 and word not in NOT_NAMES:
                    short.setdefault(word, set()).add(number)
    institutions = {
        word
        for organisation in cast.organisations
        for name in organisation.names
        for word in name.text.split()
    }
    taken = [(mention.start, mention.end) for mention in cast.mentions]
    covered = _Covered(taken)
    for start, end in parts:
        for match in _SHORT.finditer(text, start, end):
            word = match["word"]
            bare = word[:-2] if word.endswith(("’s", "'s")) else word
            owners = short.get(bare)
            if covered.covers(match.start("word")):
                continue
            title = match["title"]
            if owners is None:
                continue
            owner = persons[next(iter(owners))] if len(owners) == 1 else None
            if owner is not None and title is None and _stands_alone(text, match, bare, owner, institutions):
                cast.mention(Mention(match.start("word"), match.start("word") + len(bare), owner))
                continue
            before, after = text[max(0, match.start() - 40) : match.start("word")], text[match.end() :][:30]
            if owner is None or not (title or _SAYS.match(after) or _SAID_BEFORE.search(before)):
                continue
            stop = match.start("word") + len(bare)
            cast.mention(
                Mention(match.start("word"), stop, owner, title.strip() if title else None, match.start())
            )


def _stands_alone(text: str, match: re.Match[str], word: str, owner: Entity, institutions: set[str]) -> bool:
    """Return whether a surname by itself is that person, and no part of another's or a body's name."""
    if len(word) < 4 or word in institutions or owner.name.split()[-1] != word:
        return False
    before = text[max(0, match.start("word") - 24) : match.start("word")]
    return _NAME_GOES_ON.match(text[match.end() : match.end() + 2]) is None and (
        _NAME_BEFORE.search(before) is None
    )


class _Covered:
    """Places that are taken, asked for in any order."""

    def __init__(self, spans: list[tuple[int, int]]) -> None:
        self._spans = sorted(spans)

    def covers(self, position: int) -> bool:
        from bisect import bisect_right

        at = bisect_right(self._spans, (position, 1 << 60)) - 1
        return at >= 0 and self._spans[at][0] <= position < self._spans[at][1]


MOST_RUNS = 600
_SAYS = rule(
    rf"(?:,(?: (?:the|a|an|who)\b| [a-z]| (?:{'|'.join(sorted(ROLES))})\b)[^.“\"]{{0,70}})?,?\s"
    rf"(?:also\s|then\s|has\s|had\s|further\s|later\s)?(?:{SAYING_PLAINLY})\b",
    "behind a name, makes it a person who speaks",
    ", CEO of Hyejeon Logistics, said",
)
_RELATED = rule(
    r"\b(?:counterpart|colleague|successor|predecessor|classmate|brother|sister|husband|wife|son|"
    r"daughter|mother|father|neighbou?r), $",
    "before a name, makes it a person by another one",
    "Her counterpart, ",
)
_HEAD_OF = rule(
    rf"(?i:\b(?:{LOW_ROLES})) (?:of|for) (?:the )?[A-ZÀ-Þ][^.,;“”\"]{{2,110}}, $",
    "before a name, makes it the head of something",
    "and the Mayor of Alderport, ",
)
_SAID_BEFORE = rule(
    rf"\b(?:{SAYING}|according to|segundo|para)\s(?:the\s)?$",
    "before a name, makes it a person who speaks",
    "break things quickly,” commented ",
    re.IGNORECASE,
)
_APPOSITION = rule(
    rf",? ?[,(] ?(?:who is |the |an? |its |their |o |a )?(?:[\w’'&-]{{1,25}},? (?:of |for |and |"
    rf"the )?){{0,5}}?(?:{LOW_ROLES})\b",
    "behind a name, makes it a person with an office",
    ", CEO of Hyejeon Logistics, said,",
    re.IGNORECASE,
)
_LOW_TITLE = rule(
    rf"(?P<role>\b(?:[a-zà-ÿ-]{{2,20}} ){{0,3}}(?i:{LOW_ROLES})(?:[ -](?:general|executive|"
    rf"de [A-ZÀ-Þ]\w+(?: [A-ZÀ-Þ]\w+)?|d[oa]s? [A-Za-zÀ-ÿ]\w+(?: de [A-Za-zÀ-ÿ]\w+)?| (?:of|"
    rf"for) [a-z]+(?: and [a-z]+| [a-z]+)?))?),? $",
    "is an office in small letters before a name",
    "Segundo o presidente da Câmara, ",
)
_ROMANISED = rule(
    r"[A-Z][a-z]{1,6} [A-Z][a-z]{1,6}-[a-z]{1,7}|[A-Z][a-z]{1,6}-[a-z]{1,7} [A-Z][a-z]{1,6}",
    "is a Korean name in Latin letters",
    "Park Do-yun",
)
_ANY_TITLE = "|".join(sorted(map(re.escape, HONORIFICS | ROLES), key=lambda title: (-len(title), title)))
_SHORT = rule(
    rf"(?P<title>\b"
    rf"(?:{_ANY_TITLE})"
    rf"\.?\s(?:(?:{'Dr|Prof|Professor|General|Minister|Chancellor|President|Officer|Executive'})"
    rf"\.?\s)?)?(?P<word>\b[A-ZÀ-Þ][\w’'-]{{1,25}})",
    "is a title and a surname, or a word that may be one",
    "language. Firefighters must too.",
)
_PARTICLE = rule(
    r"(?:(?:de|da|do|dos|das|dela|delos|del|van|von|bin|binti|al|el|di|du|della|der|den|ter|la|"
    r"le)(?: (?:la|las|los|der|den))?)?",
    "joins the words of a person's name",
    "dos",
    re.IGNORECASE,
)
_PARTICLES = word_set("en_person_particles")
_TOPICS = KEPT_WHOLE | word_set("en_topics")
_AFTER_NAMES = word_set("en_after_names")
_NO_PERSON_BEHIND = rule(
    r"\b(?:at|of|in|with|from|between|the|(?<!ccording )to)\s$",
    "before a name, makes it no person",
    "she works at ",
)
_WHO = rule(
    r",? who\b|, an? (?:[a-z-]+ ){1,4}who\b",
    "behind a name, makes it a person",
    ", a taro breeder who came early",
)
_ENDS = rule(r"[.,;]|\s*$", "ends a name", ". The")
_SIGNED_BY = rule(
    r"(?:signed by|on behalf of [^.]{0,40}by|by|assinado por)\s$",
    "before a name, makes it who signs",
    "was signed by ",
)
_OF = rule(r",? (?:of|from|for|and|,)", "behind a name, says whose", ", of the Friends")
_NAME_GOES_ON = rule(r" [A-Z]|-", "behind a surname, makes it part of another name", " Street")
_NAME_BEFORE = rule(r"[A-Z][\w’-]* $", "before a surname, makes it part of another name", "Port ")
