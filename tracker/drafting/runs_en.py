"""Runs of capitalised words in texts of Latin letters, and where one name ends and the next begins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from tracker.drafting.rules import rule
from tracker.drafting.wordlists import word_set
from tracker.drafting.words_en import HONORIFICS, KEPT_WHOLE, NOT_NAMES, ORGANISATION_HEADS, ROLES

LOOKED_AT = 20_000
"""How much of a text is looked through for names that stand by themselves."""


@dataclass(frozen=True, slots=True)
class Word:
    """A capitalised word at its place, with what stands between it and the one before."""

    text: str
    start: int
    end: int
    gap: str


@dataclass(slots=True)
class Run:
    """Capitalised words that stand together."""

    words: list[Word]

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.words[-1].end


class Standing:
    """Which names stand by themselves in a text: as a run of their own, or somewhere in a sentence."""

    def __init__(self, text: str, runs: Iterable[Run] = ()) -> None:
        self.runs = Counter(text[run.start : run.end] for run in runs)
        self._text = text[:LOOKED_AT]
        self._places: dict[str, list[int]] = {}

    def elsewhere(self, name: str, here: int = -1) -> bool:
        """Return whether a name stands somewhere but here, and not behind `and`, `of` or `for`."""
        if name not in self._places:
            matches = re.finditer(_BY_ITSELF.format(re.escape(name)), self._text)
            self._places[name] = [word.start() for word in islice(matches, 2)]
        return any(position != here for position in self._places[name])


def runs_in(text: str, start: int, end: int) -> Iterator[Run]:
    """Yield the runs of capitalised words between two places, at most 25 words each."""
    words: list[Word] = []
    last = start
    for match in _CAPITALISED.finditer(text, start, end):
        if words and _NICKNAME.match(text, last) and match.start() == last + 2:
            continue  # Ernesto "Nestor" Reyes
        gap = text[last : match.start()] if words else ""
        if words and _NICKNAME.fullmatch(gap):
            gap = " "
        if words and not (
            _joins(gap) or (_MAORI_GAP.fullmatch(gap) and any(other.text in _MAORI for other in words))
        ):
            yield Run(words)
            words = []
            gap = ""
        word = match[0]
        if word.endswith(".") and word not in _DOTTED and len(word) > 2 and word.count(".") == 1:
            word = word[:-1]
        words.append(Word(word, match.start(), match.start() + len(word), gap))
        last = match.start() + len(word)
        if len(words) >= 25:
            yield Run(words)
            words = []
    if words:
        yield Run(words)


def _joins(gap: str) -> bool:
    return len(gap) <= 14 and _GAP.fullmatch(gap) is not None


def divided(text: str, run: Run, standing: Standing) -> Iterator[Run]:
    """Divide a run where it is more than one name: at possessives, sentences, and some an `and`."""
    piece: list[Word] = []
    listed = False
    for word in run.words:
        if piece and (_divides(text, piece, word, run, standing) or (listed and _ends_a_list(run, word))):
            yield Run(piece)
            listed = word.gap.strip() == "," and any(is_head(other.text) for other in piece)
            piece = []
        piece.append(word)
    if piece:
        yield Run(piece)


def _divides(text: str, piece: list[Word], word: Word, run: Run, standing: Standing) -> bool:
    gap = _gap(word)
    titles = [number for number, other in enumerate(piece) if is_title(other.text)]
    if piece[-1].text[-1:] == "s" and piece[-1].text[:-1] in ROLES and gap in ("of", "of the", "from"):
        return not is_head(piece[-1].text)  # Leaders of Haeon City
    if titles and gap in ("and", "and the", "&", "e", ",") and len(piece) - 1 - titles[-1] >= 2:
        return True  # a title and a whole name: what follows is somebody else
    if (
        piece[-1].text.replace("'", "’") in _GROUPS
        or _MAORI_GAP.fullmatch(word.gap)
        or _is_abbreviated(text, piece, run)
    ):
        return False
    if piece[-1].text.endswith(("’s", "'s", "s’")) and piece[-1].text != "Dato’":
        return True
    if word.text in NOT_NAMES and not is_surname(text, word):
        return True
    if piece[-1].text in NOT_NAMES and not is_surname(text, piece[-1]):
        return True
    if word.text.rstrip(".") in _LEGAL_FORMS and gap in ("", ","):
        return False  # Lakas Foundation, Inc.
    if gap in ("", "of", "of the", "for", "for the", "de", "da", "do", "dos", "das", "du", "des", "-"):
        return False
    if gap in ("in", "on", "at", "in the", "on the", "at the"):
        return piece[-1].text not in _GO_ON
    return _divides_at_and(text, piece, word, run, standing)


def _is_abbreviated(text: str, piece: list[Word], run: Run) -> bool:
    """Return whether the abbreviation behind a run is of all its words: `Institute of Soil and Water (ISW)`."""
    shown = _ABBREVIATION.match(text, run.end)
    if shown is None:
        return False
    words = [word for word in run.words if word.start >= piece[0].start]
    return "".join(word.text[0] for word in words) == shown["letters"]


def is_surname(text: str, word: Word) -> bool:
    """Return whether a word such as `Na` or `No` is a Korean surname, since a given name follows."""
    following = text[word.end : word.end + 20]
    return _GIVEN_NAME.match(following) is not None


def _gap(word: Word) -> str:
    """Return what joins a word to the one before it, a comma before `and` left out."""
    gap = word.gap.strip().lower()
    return gap.lstrip(", ") or gap


def _divides_at_and(text: str, piece: list[Word], word: Word, run: Run, standing: Standing) -> bool:
    """Return whether an `and` or a comma stands between two names, not inside one."""
    gap = _gap(word)
    left, right = text[piece[0].start : piece[-1].end], text[word.start : run.end]
    following = list(_until_the_next_and([other for other in run.words if other.start >= word.start]))
    runs = standing.runs
    if runs[right] or runs[left] > 1 or (runs[left] and len(piece) == 1):
        return True
    if left in COUNTRY_NAMES and gap != "of":
        return True
    if gap == "," and " ".join(other.text for other in following) in COUNTRY_NAMES:
        return True
    if gap in ("and", "&", ",") and right in KEPT_WHOLE:
        return False
    if any(is_title(other.text) for other in following[:3]):
        return True
    if gap not in ("and", "&", "and the", "e", ","):
        return gap.startswith(("and the", "e o", "e a"))
    if len(following) > 1 and standing.elsewhere(right):
        return True
    to_follow = any(is_head(other.text) for other in following)
    if len(piece) > 1 and to_follow and standing.elsewhere(left, piece[0].start):
        return True
    if to_follow:
        return word.gap.startswith(",") or any(is_head(other.text) for other in piece)
    if not any(is_head(other.text) for other in piece):
        return True
    opened = any(other.gap.strip().lower() in _OPENERS for other in piece)
    return not (opened or piece[-1].text in ("Service", "Services"))


def _ends_a_list(run: Run, word: Word) -> bool:
    """Return whether the last name of `A Council, B and C Trust` begins."""
    following = _until_the_next_and([other for other in run.words if other.start >= word.start])
    return _gap(word) in ("and", "and the", "&") and any(is_head(other.text) for other in following)


def _until_the_next_and(words: list[Word]) -> Iterator[Word]:
    """Yield the words of a name up to what may be the next name."""
    for number, word in enumerate(words):
        if number and (word.gap.startswith(",") or _gap(word).startswith(("and", "&"))):
            return
        yield word


def titles_of(words: list[Word]) -> list[int]:
    """Return the places of the titles among words; `Representative Office` is none."""
    return [
        number
        for number, word in enumerate(words)
        if is_title(word.text)
        and not (number + 1 < len(words) and words[number + 1].gap == " " and is_head(words[number + 1].text))
    ]


def is_title(word: str) -> bool:
    """Return whether a word stands before names, as a role or a courtesy."""
    bare = word.strip(".,")
    if "-" in bare:
        if bare.startswith(("Co-", "Ex-")) and bare[3:].capitalize() in ROLES:
            return True
        return bare.casefold() in _HYPHENED or (bare.endswith("-General") and bare.split("-")[0] in ROLES)
    return (
        bare in ROLES or bare in HONORIFICS or (bare[-1:] == "s" and bare[:-1] in ROLES and not is_head(bare))
    )


def is_head(word: str) -> bool:
    """Return whether a word shows that the name is an organisation's."""
    return (
        word in ORGANISATION_HEADS
        or (word.endswith("s") and word[:-1] in ORGANISATION_HEADS)
        or word.rstrip("’'") in ORGANISATION_HEADS
    )


def is_courtesy(word: str) -> bool:
    """Return whether a word before a name is mere politeness."""
    return word.strip(".,") in COURTESIES


def is_title_case(line: str) -> bool:
    """Return whether a line has nearly all its words capitalised, and so shows no names by it."""
    if line.rstrip().endswith("."):
        return False  # a sentence, of long names
    words = [word for word in line.split() if len(word) > 3 and word[0].isalpha()]
    return len(words) > 3 and sum(word[0].isupper() for word in words) > 0.7 * len(words)


def bare_names(text: str, mask: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield capitalised names that nothing else shows to be a person or an organisation."""
    standing = Standing(mask)
    for run in runs_in(mask, start, end):
        for piece in divided(mask, run, standing):
            words = [word for word in piece.words if word.text not in NOT_NAMES]
            before = mask[max(0, piece.words[0].start - 90) : piece.words[0].start]
            if before.endswith("of ") and _OF_SOMETHING.search(before):
                continue  # `the Ministry of Water Affairs (MWA) of Singapore`
            if (_OF_A_ROLE.search(before[-30:]) and piece.words[0].gap == "") or _OF_A_PERSON.search(before):
                continue
            if (
                len(words) == 1
                and _SMALL_WORD_BEHIND.match(text[words[0].end : words[0].end + 40])
                and _SENTENCE_BEGINS.search(mask[max(0, words[0].start - 6) : words[0].start])
            ):
                continue  # `Ferry operator Sealink North`
            if not words or len(words) > 6 or any(is_title(word.text) for word in words):
                continue
            if mask.rfind("(", start, words[0].start) > mask.rfind(")", start, words[0].start):
                continue  # (ASX: VTR)
            last = words[-1]
            stop = last.end - 2 if last.text.endswith(("’s", "'s")) else last.end
            name = text[words[0].start : stop]
            if len(name) < 3 and not name.isupper():
                continue
            yield words[0].start, stop


_CAPITALISED = rule(
    r"[A-ZÀ-ÖØ-Þ](?:[\w&’'-]|\.(?=[A-Za-z]))*\.?(?=[\s,;:)’'\]”\"!?/(]|$|\.)|\d{4}(?=\s(?:Olympic))",
    "is a capitalised word",
    "language. Firefighters must too.",
)
_ABBREVIATION = rule(
    r"\s?\((?P<letters>[A-ZÀ-Þ]{3,10})\)",
    "is an abbreviation in parentheses",
    "Research Agency (CRA) on 4 May",
)
_NICKNAME = rule(
    r" [“\"‘'(][A-Z][\w’-]{1,14}[”\"’')] (?=[A-Z]|$)|(?<=$) ",
    "is a nickname inside a name",
    ' Ernesto "Nestor" Dimas signed',
)
_GAP = rule(
    r"[ \u00a0]|,? ?(?:and|&) (?:the )?|[ ](?:of|for|de|da|do|dos|das|du|des|e|van|von|bin|binti|"
    r"al|el|la|dela|delos|yn|in|at|on)(?: (?:the|la|los))? |\. | ?- ?|(?<=\.)|, (?=)",
    "joins the words of a name",
    " and the ",
    re.IGNORECASE,
)
_MAORI_GAP = rule(
    r" o (?:te |ngā |nga )?", "joins the words of a name in te reo Māori", "Rūnanga o Ngāti Aroha"
)
_MAORI = frozenset(("Te", "Ngā", "Nga", "Kāi"))
"""What names in te reo Māori begin with, in which `o` stands for `of`."""
_DOTTED = word_set("en_dotted")
COUNTRY_NAMES = word_set("countries")
_BY_ITSELF = (
    r"(?<!and )(?<!& )(?<!of )(?<!for )(?<!and the )(?<!of the )(?<!for the )(?<![\w-]){}(?![\w-])"
    r"(?! [A-Z])(?! and | & |, )"
)
_LEGAL_FORMS = word_set("en_legal_forms")
_GO_ON = frozenset(("Organization", "Cooperation", "Center", "Centre", "Institute", "Research"))
_OPENERS = frozenset(("of", "of the", "for", "for the", "de", "da", "do"))
_HYPHENED = frozenset(word.casefold() for word in ROLES if "-" in word)
_GROUPS = word_set("en_groups")
COURTESIES = word_set("en_courtesies")
_OF_A_PERSON = rule(
    r"\b(?:Minister|Secretary|Director|Chair|Dean|Professor|Commissioner)s? (?:for|"
    r"of)(?: the)? (?:[\w-]+,? (?:and )?){1,5}$",
    "makes what follows a minister's or a director's field",
    "Minister for Water ",
)
_OF_A_ROLE = rule(
    r"\b(?:Minister|Secretary|Director|Head|Chair|Dean|Professor|Commissioner|Ministry|"
    r"Department)s? (?:for|of)(?: the)? (?:[\w-]+,? (?:and )?){0,4}$",
    "makes what follows the field of a ministry or an office",
    "The Ministry of Transport and ",
)
_GIVEN_NAME = rule(r" [A-Z][a-z]{1,6}-[a-z]{1,7}\b", "is a Korean given name in Latin letters", " Seong-min")
_OF_SOMETHING = rule(
    r"(?:[A-Z]\w+|\)) of $", "before a name, makes it part of the one before", "Ministry (MWA) of "
)
_SMALL_WORD_BEHIND = rule(
    r" (?!and |with )[a-z]+ (?:[A-Z]|[a-z]+ [A-Z])",
    "behind the first word of a sentence, makes it no name",
    " operator Sealink",
)
_SENTENCE_BEGINS = rule(r"(?:^|[.\n]\s?|[–—-]\s)(?:The )?$", "is where a sentence begins", ". The ")
