"""Who signs, in English and other texts of Latin letters: the subject of signing and its partners."""

from __future__ import annotations

import re

from tracker.drafting.cast import Cast, Entity, Mention, Name, folded, unique, words_of
from tracker.drafting.layout import Layout
from tracker.drafting.organisations_en import class_of, take_alias
from tracker.drafting.rules import rule
from tracker.drafting.runs_en import bare_names, is_title_case
from tracker.drafting.wordlists import patterns
from tracker.drafting.words_en import BODIES, COUNTRIES


class LatinParties:
    """Reads the sentences of texts in Latin letters."""

    def __init__(self, layout: Layout, mask: str, cast: Cast) -> None:
        self.layout, self.mask, self.cast = layout, mask, cast
        self.shows_names = True
        self._made: dict[str, Entity] = {}

    def parties(self, start: int, end: int) -> list[Entity]:
        """Return who signs: the subject and who stands behind `with`, or both behind `between`."""
        sentence = self.mask[start:end]
        self.shows_names = not is_title_case(sentence)
        agreement = _AGREEMENT_WORD.search(sentence)
        verb = _SIGNS.search(sentence)
        if verb is None and agreement is None:
            return []
        for opening in (_BETWEEN.search(sentence), _BRINGS.search(sentence) if agreement else None):
            signing = [] if opening is None else self._chain(start + opening.end(), end)
            if len(signing) >= 2 and (
                verb is None or any(entity in self.cast.entities for entity in signing)
            ):
                return signing
        if verb is None:
            return []
        if _BY.match(sentence[verb.end() :]):
            return self._by_persons(start + verb.end(), end)
        subject = self._subject(start, start + verb.start())
        partners = self._partners(start + verb.end(), end)
        is_strong = _STRONG.search(verb.group()) is not None
        if subject and partners:
            return [*subject, *partners]
        if len(subject) >= 2 and (agreement is not None or is_strong):
            return subject
        if agreement is None:
            return []
        return partners or (subject if is_strong else [])

    def _represented(self, start: int, end: int) -> list[Entity]:
        """Return the organisations of the persons between two places; for a mayor, the place itself."""
        organisations = [mention.entity.organisation for mention in self.cast.within(start, end, "person")]
        return unique([entity for entity in organisations if entity is not None])

    def _partners(self, start: int, end: int) -> list[Entity]:
        """Return the organisations behind the first `with` that has any behind it."""
        for match in _WITH.finditer(self.mask, start, end):
            partners = self._chain(match.end(), end)
            if partners:
                return partners
        return []

    def _subject(self, start: int, end: int) -> list[Entity]:
        """Return the chain of organisations that ends where the verb begins."""
        people = self.cast.within(start, end, "person")
        named = self._entities(start, end)
        theirs = self._represented(start, end)
        if not named:
            return theirs
        chain = [named[0]]
        for mention in named[1:]:
            gap = self.mask[chain[-1].end : mention.start]
            if self._renames(chain[-1], mention, gap):
                chain[-1] = mention
            elif mention.entity is chain[-1].entity:
                continue
            elif _CHAIN.fullmatch(gap) or (people and _AND.search(gap)):
                chain.append(mention)
        if people and self.mask[start : chain[0].start].count(" ") > 25:
            return []
        return [mention.entity for mention in chain]

    def _chain(self, start: int, end: int) -> list[Entity]:
        """Return the organisations that follow one another from a place on, joined by commas and `and`."""
        named = self._entities(start, min(end, start + 500))
        if not named or not _OPENING.fullmatch(self.mask[start : named[0].start]):
            return []
        chain = [named[0]]
        for mention in named[1:]:
            gap = self.mask[chain[-1].end : mention.start]
            if self._renames(chain[-1], mention, gap):
                chain[-1] = mention
            elif mention.entity is chain[-1].entity:
                continue
            elif _CHAIN.fullmatch(gap):
                chain.append(mention)
            else:
                break
        return [mention.entity for mention in chain]

    def _renames(self, last: Mention, following: Mention, gap: str) -> bool:
        """Return whether a name says further who the one before is: its ministry, or another language's."""
        return _OWNS.fullmatch(gap) is not None or (
            _DASH.fullmatch(gap) is not None and following.entity is last.entity
        )

    def _by_persons(self, start: int, end: int) -> list[Entity]:
        lead = _BY.match(self.mask[start:end])
        chain = self._chain(start + lead.end(), end) if lead is not None else []
        if len(chain) >= 2:
            return chain
        represented = self._represented(start, end)
        return represented if len(represented) >= 2 else []

    def _entities(self, start: int, end: int) -> list[Mention]:
        """Return the organisations between two places, with those that only this sentence shows."""
        text = self.layout.text
        known = [mention for mention in self.cast.within(start, end) if mention.entity.kind == "organisation"]
        people = [
            (mention.title_start if mention.title_start is not None else mention.start, mention.end)
            for mention in self.cast.within(start, end, "person")
        ]
        taken = [(mention.start, mention.end) for mention in known] + people
        mentions = list(known)
        for one, other in bare_names(text, self.mask, start, end) if self.shows_names else ():
            if any(one < b and a < other for a, b in taken):
                continue
            name = text[one:other]
            if (
                _COMMA.search(self.mask[max(start, one - 6) : one])
                and _COUNTRY.fullmatch(name)
                and known
                and known[0].start < one
            ):
                continue  # where an organisation is
            mentions.append(Mention(one, other, self._organisation(name, one, other)))
        return sorted(mentions, key=lambda each: each.start)

    def _organisation(self, name: str, start: int, end: int) -> Entity:
        known = self.cast.named(name, "organisation")
        if known is not None:
            return known
        mine = words_of(name)
        for organisation in self.cast.organisations:
            full = f" {organisation.name} "
            government = re.match(
                rf"{re.escape(name)}(?:’s|'s)? (?:Ministry|Government|Department)\b", organisation.name
            )
            inside = f" {name} " in full and len(mine) >= 2 and len(words_of(organisation.name)) > len(mine)
            if government or inside:
                organisation.add(Name(name, "alias", start, end))
                return organisation
        made = Entity("organisation", [Name(name, "name", start, end)], class_=class_of(name))
        made = self._made.setdefault(folded(name), made)
        take_alias(self.layout.text, end, made)
        return made


_AGREEMENT_WORD = rule(
    r"\b(?:mous?|moa|memorand\w+|agreements?|accord|pact|deal|partnership|protocol|treaty|"
    r"letter of intent|cooperation|collaboration|contract|declaration|acordo|convênio|termo|"
    r"protocolo|memorando|parceria|sister[- ]city|relationship|tie-up|alliance)\b",
    "names an agreement",
    "signed a cooperation arrangement",
    re.IGNORECASE,
)
_SIGNS = rule(
    rf"\b(?:{patterns('en_signing')})\b",
    "is a verb of signing",
    "Council has signed a partnership",
    re.IGNORECASE,
)
_BY = rule(
    r"\s(?:(?:(?:on|in|at|during)\s[^.,;]{2,60}?|today|yesterday|jointly|earlier|this (?:morning|"
    r"afternoon|week|month)|last (?:week|month))\s){0,3}?(?:by|on behalf of)\s(?:the\s)?",
    "names who signed behind the verb",
    " by AIT Chief Executive Dr Martin",
)
_STRONG = rule(
    r"sign|ink|seal|conclud|enter|renew|reaffirm|formal|partner|team|agree|join|exchang|assin|"
    r"firm|celebr|struck|strik|extend|cement|cooperate|collaborate|put|ratif|finali|twin",
    "is a verb that says by itself that something was signed",
    "signed",
    re.IGNORECASE,
)
_BETWEEN = rule(
    r"\b(?:between|entre)\s(?:the\s|o\s|a\s|os\s|as\s)?(?:(?:cidades|cities|governments|"
    r"universities)\s(?:of|d[oea]s?)\s)?",
    "names both parties behind it",
    "Understanding between Wairoa Health",
    re.IGNORECASE,
)
_COUNTRY = rule(COUNTRIES, "is a country", "Chile")
_WITH = rule(
    r"\b(?:with|com)\s(?:(?:the|o|a|as)\s)?(?!(?:an?|the)\s(?:view|aim|focus)\b)",
    "names the other party behind it",
    "agreement with Xinhe Vocational",
)
_BRINGS = rule(
    r"\b(?:will see|sees|brings? together|unites?|links?|involves?|commits?)\s(?:the\s)?",
    "names the parties of an agreement behind it",
    "this week will see Coral Coast",
    re.IGNORECASE,
)
_CHAIN = rule(
    rf"(?:’s|'s)?(?:\s?\([^()]{{1,60}}\))?(?:,\s(?:through|via|acting through|"
    rf"represented by)\s(?:its|the|their)\s[^,.]{{3,80}}(?=,))?(?:,\s(?:the\s)?(?:{COUNTRIES})"
    rf"(?=[,\s]))?(?:\s(?:of|in|from)\s(?:the\s)?[A-Z][\w’-]+(?:\s[A-Z][\w’-]+)?)?\s?(?:,\s?)?(?:"
    rf"(?:and|as well as|along with|together with|&|e)\s)?(?:(?:[Tt]he|a|o|os|as|of|d[oae]|its|"
    rf"both)\s){{0,2}}(?:(?:[a-z-]{{3,16}}\s){{0,2}}(?:{'|'.join(sorted(BODIES))})\s(?:of\s"
    rf"(?:the\s)?)?)?\s?",
    "stands between two parties",
    " (MWA) of Singapore and the ",
)
_OWNS = rule(r"(?:’s|'s)\s", "stands between a country and what is its own", "Singapore’s Ministry")
_DASH = rule(
    r"\s?[-–—]\s?", "stands between a name and the same in another language", "University of Haeon – Te Whare"
)
_OPENING = rule(
    r"\s?(?:(?:the|a|an|o|os|as|d[oae]|both|its|partner|"
    r"partners)\s){0,2}(?:[a-z-]{3,20}\s){0,3}(?:(?<=government )of\s(?:the\s)?)?",
    "stands before the first party",
    "the partner ",
)
_COMMA = rule(r",\s(?:the\s)?$", "stands before where an organisation is", "Osorio, ")
_AND = rule(r"\band\b|,", "joins what persons of several organisations sign", ", and")
