"""Who said a quotation: what its sentence says, else its paragraph or the one before.

Where nothing says it, nobody is named: no speaker rather than a wrong one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.drafting.cast import Cast, Entity, Mention
from tracker.drafting.layout import Layout, Paragraph
from tracker.drafting.names_ko import TITLES
from tracker.drafting.quotations import Quotation
from tracker.drafting.rules import rule
from tracker.drafting.sentences import HIDDEN, NUMBERED, masked, sentences
from tracker.drafting.wordlists import entries
from tracker.drafting.words_en import ROLES, SAYING


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who said something: the party if it is known, the words that name it, and how sure that is."""

    entity: Entity | None
    printed: tuple[int, int] | None
    sure: bool
    why: str = ""
    """What to look at where it is not sure."""


NOBODY = Speaker(None, None, False, "who says it is unclear")


class Attribution:
    """Goes through the quotations of an article in order."""

    def __init__(self, layout: Layout, quotations: list[Quotation], cast: Cast, *, korean: bool) -> None:
        self.layout = layout
        self.quotations = quotations
        self.cast = cast
        self.korean = korean
        self.mask = masked(layout.text, [(quotation.start, quotation.end) for quotation in quotations])
        self.speakers: list[Speaker] = []
        self._sentences: dict[int, list[tuple[int, int]]] = {}

    def run(self) -> list[Speaker]:
        """Return the speaker of each quotation."""
        for number in range(len(self.quotations)):
            self.speakers.append(self._speaker(number))
        return self.speakers

    def sentences_of(self, part: Paragraph) -> list[tuple[int, int]]:
        """Return the sentences of a paragraph, quotations unbroken."""
        if part.number not in self._sentences:
            self._sentences[part.number] = sentences(self.mask, part.start, part.end)
        return self._sentences[part.number]

    def _speaker(self, number: int) -> Speaker:
        quotation = self.quotations[number]
        earlier = (
            self.quotations[number - 1]
            if number and self.quotations[number - 1].part is quotation.part
            else None
        )
        later = (
            self.quotations[number + 1]
            if number + 1 < len(self.quotations) and self.quotations[number + 1].part is quotation.part
            else None
        )
        start, end = self._sentence(quotation)
        before = (max(start, earlier.piece.after if earlier else start), quotation.piece.before)
        after = (min(quotation.piece.after, end), min(end, later.piece.before) if later else end)
        find = self._in_korean if self.korean else self._in_latin
        speaker = find(quotation, before, after, (start, end))
        if speaker is not None:
            return speaker
        return self._around(number, quotation, earlier, (start, end), before)

    def _sentence(self, quotation: Quotation) -> tuple[int, int]:
        for start, end in self.sentences_of(quotation.part):
            if start <= quotation.piece.before < end:
                return start, end
        return quotation.part.start, quotation.part.end

    # English and other Latin texts

    def _in_latin(
        self, quotation: Quotation, before: tuple[int, int], after: tuple[int, int], sentence: tuple[int, int]
    ) -> Speaker | None:
        text = self.mask
        head, tail = text[before[0] : before[1]], text[after[0] : after[1]]
        if quotation.part.role == "headline":
            return self._in_headline(before, after)
        if self._tells_of_somebody(*before):
            return Speaker(None, None, False, "somebody without a name speaks")
        goes_on = sentence[0] < before[0]
        verbs = list(_VERB.finditer(head[-400:]))
        for verb in () if goes_on and _VERB_FIRST.match(head) else verbs[:3]:
            speaker = self._subject(before[0], before[1] - len(head[-400:]) + verb.start())
            if speaker is not None:  # of `In his remarks, the mayor said`, the second
                return speaker
        behind = _VERB_FIRST.match(tail)
        if behind is not None:
            speaker = self._named(after[0] + behind.end(), after[1], first=True)
            if speaker is not None:
                return speaker
        behind = _SUBJECT_FIRST.match(tail)
        if behind is not None:
            speaker = self._named(after[0], after[0] + behind.end("subject"), first=False)
            if speaker is not None:
                return speaker
        return self._beside(before, after)

    def _beside(self, before: tuple[int, int], after: tuple[int, int]) -> Speaker | None:
        """Return who is named without a verb of saying: behind a dash, `according to`, before a colon."""
        head, tail = self.mask[before[0] : before[1]], self.mask[after[0] : after[1]]
        dash = _DASH.match(tail)
        if dash is not None:
            return self._named(after[0] + dash.end(), after[1], first=True)
        for (start, end), according in ((before, _ACCORDING.search(head)), (after, _ACCORDING.match(tail))):
            if according is not None:
                return self._named(start + according.end(), end, first=True)
        if _COLON.search(head):
            return self._named(before[0], before[1], first=True)
        return None

    def _in_headline(self, before: tuple[int, int], after: tuple[int, int]) -> Speaker | None:
        for start, end in (before, after):
            people = self.cast.within(start, end, "person")
            if len({mention.entity for mention in people}) == 1:
                return self._by(people[0], sure=True)
        return None

    def _subject(self, start: int, end: int) -> Speaker | None:
        """Return the subject of a verb that stands at ``end``: behind an introduction, before all else."""
        number = NUMBERED.match(self.mask, start, end)
        start = start if number is None else number.end()
        head = self.mask[start:end]
        lead = _LEAD.match(head)
        if lead is not None and (
            self.cast.within(start + lead.end(), end) or _PRONOUN.search(head[lead.end() :])
        ):
            start += lead.end()
        return self._named(start, end, first=True)

    def _named(self, start: int, end: int, *, first: bool) -> Speaker | None:
        """Return who is named between two places: a person, a pronoun's, a role's, or an organisation."""
        words = self.mask[start:end]
        pronoun = _PRONOUN.match(words.lstrip(" ,"))
        people = self.cast.within(start, end, "person")
        if pronoun is not None and (not people or people[0].start - start > 30):
            return self._pronoun(pronoun[0], start + words.find(pronoun[0]))
        if people:
            chosen = people[0]
            if len({mention.entity for mention in people}) > 1:
                between = self.mask[chosen.end : people[1].title_start or people[1].start]
                if _AND_ANOTHER.fullmatch(between) and not first:
                    return Speaker(None, None, False, "more than one person is named")
                if _AND.fullmatch(between):
                    return Speaker(None, None, False, "more than one person is named")
            preposition = _OBJECT.search(
                self.mask[
                    max(0, (chosen.title_start or chosen.start) - 14) : chosen.title_start or chosen.start
                ]
            )
            if preposition is None or len(people) == 1 or not first:
                return self._by(chosen, sure=True)
            return self._by(people[1], sure=False)
        role = self._by_role(start, end)
        if role is not None:
            return role
        organisations = self.cast.within(start, end, "organisation")
        if not organisations:
            return None
        lead = self.mask[start : organisations[0].start].strip(" ,").lower()
        return self._by(organisations[0], sure=False) if _PLAIN_LEAD.fullmatch(lead) else None

    def _pronoun(self, word: str, at: int) -> Speaker | None:
        before = [
            speaker
            for speaker in self.speakers
            if speaker.entity is not None and speaker.entity.kind == "person"
        ]
        mentions = self.cast.within(max(0, at - 900), at, "person")
        mentions = [mention for mention in mentions if self.mask[mention.start] != HIDDEN]
        if word.lower() == "they":
            return None
        if self._is_unnamed(at):
            return Speaker(None, None, False, "somebody without a name speaks")
        if mentions:
            return Speaker(
                mentions[-1].entity,
                None,
                len({mention.entity for mention in mentions[-2:]}) == 1,
                "a pronoun names the speaker",
            )
        return Speaker(before[-1].entity, None, False, "a pronoun names the speaker") if before else None

    def _is_unnamed(self, at: int) -> bool:
        """Return whether the sentence before a pronoun is about somebody whom the article does not name."""
        spans = [
            span
            for part in self.layout.of("body")
            if part.start <= at and part.end > at - 600
            for span in self.sentences_of(part)
            if span[1] <= at and HIDDEN not in self.mask[slice(*span)]
        ]
        if not spans:
            return False
        start, end = spans[-1]
        return self._tells_of_somebody(start, end)

    def _tells_of_somebody(self, start: int, end: int) -> bool:
        """Return whether words begin with somebody, and name nobody: `An evacuee in his eighties`."""
        return _SOMEBODY.match(self.mask[start:end]) is not None and not self.cast.within(
            start, end, "person"
        )

    def _by_role(self, start: int, end: int) -> Speaker | None:
        """Return the person who alone has the role that is printed: `the mayor said`."""
        match = _ROLE_ONLY.search(self.mask[start:end])
        if match is None:
            return None
        role = match["role"].lower()
        holders = [person for person in self.cast.persons if person.role and role in person.role.lower()]
        printed = (start + match.start(), start + match.end())
        organisations = self.cast.within(start, end, "organisation")
        if organisations:
            holders = [person for person in holders if person.organisation is organisations[0].entity]
        if len(holders) == 1:
            return Speaker(holders[0], printed, True)
        return Speaker(None, printed, False, "only a role is printed")

    # Korean

    def _in_korean(
        self, quotation: Quotation, before: tuple[int, int], after: tuple[int, int], sentence: tuple[int, int]
    ) -> Speaker | None:
        if quotation.part.role == "headline":
            return self._in_headline(before, after)
        people = (
            self.cast.within(sentence[0], before[1], "person")
            if before[0] == sentence[0]
            else self.cast.within(*before, "person")
        )
        for mention in reversed(people):
            stop = mention.whole_end or mention.end
            if _SUBJECT_PARTICLE.match(self.mask[stop : stop + 30]):
                return self._by(mention, sure=True)
        if _COLON.search(self.mask[before[0] : before[1]]) and people:
            return self._by(people[-1], sure=True)
        words = self.mask[before[0] : before[1]]
        ending = _KOREAN_SAID.search(self.mask, *after)
        role = _KOREAN_ROLE.search(words) or _KOREAN_ROLE.search(
            self.mask[after[0] : ending.start() if ending else after[1]]
        )
        if role is not None:
            base = before[0] if _KOREAN_ROLE.search(words) else after[0]
            printed = (base + role.start("whole"), base + role.end("whole"))
            return Speaker(None, printed, False, "only a role is printed")
        if _CARRIES_ON.match(words.lstrip()):
            return None
        organisations = self.cast.within(*before, "organisation")
        for mention in reversed(organisations):
            if _BODY_SPEAKS.match(self.mask[mention.end : mention.end + 40]):
                return self._by(mention, sure=False)
        return None

    # around the sentence

    def _around(
        self,
        number: int,
        quotation: Quotation,
        earlier: Quotation | None,
        sentence: tuple[int, int],
        before: tuple[int, int],
    ) -> Speaker:
        """Return the speaker from the same paragraph, or from the paragraph before."""
        if quotation.part.role == "headline":
            return NOBODY
        below = self._signed_below(quotation)
        if below is not None:
            return below
        if earlier is not None:
            last_speaker = self.speakers[number - 1]
            people = self.cast.within(earlier.piece.after, quotation.piece.before, "person")
            if last_speaker.entity is not None and all(
                mention.entity is last_speaker.entity for mention in people
            ):
                return Speaker(last_speaker.entity, last_speaker.printed, last_speaker.sure, last_speaker.why)
            return NOBODY
        inside = self._alone(quotation.part)
        if inside is not None:
            return inside
        start, end = self.sentences_of(quotation.part)[0]
        if end <= quotation.piece.before and self._tells_of_somebody(start, end):
            return NOBODY
        if before[1] - sentence[0] > 2 and self.mask[sentence[0] : before[1]].strip(" >*-–—\\○□ㅇ·"):
            words = self.mask[sentence[0] : before[1]]
            if not _CARRIES_ON.match(words.strip()):
                return NOBODY
        return self._paragraph_before(number, quotation)

    def _signed_below(self, quotation: Quotation) -> Speaker | None:
        """Return who is named on a line of its own behind a dash, below a paragraph that is one quotation."""
        text, part = self.layout.text, quotation.part
        if text[quotation.piece.after : part.end].strip(" .") or self.korean:
            return None
        for below in self.layout.paragraphs[part.number + 1 : part.number + 2]:
            dash = _SIGNED_BELOW.match(text[below.start : below.end])
            people = self.cast.within(below.start, min(below.end, below.start + 90), "person")
            if dash is not None and people and below.end - below.start < 160:
                return self._by(people[0], sure=True)
        return None

    def _alone(self, part: Paragraph) -> Speaker | None:
        """Return the one person whom a paragraph names beside its quotations; nobody where there are more."""
        people = [
            mention
            for mention in self.cast.within(part.start, part.end, "person")
            if self.mask[mention.start] != HIDDEN
        ]
        if not people:
            return None
        one = len({mention.entity for mention in people}) == 1
        return self._by(people[0], sure=False, why="its paragraph names nobody else") if one else NOBODY

    def _introduced(self, start: int, end: int) -> Speaker | None:
        people = list(self.cast.within(start, end, "person"))
        if not people:
            return None
        if self.korean:
            return None
        verb = _VERB.search(self.mask[start:end])
        if len({mention.entity for mention in people}) == 1:
            if verb is None and people[0].start - start > 120:
                return None
            return self._by(people[0], sure=verb is not None, why="a sentence before names the speaker")
        return None

    def _paragraph_before(self, number: int, quotation: Quotation) -> Speaker:
        """Return the speaker of the paragraph before, where this one goes on with it."""
        parts = [part for part in self.layout.of("body") if part.number < quotation.part.number]
        if not parts:
            return NOBODY
        part = parts[-1]
        inside = [n for n in range(number) if self.quotations[n].part is part]
        if inside:
            last = self.quotations[inside[-1]]
            last_speaker = self.speakers[inside[-1]]
            tail = self.mask[last.piece.after : part.end]
            people = [
                mention
                for mention in self.cast.within(last.piece.after, part.end, "person")
                if mention.entity is not last_speaker.entity
            ]
            if not people and last_speaker.entity is not None:
                short = len(tail) < 160
                return Speaker(
                    last_speaker.entity,
                    None,
                    short,
                    "the paragraph before names the speaker" if not short else "",
                )
            if not people and last_speaker.entity is None and not tail.strip(" .,\\"):
                return NOBODY
        spans = self.sentences_of(part)
        for start, end in reversed(spans[-2:]):
            introduced = self._introduced(start, end)
            if introduced is not None:
                return Speaker(
                    introduced.entity,
                    introduced.printed,
                    introduced.sure and (start, end) == spans[-1],
                    "the paragraph before names the speaker",
                )
            if any(mention.entity.kind == "person" for mention in self.cast.within(start, end)):
                break
            if not self.korean and _PRONOUN_SAYS.search(self.mask[start:end]):
                speaking = next(
                    (speaker.entity for speaker in reversed(self.speakers) if speaker.entity is not None),
                    None,
                )
                if speaking is not None and speaking.kind == "person":
                    return Speaker(
                        speaking, None, False, "the paragraph before names the speaker by a pronoun"
                    )
        return NOBODY

    def _by(self, mention: Mention, *, sure: bool, why: str = "") -> Speaker:
        start = mention.title_start if mention.title_start is not None else mention.start
        end = max(mention.end, mention.whole_end or 0)
        return Speaker(
            mention.entity, (start, end), sure, "" if sure else (why or "who says it is not certain")
        )


_ADVERB = r"(?:(?:also|then|further|later|has|had|have|as|today|recently|previously)\s){0,2}"
_VERB_FIRST = rule(
    rf"\s?,?\s?(?:{SAYING})\b",
    "is a verb of saying right behind a quotation",
    ", disse a diretora do instituto,",
)
_SUBJECT_FIRST = rule(
    rf"\s?,?\s?(?P<subject>(?:[^.;:“”\"\n{HIDDEN}]|(?:(?<=\bMr)|(?<=\bMs)|(?<=\bDr)|(?<=\bMrs)|"
    rf"(?<=\bProf)|(?<=\bGov)|(?<=\bSen)|(?<=\bHon)|(?<=\bRev)|(?<=\bAtty)|"
    rf"(?<=\b[A-Z]))\.){{2,140}}?)\s{_ADVERB}(?:{SAYING})\b",
    "is a subject and a verb of saying right behind a quotation",
    " the authority's spokesperson said",
)
_ACCORDING = rule(
    r"(?:,?\s?\b(?:according to|in the words of|segundo|de acordo com|conforme|para)\s)",
    "names the speaker without a verb",
    "Segundo o presidente da Câmara,",
    re.IGNORECASE,
)
_PLAIN_LEAD = rule(r"(?:the|an?)?\s?[a-z ]{0,20}", "stands before an organisation that speaks", "the")
_VERB = rule(rf"\b(?:{SAYING})\b", "is a verb of saying", "Amelia Teo said the partnership")
_LEAD = rule(
    r"(?:(?:Speaking|Commenting|Welcoming|Addressing|Responding|Reflecting|Signing|After|Before|"
    r"During|Following|At|In|On|While|When|As|With|Asked|For|From|"
    r"To)\b[^,]{0,160},\s?)(?:[^,]{0,60}\b(?:20\d\d|ceremony|event),\s?)?",
    "leads in to the subject of a sentence",
    "In his remarks, Minister Hoarau",
)
_PRONOUN = rule(r"(?:[Hh]e|[Ss]he|[Tt]hey|[Ee]le|[Ee]la)\b", "is a pronoun that speaks", "she")
_OBJECT = rule(
    r"(?:\b(?:to|with|of|for|alongside|by|thanked|told|from|and|joined)\s(?:the\s)?)$",
    "before a person, makes them the one spoken to or about",
    "told the ",
)
_PRONOUN_SAYS = rule(
    rf",\s(?:he|she)\s(?:also\s)?(?:{SAYING})\b|^(?:He|She)\s(?:also\s)?(?:{SAYING})\b",
    "says that the person of the sentence before speaks",
    "He also said",
)
_ROLE = "|".join(sorted({*entries("en_low_roles"), *ROLES}, key=lambda role: (-len(role), role)))
_ROLE_ONLY = rule(
    rf"\b(?:[Tt]he|[Ii]ts|[Tt]heir|[Hh]er|[Hh]is|[Aa]n?)\s(?:[\w’'-]{{1,25}}\s){{0,3}}?(?P<role>{_ROLE})\b",
    "names a speaker by office alone",
    "the authority's spokesperson",
    re.IGNORECASE,
)
_SOMEBODY = rule(
    r"(?:A|An|One|Another)\s(?:[a-z-]+\s){0,3}[a-z-]+\b",
    "opens a sentence on somebody without a name",
    "One second-year student, who came",
)
_KOREAN_SAID = rule(
    r"(?:했|혔|였|었|놨|겠)(?:고|으며|다|지만)", "ends the report of what somebody said", '"고 말했다. 연세대'
)
_CARRIES_ON = rule(
    r"(?:이어|또|또한|아울러|그는|그녀는|그가|그러면서|특히|끝으로|마지막으로|이와 함께)",
    "lets the speaker of the sentence before go on",
    "이어 ",
)
_SUBJECT_PARTICLE = rule(
    r"(?:\([^)]{0,20}\))?(?:\s?(?:시장|씨|님))?\s?(?:은|는|이|가|도|께서는?|역시)(?![가-힣])|"
    r"\s(?:역시|또한)\s",
    "makes a Korean person the subject",
    "반지운 시장은 이날",
)
_KOREAN_ROLE = rule(
    rf"(?P<whole>(?:[가-힣A-Za-z0-9]{{1,20}}\s){{0,2}}(?P<role>[가-힣]{{0,10}}(?:관계자|담당자|"
    rf"{TITLES})))(?:은|는|이|가|도)\s",
    "names a Korean speaker by office alone",
    "온누리재단 관계자는 ",
)
_DASH = rule(r"\s?[-–—]\s?(?=[A-ZÀ-Þ])", "names the speaker behind a dash", "– Karen Whitlock")
_COLON = rule(r"[:：]\s?$", "leads in to a quotation by a colon", "Mayor Ann Vale: ")
_BODY_SPEAKS = rule(
    r"(?:\([^)]*\))?(?:은|는|이|가|측은|도)\s", "makes a Korean organisation the speaker", "측은 “시장이"
)
_SIGNED_BELOW = rule(
    r"\s?[-–—]{1,2}\s?(?=[A-ZÀ-Þ])",
    "opens a line that says whose the quotation above is",
    "-- Karen Whitlock, Chief Executive",
)
_AND = rule(r"\s?(?:and|e|&)\s", "stands between two who speak together", " and ")
_AND_ANOTHER = rule(
    r"[^,]{0,20}\s(?:and|e|&)\s[^,]{0,40}", "stands between two who may have spoken", "of Oldtown and "
)
