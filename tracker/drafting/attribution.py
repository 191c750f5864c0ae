"""Who said a quotation: what stands around it in its sentence, else what its paragraph or the one before says.

Where nothing says it, nobody is named: no speaker rather than a wrong one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.drafting.cast import Cast, Entity, Mention
from tracker.drafting.layout import Layout, Paragraph
from tracker.drafting.names_ko import TITLES
from tracker.drafting.quotations import Quotation
from tracker.drafting.sentences import HIDDEN, NUMBERED, masked, sentences
from tracker.drafting.words_en import LOW_ROLES, ROLES, SAYING, SAYING_PLAINLY


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
        self.mask = masked(layout.text, [(each.start, each.end) for each in quotations])
        self.speakers: list[Speaker] = []
        self.last_subject: Entity | None = None
        self._sentences: dict[int, list[tuple[int, int]]] = {}

    def run(self) -> list[Speaker]:
        """Give the speaker of each quotation."""
        for number in range(len(self.quotations)):
            self.speakers.append(self._speaker(number))
        self._look_back()
        return self.speakers

    def sentences_of(self, part: Paragraph) -> list[tuple[int, int]]:
        """Give the sentences of a paragraph, quotations unbroken."""
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
        find = (
            self._in_korean if self.korean or _HANGUL.search(self.layout.text[start:end]) else self._in_latin
        )
        found = find(quotation, before, after, (start, end))
        if found is not None:
            return found
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
        if _TOLD_BY_ANOTHER.search(head[-80:]):
            return Speaker(None, None, False, "somebody without a name said it to the speaker")
        if self._tells_of_somebody(*before):
            return Speaker(None, None, False, "somebody without a name speaks")
        goes_on = sentence[0] < before[0]
        verbs = list(_VERB.finditer(head[-400:]))
        for verb in () if goes_on and _VERB_FIRST.match(head) else verbs[:3]:
            found = self._subject(before[0], before[1] - len(head[-400:]) + verb.start())
            if found is not None:  # of `In his remarks, the mayor said`, the second
                return found
        behind = _VERB_FIRST.match(tail)
        if behind is not None:
            found = self._named(after[0] + behind.end(), after[1], first=True)
            if found is not None:
                return found
        behind = _SUBJECT_FIRST.match(tail)
        if behind is not None:
            found = self._named(after[0], after[0] + behind.end("subject"), first=False)
            if found is not None:
                return found
        return self._beside(before, after)

    def _beside(self, before: tuple[int, int], after: tuple[int, int]) -> Speaker | None:
        """Give who is named without a verb of saying: behind a dash, `according to`, before a colon."""
        head, tail = self.mask[before[0] : before[1]], self.mask[after[0] : after[1]]
        dash = re.match(r"\s?[-–—]\s?(?=[A-ZÀ-Þ])", tail)
        if dash is not None:
            return self._named(after[0] + dash.end(), after[1], first=True)
        for (start, end), according in ((before, _ACCORDING.search(head)), (after, _ACCORDING.match(tail))):
            if according is not None:
                return self._named(start + according.end(), end, first=True)
        if re.search(r"[:：]\s?$", head):
            return self._named(before[0], before[1], first=True)
        return None

    def _in_headline(self, before: tuple[int, int], after: tuple[int, int]) -> Speaker | None:
        for start, end in (before, after):
            people = self.cast.within(start, end, "person")
            if len({each.entity for each in people}) == 1:
                return self._by(people[0], sure=True)
        label = self.layout.text[before[0] : before[1]].strip(" :：-–—")
        organisations = self.cast.within(*before, "organisation")
        if len(organisations) == 1 and organisations[0].end - organisations[0].start >= len(label) - 3:
            return self._by(organisations[0], sure=True)
        return None

    def _subject(self, start: int, end: int) -> Speaker | None:
        """Give the subject of a verb that stands at ``end``: behind an introduction, before all else."""
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
        """Give who is named between two places: a person, a pronoun's, a role's, or an organisation."""
        words = self.mask[start:end]
        pronoun = _PRONOUN.match(words.lstrip(" ,"))
        people = self.cast.within(start, end, "person")
        if pronoun is not None and (not people or people[0].start - start > 30):
            return self._pronoun(pronoun[0], start + words.find(pronoun[0]))
        if people:
            chosen = people[0]
            if len({each.entity for each in people}) > 1:
                between = self.mask[chosen.end : people[1].title_start or people[1].start]
                if re.fullmatch(r"[^,]{0,20}\s(?:and|e|&)\s[^,]{0,40}", between) and not first:
                    return Speaker(None, None, False, "more than one person is named")
                if re.fullmatch(r"\s?(?:and|e|&)\s", between):
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
        if organisations:
            mention = organisations[0]
            lead = self.mask[start : mention.start].strip(" ,")
            if lead.lower() in ("", "the", "a", "o", "an official at", "an official from") or re.fullmatch(
                r"(?:the|a|an)?\s?[a-z ]{0,20}", lead.lower()
            ):
                if re.search(
                    r"\b(?:official|spokes\w+|representative|source|member|officer|director|head)\b",
                    lead.lower(),
                ):
                    return Speaker(None, (start, mention.end), False, "only a role is printed")
                return self._by(mention, sure=False)
            return None
        return None

    def _pronoun(self, word: str, at: int) -> Speaker | None:
        before = [each for each in self.speakers if each.entity is not None and each.entity.kind == "person"]
        mentions = self.cast.within(max(0, at - 900), at, "person")
        mentions = [each for each in mentions if self.mask[each.start] != HIDDEN]
        if word.lower() == "they":
            return None
        if self._is_unnamed(at):
            return Speaker(None, None, False, "somebody without a name speaks")
        subject = self._subject_before(at)
        if subject is not None:
            return Speaker(subject, None, True)
        if mentions:
            return Speaker(
                mentions[-1].entity,
                None,
                len({each.entity for each in mentions[-2:]}) == 1,
                "a pronoun names the speaker",
            )
        return Speaker(before[-1].entity, None, False, "a pronoun names the speaker") if before else None

    def _is_unnamed(self, at: int) -> bool:
        """Whether the sentence before a pronoun is about somebody whom the article does not name."""
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
        unknown = _UNKNOWN.match(self.mask[start:end])
        return self._tells_of_somebody(start, end) or (
            unknown is not None
            and not self.cast.within(start, end, "person")
            and not self.cast.within(start, start + unknown.end())
        )

    def _tells_of_somebody(self, start: int, end: int) -> bool:
        """Whether words begin with somebody without a name, and name nobody: `An evacuee in his eighties`."""
        return _SOMEBODY.match(self.mask[start:end]) is not None and not self.cast.within(
            start, end, "person"
        )

    def _begins_with_somebody(self, quotation: Quotation) -> bool:
        """Whether the paragraph of a quotation begins with somebody whom the article does not name."""
        start, end = self.sentences_of(quotation.part)[0]
        return end <= quotation.piece.before and self._tells_of_somebody(start, end)

    def _subject_before(self, at: int) -> Entity | None:
        """Give the person who is the subject of the nearest sentence before a place that has one."""
        places = [
            span
            for part in self.layout.of("body")
            if part.start <= at and part.end > at - 1200
            for span in self.sentences_of(part)
            if span[0] < at
        ]
        for start, end in reversed(places[-5:]):
            people = self.cast.within(start, min(end, at), "person")
            people = [each for each in people if each.end <= at and self.mask[each.start] != HIDDEN]
            if not people:
                continue
            chosen = people[0]
            said = _VERB_THEN_NAME.search(
                self.mask[max(start, chosen.start - 60) : chosen.title_start or chosen.start]
            )
            if said is not None or len({each.entity for each in people}) == 1:
                return chosen.entity
            preposition = _OBJECT.search(
                self.mask[
                    max(0, (chosen.title_start or chosen.start) - 14) : chosen.title_start or chosen.start
                ]
            )
            return chosen.entity if preposition is None else None
        return None

    def _by_role(self, start: int, end: int) -> Speaker | None:
        """Give the person who alone has the role that is printed: `the mayor said`."""
        found = _ROLE_ONLY.search(self.mask[start:end])
        if found is None:
            return None
        role = found["role"].lower()
        holders = [each for each in self.cast.persons if each.role and role in each.role.lower()]
        printed = (start + found.start(), start + found.end())
        organisations = self.cast.within(start, end, "organisation")
        if organisations:
            holders = [each for each in holders if each.organisation is organisations[0].entity]
        if len(holders) == 1:
            return Speaker(holders[0], printed, True)
        return Speaker(None, printed, False, "only a role is printed")

    # Korean

    def _in_korean(
        self, quotation: Quotation, before: tuple[int, int], after: tuple[int, int], sentence: tuple[int, int]
    ) -> Speaker | None:
        if quotation.part.role == "headline":
            return self._in_korean_headline(before, after)
        people = (
            self.cast.within(sentence[0], before[1], "person")
            if before[0] == sentence[0]
            else self.cast.within(*before, "person")
        )
        for each in reversed(people):
            stop = each.whole_end or each.end
            if _SUBJECT_PARTICLE.match(self.mask[stop : stop + 30]):
                return self._by(each, sure=True)
        if re.search(r"[:：]\s?$", self.mask[before[0] : before[1]]) and people:
            return self._by(people[-1], sure=True)
        behind = self._behind_in_korean(after)
        if behind is not None:
            return behind
        words = self.mask[before[0] : before[1]]
        said = _KOREAN_SAID.search(self.mask, *after)
        role = _KOREAN_ROLE.search(words) or _KOREAN_ROLE.search(
            self.mask[after[0] : said.start() if said else after[1]]
        )
        if role is not None:
            base = before[0] if _KOREAN_ROLE.search(words) else after[0]
            return self._by_korean_role(role, base)
        if (
            re.match(
                r"\s?(?:그는|그녀는|그가|이어|또|또한|아울러|그러면서|특히|끝으로|마지막으로|이와 함께)",
                words,
            )
            is not None
        ):
            return None
        organisations = self.cast.within(*before, "organisation")
        for each in reversed(organisations):
            if re.match(r"(?:\([^)]*\))?(?:은|는|이|가|측은|도)\s", self.mask[each.end : each.end + 40]):
                return self._by(each, sure=False)
        return None

    def _behind_in_korean(self, after: tuple[int, int]) -> Speaker | None:
        """Give who is named behind a quotation in its sentence."""
        explained = _EXPLAINED.match(self.mask, *after)
        if explained is not None and not self.cast.within(*explained.span("who"), "person"):
            return Speaker(None, explained.span("who"), False, "only a role is printed")
        for each in self.cast.within(*after, "person"):
            first, stop = each.title_start or each.start, each.whole_end or each.end
            if _KOREAN_SAID.search(self.mask[after[0] : min(first, each.start)]):
                break  # who is named behind that says the next
            if _SUBJECT_PARTICLE.match(self.mask[stop : stop + 30]) or _KOREAN_WORDS.match(
                self.mask[stop : stop + 30]
            ):
                return self._by(each, sure=True)
        return None

    def _by_korean_role(self, role: re.Match[str], base: int) -> Speaker | None:
        word = role["role"]
        before = role["whole"][: -len(word)].split()
        if before and _KOREAN_NAME.fullmatch(before[-1]) and not self._names_one(role, base):
            return Speaker(
                None,
                (base + role.start("whole"), base + role.end("role")),
                False,
                "a name that is not known stands before the role",
            )
        printed = (base + role.start("whole"), base + role.end("role"))
        holders = [
            each
            for each in self.cast.persons
            if each.role and (each.role == word or each.role.endswith(word))
        ]
        organisations = self.cast.within(*printed, "organisation")
        if organisations and holders:
            holders = [each for each in holders if each.organisation is organisations[0].entity] or (
                holders if len(holders) == 1 and holders[0].organisation is None else []
            )
        if len(holders) == 1 and "관계자" not in word:
            return Speaker(holders[0], printed, True)
        return Speaker(None, printed, False, "only a role is printed")

    def _names_one(self, role: re.Match[str], base: int) -> bool:
        """Whether an organisation stands before a role."""
        return bool(self.cast.within(base + role.start("whole"), base + role.end("role"), "organisation"))

    def _in_korean_headline(self, before: tuple[int, int], after: tuple[int, int]) -> Speaker | None:
        people = self.cast.within(*before, "person") or self.cast.within(*after, "person")
        if len({each.entity for each in people}) == 1:
            return self._by(people[-1], sure=True)
        if people:
            gap = self.mask[people[-1].whole_end or people[-1].end : before[1]]
            return self._by(people[-1], sure=True) if re.fullmatch(r"[\s,:“\"·…]*", gap) else None
        words = self.mask[before[0] : before[1]]
        role = re.search(rf"(?P<whole>(?P<role>[가-힣]{{0,8}}(?:{TITLES})))\s?[,:]?\s*$", words)
        if role is not None:
            found = self._by_korean_role(role, before[0])
            if found is not None:
                return found
        surname = re.search(rf"([가-힣])\s?({TITLES})\s?[,:]?\s*$", words)
        if surname is not None:
            holders = [
                each
                for each in self.cast.persons
                if each.name[0] == surname[1] and each.role and each.role.endswith(surname[2])
            ]
            if len(holders) == 1:
                return Speaker(holders[0], None, True)
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
        """Give the speaker from the same paragraph, or from the paragraph before."""
        if quotation.part.role == "headline":
            return NOBODY
        below = self._signed_below(quotation)
        if below is not None:
            return below
        if earlier is not None and (behind := self._sentence_behind(quotation)) is not None:
            return behind
        if earlier is not None:
            between = self.mask[earlier.piece.after : quotation.piece.before]
            known = self.speakers[number - 1]
            people = self.cast.within(earlier.piece.after, quotation.piece.before, "person")
            others = [each for each in people if each.entity is not known.entity]
            if known.entity is not None and not others:
                return Speaker(known.entity, known.printed, known.sure, known.why)
            if known.entity is None and known.printed is not None and not people:
                return known
            if (
                others
                and len({each.entity for each in others}) == 1
                and not between.strip(" ,.").startswith(("with", "and met"))
            ):
                return self._by(others[-1], sure=False)
            return NOBODY if known.entity is None else Speaker(None, None, False, "who says it is unclear")
        inside = self._sentence_behind(quotation) or self._sentence_before(quotation, sentence)
        if inside is not None:
            return inside
        if self._begins_with_somebody(quotation):
            return NOBODY
        if before[1] - sentence[0] > 2 and self.mask[sentence[0] : before[1]].strip(" >*-–—\\○□ㅇ·"):
            words = self.mask[sentence[0] : before[1]]
            if not _CARRIES_ON.match(words.strip()):
                return NOBODY
        return self._paragraph_before(number, quotation)

    def _signed_below(self, quotation: Quotation) -> Speaker | None:
        """Give who is named on a line of its own behind a dash, below a paragraph that is one quotation."""
        text, part = self.layout.text, quotation.part
        if text[quotation.piece.after : part.end].strip(" .") or self.korean:
            return None
        following = [each for each in self.layout.paragraphs if each.number > part.number][:1]
        for below in following:
            dash = re.match(r"\s?[-–—]{1,2}\s?(?=[A-ZÀ-Þ])", text[below.start : below.end])
            people = self.cast.within(below.start, min(below.end, below.start + 90), "person")
            if dash is not None and people and below.end - below.start < 160:
                return self._by(people[0], sure=True)
        return None

    def _sentence_behind(self, quotation: Quotation) -> Speaker | None:
        """Give who is named right behind a quotation that ends its sentence: `“Why?” Smith asked.`"""
        spans = [span for span in self.sentences_of(quotation.part) if span[0] >= quotation.piece.after]
        if not spans or spans[0][1] - spans[0][0] > 140:
            return None
        start, end = spans[0]
        quoted = self.mask.find(HIDDEN, start, end)
        if quoted >= 0 and not self.korean:
            return None
        end = end if quoted < 0 else quoted
        people = self.cast.within(start, end, "person")
        if (
            not people
            or (people[0].title_start if people[0].title_start is not None else people[0].start) - start > 20
        ):
            return None
        tail = self.mask[people[0].whole_end or people[0].end : end]
        opens = quotation.piece.before - quotation.part.start <= 1 and people[0].start - start <= 20
        if opens and any(
            each.part is quotation.part and each.start > end for each in self.quotations
        ):  # “Why?” Smith paused. “Because.”
            return self._by(people[0], sure=False)
        if _KOREAN_WORDS.match(tail) or re.match(rf"\s(?:{SAYING_PLAINLY}|asked|asks)\b[^,]*\.?$", tail):
            return self._by(people[0], sure=True)
        return None

    def _sentence_before(self, quotation: Quotation, sentence: tuple[int, int]) -> Speaker | None:
        """Give the one person whom the sentences before it in its paragraph have as their subject."""
        spans = [
            span
            for span in self.sentences_of(quotation.part)
            if span[1] <= sentence[0] + 1 and span != sentence
        ]
        for start, end in reversed(spans[-2:]):
            found = self._introduced(start, end)
            if found is not None:
                return found
        return None

    def _introduced(self, start: int, end: int) -> Speaker | None:
        people = list(self.cast.within(start, end, "person"))
        if not people:
            return None
        if self.korean:
            subjects = [
                each
                for each in people
                if _SUBJECT_PARTICLE.match(
                    self.mask[each.whole_end or each.end : (each.whole_end or each.end) + 30]
                )
            ]
            if len({each.entity for each in subjects}) == 1:
                return self._by(subjects[0], sure=False, why="a sentence before names the speaker")
            return None
        said = _VERB.search(self.mask[start:end]) or _FEELS.search(self.mask[start:end])
        if len({each.entity for each in people}) == 1:
            if said is None and people[0].start - start > 120:
                return None
            return self._by(people[0], sure=said is not None, why="a sentence before names the speaker")
        if said is not None:
            found = self._subject(start, start + said.start())
            if found is not None and found.entity is not None and found.entity.kind == "person":
                return Speaker(found.entity, found.printed, False, "a sentence before names the speaker")
        return None

    def _paragraph_before(self, number: int, quotation: Quotation) -> Speaker:
        """Give the speaker of the paragraph before, where this one goes on with it."""
        parts = [part for part in self.layout.of("body") if part.number < quotation.part.number]
        if not parts:
            return NOBODY
        part = parts[-1]
        inside = [n for n in range(number) if self.quotations[n].part is part]
        if inside:
            last = self.quotations[inside[-1]]
            known = self.speakers[inside[-1]]
            tail = self.mask[last.piece.after : part.end]
            people = [
                each
                for each in self.cast.within(last.piece.after, part.end, "person")
                if each.entity is not known.entity
            ]
            if not people and known.entity is not None:
                short = len(tail) < 160
                return Speaker(
                    known.entity, None, short, "the paragraph before names the speaker" if not short else ""
                )
            if not people and known.entity is None and not tail.strip(" .,\\"):
                return NOBODY
        spans = self.sentences_of(part)
        for start, end in reversed(spans[-2:]):
            found = self._introduced(start, end)
            if found is not None:
                return Speaker(
                    found.entity,
                    found.printed,
                    found.sure and (start, end) == spans[-1],
                    "the paragraph before names the speaker",
                )
            if any(each.entity.kind == "person" for each in self.cast.within(start, end)):
                break
            if not self.korean and _PRONOUN_SAYS.search(self.mask[start:end]):
                speaking = next(
                    (each.entity for each in reversed(self.speakers) if each.entity is not None), None
                )
                if (
                    speaking is not None
                    and speaking.kind == "person"
                    and self._is_last_named(speaking, start)
                ):
                    return Speaker(
                        speaking, None, False, "the paragraph before names the speaker by a pronoun"
                    )
            if not self.korean and re.match(r"(?:He|She)\b", self.mask[start:end]):
                subject = self._subject_before(start)
                if subject is not None:
                    return Speaker(subject, None, True)
        return NOBODY

    def _is_last_named(self, person: Entity, at: int) -> bool:
        """Whether nobody else is named since a person was last."""
        named = self.cast.within(max(0, at - 2_000), at, "person")
        outside = [each for each in named if self.mask[each.start] != HIDDEN]
        return bool(outside) and outside[-1].entity is person

    def _look_back(self) -> None:
        """Give a paragraph that is one quotation the speaker of the quotation that goes on below it."""
        for number in range(len(self.quotations) - 2, -1, -1):
            here, following = self.quotations[number], self.quotations[number + 1]
            if (
                self.speakers[number].entity is not None
                or self.speakers[number].printed is not None
                or here.part.role != "body"
            ):
                continue
            alone = self.layout.text[here.part.start : here.piece.before].strip(
                " >"
            ) == "" and not self.layout.text[here.piece.after : here.part.end].strip(" .")
            next_opens = self.layout.text[following.part.start : following.piece.before].strip(" >") == ""
            parts = [
                part.number
                for part in self.layout.of("body")
                if here.part.number < part.number <= following.part.number
            ]
            if (
                alone
                and next_opens
                and parts == [following.part.number]
                and (not here.piece.closed)
                and self.speakers[number + 1].entity is not None
            ):
                self.speakers[number] = Speaker(
                    self.speakers[number + 1].entity, None, False, "the paragraph below names the speaker"
                )

    def _by(self, mention: Mention, *, sure: bool, why: str = "") -> Speaker:
        start = mention.title_start if mention.title_start is not None else mention.start
        end = max(mention.end, mention.whole_end or 0)
        return Speaker(
            mention.entity, (start, end), sure, "" if sure else (why or "who says it is not certain")
        )


_HANGUL = re.compile("[가-힣]")
_ADVERB = r"(?:(?:also|then|further|later|has|had|have|as|today|recently|previously)\s){0,2}"
_VERB_FIRST = re.compile(rf"\s?,?\s?(?:{SAYING})\b")
_SUBJECT_FIRST = re.compile(
    rf"\s?,?\s?(?P<subject>(?:[^.;:“”\"\n{HIDDEN}]|(?:(?<=\bMr)|(?<=\bMs)|(?<=\bDr)|(?<=\bMrs)|(?<=\bProf)|(?<=\bGov)|(?<=\bSen)|(?<=\bHon)|(?<=\bRev)|(?<=\bAtty)|(?<=\b[A-Z]))\.){{2,140}}?)\s{_ADVERB}(?:{SAYING})\b"
)
_ACCORDING = re.compile(
    r"(?:,?\s?\b(?:according to|in the words of|segundo|de acordo com|conforme|para)\s)", re.IGNORECASE
)
_VERB = re.compile(rf"\b(?:{SAYING})\b")
_FEELS = re.compile(
    r"\b(?:is|was|are|were|feels?|welcomed|welcomes|praised|praises|thanked|thanks|hopes|hoped|looks forward|expects|sees|spoke|speaks|signed|led by|delighted|pleased|proud|excited|congratulated|hailed|voiced|outlined|recalled)\b"
)
_LEAD = re.compile(
    r"(?:(?:Speaking|Commenting|Welcoming|Addressing|Responding|Reflecting|Signing|After|Before|During|Following|At|In|On|While|When|As|With|Asked|For|From|To)\b[^,]{0,160},\s?)(?:[^,]{0,60}\b(?:20\d\d|ceremony|event),\s?)?"
)
_PRONOUN = re.compile(r"(?:[Hh]e|[Ss]he|[Tt]hey|[Ee]le|[Ee]la)\b")
_OBJECT = re.compile(r"(?:\b(?:to|with|of|for|alongside|by|thanked|told|from|and|joined)\s(?:the\s)?)$")
_PRONOUN_SAYS = re.compile(
    rf",\s(?:he|she)\s(?:also\s)?(?:{SAYING})\b|^(?:He|She)\s(?:also\s)?(?:{SAYING})\b"
)
_VERB_THEN_NAME = re.compile(rf"(?:{SAYING})\s(?:the\s)?$")
_ROLE_ONLY = re.compile(
    rf"\b(?:[Tt]he|[Ii]ts|[Tt]heir|[Hh]er|[Hh]is|[Aa]n?)\s(?:[\w’'-]{{1,25}}\s){{0,3}}?(?P<role>{'|'.join(sorted(LOW_ROLES.split('|') + [word for word in ROLES if word.isalpha() or '-' in word], key=len, reverse=True))})\b",
    re.IGNORECASE,
)
_TOLD_BY_ANOTHER = re.compile(
    r"\bwho (?:once |had |has )?(?:told|asked|wrote to) (?:him|her|them|me|us)[:,]?\s?$"
)
_SOMEBODY = re.compile(r"(?:A|An|One|Another)\s(?:[a-z-]+\s){0,3}[a-z-]+\b")
_UNKNOWN = re.compile(r"[A-ZÀ-Þ][\w’-]+ [A-ZÀ-Þ][\w’-]+, (?:an?|the|who|[A-ZÀ-Þ])")
_KOREAN_SAID = re.compile(r"(?:했|혔|였|었|놨|겠)(?:고|으며|다|지만)")
_TOLD = (
    r"(?:말|설명|얘기|이야기|평가|진단|주장|생각|의견|판단|포부|소감|각오|다짐|당부|바람|전언)(?:이다|입니다)"
)
"""What somebody's words are called: `… 이사장의 설명이다`."""
_KOREAN_WORDS = re.compile(rf"의 {_TOLD}|(?:은|는|이|가) (?:이렇게|이같이|이와 같이) (?:말|밝|강조)")
_EXPLAINED = re.compile(rf"\s?(?:이?라)?는 (?:게|것이|것은) (?P<who>[^.“”\"]{{2,40}}?)의 {_TOLD}")
"""`“…”는 게 현장 교사의 설명이다`: who explains, by name or role."""
_KOREAN_NAME = re.compile(r"[가-힣]{1,2}(?<![은는이가도의에와과로서한인등또측및])")
_CARRIES_ON = re.compile(r"(?:이어|또|또한|아울러|그는|그녀는|그러면서|특히|끝으로|마지막으로|이와 함께)")
_SUBJECT_PARTICLE = re.compile(
    r"(?:\([^)]{0,20}\))?(?:\s?(?:시장|씨|님))?\s?(?:은|는|이|가|도|께서는?|역시)(?![가-힣])|\s(?:역시|또한)\s"
)
_KOREAN_ROLE = re.compile(
    rf"(?P<whole>(?:[가-힣A-Za-z0-9]{{1,20}}\s){{0,2}}(?P<role>[가-힣]{{0,10}}(?:관계자|담당자|{TITLES})))(?:은|는|이|가|도)\s"
)
