"""Promises in English prose: what the parties or their agreement will do."""

from __future__ import annotations

import re

from tracker.drafting.cast import Cast, Entity
from tracker.drafting.rules import rule
from tracker.drafting.runs_en import is_head
from tracker.drafting.sentences import HIDDEN, NUMBERED, closed
from tracker.drafting.words_en import AGREEMENT, BODIES, JOINT, LOW_ROLES


def without_lead_in(sentence: str, start: int) -> tuple[str, int]:
    """Return a sentence without its number, its lead-in and who reports it, and where it begins then."""
    number = NUMBERED.match(sentence)
    if number is not None:
        sentence, start = sentence[number.end() :], start + number.end()
    lead = _PART_LEAD.match(sentence)
    if lead is not None:
        sentence, start = sentence[lead.end() :], start + lead.end()
    report = None if HIDDEN in sentence else _TOLD_BEHIND.search(sentence)
    return (sentence if report is None else sentence[: report.start()]), start


def promises_in_english(
    sentence: str, base: int, cast: Cast, parties: list[Entity], *, about: bool, goes_on: bool
) -> list[tuple[int, int]]:
    """Return where a sentence that begins at ``base`` promises, one extent for each promise."""
    listed = _enumerated(sentence, about=about)
    if listed:
        return [(base + start, base + end) for start, end in listed]
    body = _BODY.search(sentence)
    if body is not None and not _HOPE.search(sentence):
        return [(base + body.start("clause"), base + closed(sentence, 0, len(sentence))[1])]
    for pattern in (_AGREED, _UNDER_LONG, _CONTENT, _JOINTLY, _UNDER, _SET_UP):
        match = pattern.match(sentence) if pattern in (_UNDER, _UNDER_LONG) else pattern.search(sentence)
        if match is None or not _may_bind(sentence, match):
            continue
        several = _infinitives(sentence, match.start("clause"), len(sentence))
        if several:
            return [(base + one, base + other) for one, other in several]
        start, end = match.start("clause"), match.end("clause")
        if pattern is _JOINTLY and _OF_BOTH.search(sentence[:start]):
            continue
        first = (
            _by_party(_ANDS.removed_from(sentence[:start]), base, cast, parties, goes_on=goes_on)
            if start > 20
            else []
        )
        stop = len(sentence) if match.end("clause") < len(sentence) else end
        return [*first, *((base + one, base + other) for one, other in _each_subject(sentence, start, stop))]
    return _by_party(sentence, base, cast, parties, goes_on=goes_on)


def _enumerated(sentence: str, *, about: bool) -> list[tuple[int, int]]:
    """Return what an agreement includes, one extent each; ``about``: the sentence before was about it."""
    listed = _LISTED.search(sentence)
    if listed is not None and not _HOPE.search(sentence[: listed.end()]):
        items = _items(sentence, listed.end())
        if len(items) >= 2:
            return items
    which = _WHICH.search(sentence) or (_IT_ALSO.match(sentence) if about else None)
    if which is None or _HOPE.search(sentence[: which.end()]):
        return []
    items = _items(sentence, which.end()) if _ENUMERATES.search(sentence[which.end() :]) else []
    return items or [closed(sentence, which.end(), len(sentence))]


def _may_bind(sentence: str, match: re.Match[str]) -> bool:
    """Return whether a match of a promising rule is no hope, no report, nothing past and no mere effect."""
    head = sentence[: match.start("clause")]
    if _HOPE.search(sentence[: match.end()]) or _TOLD.search(head):
        return False
    if match.re is _SET_UP.pattern:
        return _BY_IT.search(sentence) is not None
    if match.re in (_CONTENT.pattern, _JOINTLY.pattern):
        return not _EFFECT.search(match["clause"]) and not head.endswith("signing of ")
    return True


def _by_party(
    sentence: str, base: int, cast: Cast, parties: list[Entity], *, goes_on: bool
) -> list[tuple[int, int]]:
    """Return what one of the parties alone will do, or what goes on with the promise before it."""
    match = _WILL.search(sentence)
    if (
        match is None
        or match.start() > 140
        or _HOPE.search(sentence[: match.end() + 40])
        or _EFFECT.search(sentence)
        or _COPY.search(sentence)
        or _SUBCLAUSE.search(sentence[: match.start()])
    ):
        return []
    start = _subject_of(sentence, base, match.start(), cast, parties)
    head = sentence[: match.start()]
    if start is None and goes_on and len(head) <= 80 and _GOES_ON.match(head):
        start = 0 if not cast.within(base, base + len(head), "person") else None
    if start is None:
        return []
    return [(base + one, base + other) for one, other in _each_subject(sentence, start, len(sentence))]


def _subject_of(sentence: str, base: int, verb: int, cast: Cast, parties: list[Entity]) -> int | None:
    """Return where the subject of a verb begins, where that is a party, by name or as `the council`."""
    subject = cast.within(base, base + verb, "organisation")
    if subject and any(mention.entity in parties for mention in subject):
        between = sentence[subject[-1].end - base : verb].strip(" )")
        if _BESIDE.fullmatch(between):
            first = subject[0].start - base
            lead = _BEFORE_A_SUBJECT.match(sentence[:first])
            return min(lead.end() if lead is not None and lead.end() >= first - 5 else first, first)
    begins = _SHORT_NAME.match(sentence[:verb])
    if begins is not None and any(
        name.text.startswith(f"{begins['name']} ") or name.text.endswith(f" of {begins['name']}")
        for party in parties
        for name in party.names
    ):
        return begins.start("name")
    short = _SHORT_PARTY.search(sentence[:verb])
    names = {word.casefold() for party in parties for name in party.names for word in name.text.split()}
    tail = _SHORT_TITLE.search(sentence[:verb])
    if tail is not None and any(
        name.text.endswith(f" {tail['name']}")
        or (is_head(tail["name"]) and tail["name"] in name.text.split())
        for party in parties
        for name in party.names
    ):
        return tail.start("subject")
    fits = short is not None and (short["noun"] in names or short["noun"] in BODIES)
    return short.start("subject") if short is not None and fits else None


def _infinitives(sentence: str, start: int, end: int) -> list[tuple[int, int]]:
    """Divide `agreed to run …, to sell … and to publish …` into what each is; nothing where it is one."""
    lead = _AGREED_TO.search(sentence[start:end])
    if lead is None:
        return []
    spans: list[tuple[int, int, int]] = []
    at = start + lead.end()
    for match in _NEXT_INFINITIVE.finditer(sentence[at:end]):
        if not (sentence[at + match.start()] == "," or match.group().startswith(" and")):
            continue
        spans.append(
            (start + lead.end() if not spans else spans[-1][2], at + match.start(), at + match.end())
        )
    if not spans:
        return []
    return [*(closed(sentence, one, other) for one, other, _ in spans), closed(sentence, spans[-1][2], end)]


def _each_subject(sentence: str, start: int, end: int) -> list[tuple[int, int]]:
    """Divide `A will … and B will …`: one promise each; what one subject does twice stays together."""
    spans = []
    for match in _NEXT_SUBJECT.finditer(sentence, start + 20, end):
        if _DOES.search(sentence, start, match.start()) is None:
            continue  # `A and B will …`
        spans.append(closed(sentence, start, match.start()))
        start = match.end()
    return [*spans, closed(sentence, start, end)]


def _items(sentence: str, start: int) -> list[tuple[int, int]]:
    """Divide an enumeration in prose: at semicolons if it has any, else at commas and the last `and`."""
    end = len(sentence.rstrip(" ."))
    colon = sentence.find(": ", start, max(start, sentence.find(";", start, end)))
    start = start if colon < 0 else colon + 2
    inner = _INNER_LEAD.match(sentence[start:end])
    if inner is not None:
        start += inner.end()
    last = _LAST_ITEM.search(sentence[start:end])
    divider = (
        re.compile(r";\s(?:(?:and|as well as|e)\s)?") if ";" in sentence[start:end] else re.compile(r",\s")
    )
    stop = start + last.start() if last is not None else end
    items = []
    at = start
    for match in divider.finditer(sentence, start, stop):
        items.append((at, match.start()))
        at = match.end()
    if last is not None:
        items += [(at, stop), (start + last.end(), end)]
    else:
        joined = _LAST_AND.search(sentence[at:end])
        items += [(at, end)] if joined is None else [(at, at + joined.start()), (at + joined.end(), end)]
    items = [span for span in items if sentence[slice(*span)].strip()]
    if any(sentence[one:other].count("(") != sentence[one:other].count(")") for one, other in items):
        return []
    if any(other - one < 3 or other - one > 300 for one, other in items):
        return []
    return items


_BINDS = (
    r"(?:will|shall|undertakes? to|agrees? to|commits? to|pledged to|agreed to|(?:is|are|"
    r"has agreed|have agreed) to|(?:is|are) responsible for)"
)
_ONE = (
    r"(?:(?:the|a|an|all|no|both)\s(?:[a-z-]+\s){0,2}[a-z]+|[a-z]{4,}s|its\s[a-z]+"
    r"|(?:the\s)?[A-Z][\w’'&-]+(?:\s(?:of\s(?:the\s)?|and\s|for\s)?[A-Z][\w’'&-]+){0,6}(?:’s\s[a-z]+)?)"
)
_DOES = rule(
    rf"\b(?:{_BINDS}|would|has|have|to)\b", "is what a subject does", "labs, the City will pay the rent,"
)
_NEXT_SUBJECT = rule(
    rf"(?:,?\s(?:and|while|whereas)\s|[,;]\s)(?={_ONE},?\s(?:also\s|in turn,?\s)?{_BINDS}\b|"
    rf"the\s[a-z]+\sto\s[a-z]+\s)",
    "opens the promise of a second subject",
    "guarantee fund, and Nara Bank will",
)
_IT_ALSO = rule(
    r"(?:It|This)\s(?:also\s|will also\s|further\s)?(?:includes?|covers?|provides? for|calls? for|"
    r"involves?)\s",
    "goes on with what an agreement includes",
    "It also covers joint training",
)
_WHICH = rule(
    rf"\b(?:{AGREEMENT})\b[^.]{{0,120}},\swhich\s(?:also\s)?(?:includes?|covers?|provides? for|"
    rf"involves?)\s",
    "says what an agreement includes",
    "The memorandum sets out what each has agreed to, which includes ",
    re.IGNORECASE,
)
_TOLD_BEHIND = rule(
    r",\s(?:(?:an?|the|its|their)\s[\w’' -]{0,40}|he|she|it|they|"
    r"[A-Z][\w’'-]+(?:\s[A-Z][\w’'-]+){0,2})\s(?:said|says|added|confirmed)\.?$",
    "says behind a promise who told it",
    "websites, a spokesperson said.",
)
_WILL = rule(
    r"\b(?:will|shall|would|(?:is|are) to(?! be (?:signed|held)\b)|(?:has|have) (?:agreed|pledged|"
    r"promised|committed|undertaken)(?: not)? to|(?:commits|agrees|pledges) to|agreed to|"
    r"pledged to|promised to|committed to|undertakes? to|intends? to|plans? to)\s(?!be (?:held|"
    r"signed|re-?signed|able|represented)|sign|today|hold a|announce|like|have|not be|take place|"
    r"put (?:their|its)|attend|gather|eventually)",
    "is a verb of promising",
    "The College will run two courses",
)
_ENUMERATES = rule(
    r",\s(?:and|as well as)\s|,\s[^,;]{3,120},?\sand\s(?:an?|the|joint|[a-z]+ing)\b",
    "enumerates",
    ", a text line for reports and joint",
)
_PART_LEAD = rule(
    r"(?:[Ff]or (?:its|their) part|[Ii]n (?:re)?turn|[Ii]n (?:addition|exchange|return)|"
    r"[Aa]dditionally|[Ff]urther(?:more)?|[Mm]oreover|[Mm]eanwhile|[Ff]inally|"
    r"[Oo]n top of (?:this|these|that)|[Ii]n addition to (?:this|these|that)),?\s(?:that\s)?",
    "leads in to a promise and is no part of it",
    "In addition, a committee of three",
)
_TOLD = rule(
    r"\b(?:said|says|stated|noted|stressed|emphasi[sz]ed|explained|added)\b",
    "says that a sentence reports",
    "Superintendent Grace Moana says ",
)
_BODY = rule(
    r"(?:^|^[^,]{3,60},\s|:\s)(?P<clause>(?P<which>an?|the)\s(?:[\w-]+\s){0,4}(?:committee|board|"
    r"council|(?:working|liaison|steering|joint|study|advisory|project|management|"
    r"monitoring)(?: [\w-]+)? (?:group|team)|task ?force|secretariat|panel|commission|"
    r"forum)\b(?:,[^.]{3,120},|[^.,;]{0,140}?(?:,[^.,;]{3,60}\band\b[^.,;]{3,60}?)?)\s(?:will|"
    r"shall)\s(?!vote|debate|consider|be asked|sign).{8,})",
    "promises a committee or another body that will do something",
    "A steering group will meet every quarter.",
    re.IGNORECASE,
)
_BY_IT = rule(
    rf"\b(?:under|through|as part of|pursuant to|cooperation|collaboration|partnership)\b|{AGREEMENT}",
    "shows that something is done by the agreement",
    "under the agreement",
    re.IGNORECASE,
)
_OF_BOTH = rule(
    r"\b(?:between|of|from|for|to|with|by|among)\s$",
    "before `the two`, makes it no subject",
    "Trade between ",
)
_ANDS = rule(
    r"[,;]?\s(?:(?:and|while|whereas)\s)?$",
    "joins a promise to the one before",
    "appoint a harbour guardian, and ",
)
_HAPPENINGS = (
    "signing|ceremony|event|visit|meeting|reception|conference|festival|announcement|election|"
    "celebration|delegation|dinner|forum|exhibition|vote|trade|exports?"
)
_GOES_ON = rule(
    rf"(?!This|That|These|Those|He|She|We|You|However|But|If|(?:(?:The|An?|Both|"
    rf"Each)\s(?:\w+\s)?)?(?i:{LOW_ROLES}|{_HAPPENINGS})\b)(?:It|They|Both|Each|[Aa]n?|[Tt]he|"
    rf"[Aa]ll|[Nn]o|[A-Z][a-z]+(?:\s[a-z]+){{0,2}})\s",
    "opens a sentence that may go on with the promise before",
    "All data collected on the territory",
)
_COPY = rule(
    r"\b(?:copy|copies|text|details) of the\b[^.]{0,40}\bwill be (?:published|available|made)",
    "says where the agreement can be read, and so promises nothing",
    "copy of the agreement will be published",
)
_BESIDE = rule(
    r",? ?(?:also|and its students|each|both|jointly|together|now|then|for (?:its|their) part,?|"
    r"in (?:re)?turn,?|meanwhile,?|(?:’s|'s) [a-z]+)?",
    "stands between a subject and its verb",
    "also",
)
_SHORT_NAME = rule(
    r"(?:[A-Z][a-z ]{2,40}, )?(?P<name>[A-Z][\w’-]{2,}(?: [A-Z][\w’-]+){0,3})(?:’s [a-z]+)?,? (?:also )?$",
    "is a party by the first words of its name",
    "The Port Authority ",
)
_SHORT_TITLE = rule(
    r"(?P<subject>\b[Tt]he\s(?P<name>[A-Z][\w’-]+(?:\s[A-Z][\w’-]+){0,2}))\s(?:also\s|now\s|then\s)?$",
    "is a party by the last words of its name",
    "The Port Authority ",
)
_SHORT_PARTY = rule(
    r"(?P<subject>\b(?:[Tt]he\s[a-z]{4,14}(?:,|\sand)\s){0,3}[Tt]he\s(?P<noun>[a-z]{4,14}))\s"
    r"(?:also\s|now\s|then\s)?$",
    "is a party by its common noun",
    "the council ",
)
_EFFECT = rule(
    r"^[^.]{0,160}?\b(?:will|also|and)\s(?:also\s|further\s|greatly\s|help\s){0,2}(?:strengthen|"
    r"deepen|mark|boost|benefit|pave|open doors|be a|be an|be the|play|make (?:it|an?|the|our|"
    r"life|possible)|ensure that|represent|serve as|become|have|contribute to)\b",
    "tells an effect, and so promises nothing",
    "The pact will strengthen ties",
    re.IGNORECASE,
)
_HOPE = rule(
    r"\b(?:expects?|expected|hopes?|hoped|hoping|believes?|is likely|may|might|could|aims? to|"
    r"is designed to|are designed to|intended to|seeks? to|plans? to consider|looks? forward|"
    r"in the past|already|has been|have been|previously|so far|if)\b",
    "tells a hope, and so promises nothing",
    "The city hopes the partnership",
    re.IGNORECASE,
)
_VERB_CONTENT = (
    r"(?:sets? out|outlines?|captures?|covers?|includes?|provides? for|calls? for|commits?|"
    r"stipulates?|contains?|establish(?:es)?|focus(?:es)? on|creates?|formali[sz]es?|enables?|"
    r"allows?|will (?!be (?:re-?)?signed|be held|be published|be made available|be available|take place|"
    r"mark|come into|also mark)|takes? effect|also (?:covers?|includes?|provides?|sets?|calls?)|"
    r"details? how|supports?|can take|will take|takes the form|means(?: that)?|gives?|requires?|"
    r"obliges?|binds?|guarantees?|grants?|extends?|runs? (?:for|until|to)|lasts?|is valid|"
    r"remains? in force)"
)
_LISTED = rule(
    rf"(?:(?:{AGREEMENT})\b[^.;:]{{0,120}}?\b(?:including|include|includes|covers?|covering|"
    rf"such as|namely|as follows|the following|outlines?)\b(?:\s(?:cooperation|collaboration|"
    rf"areas such as|the following areas))?\s?:?\s(?=[^;,]{{3,120}}[,;]\s[^;,]{{3,120}}(?:[,;]|"
    rf"\sand\s(?:an?|the|[a-z]+ing)\s)))"
    rf"|(?:\b(?:agreed|agree|pledged|committed)\b[^.;:]{{0,60}}\b(?:tasks?|areas?|projects?|"
    rf"measures?|points?|items?|things|actions?),?\s(?:namely|including|"
    rf"such as)\s(?=[^;,]{{3,120}}[,;]\s))"
    rf"|(?:(?:{AGREEMENT})\b[^.;:]{{0,60}}?\bcommits?\s[^.,;:]{{3,60}}?\sto\s(?=(?:an?|"
    rf"the)\s[^;,]{{3,120}}[,;]\s[^;,]{{3,120}}[,;]))"
    rf"|(?:\b(?:areas|fields|topics|themes)\sof\s(?:cooperation|collaboration|coordination|"
    rf"joint work)\b[^.;:]{{0,80}}\b(?:are|include|"
    rf"including)\s(?=[^;,]{{3,120}}[,;]\s[^;,]{{3,120}}(?:[,;]|\sand\s)))"
    rf"|(?:\b(?:agreed|agree|pledged|committed|will (?:cooperate|collaborate|"
    rf"work together))\b[^.;:]{{0,100}}:\s)|(?:\b(?:acordo|cooperação|convênio|termo|protocolo|"
    rf"parceria)\b[^.;:]{{0,160}}\b(?:tais como|como|inclui|incluindo|abrange|prevê|eixos|"
    rf"áreas)\b\s?:\s?)",
    "leads in to an enumeration of what was agreed",
    "The two agreed to carry out three tasks, namely a survey of trees, the",
    re.IGNORECASE,
)
_AGREED = rule(
    rf"\b(?P<clause>(?:{JOINT})\s(?:have\s|has\s|also\s|further\s|today\s){{0,2}}(?:agreed|agree|"
    rf"pledged|pledge|promised|promise|committed|commit|undertook|undertake|decided|resolved|"
    rf"vowed)\s(?:to|on|that)\b.{{10,}})",
    "promises what all agreed to",
    "The partners have also agreed to share a simulation suite.",
    re.IGNORECASE,
)
_CONTENT = rule(
    rf"\b(?P<clause>(?:{AGREEMENT})(?:,[^,]{{0,80}},|\s\([^)]{{1,20}}\)|\s(?:that|which|also|"
    rf"further|between [^.]{{0,120}}?))?\s{_VERB_CONTENT}\b.{{15,}})",
    "promises what an agreement provides",
    "the deal gives islanders certainty.",
    re.IGNORECASE,
)
_JOINTLY = rule(
    rf"\b(?P<clause>(?:{JOINT})(?:,[^,]{{0,60}},)?\s(?:also\s)?(?:will|shall|would)\s(?!sign|"
    rf"hold a signing|be held|be able|like|have).{{12,}})",
    "promises what all will do",
    "the two will reach 2 million next year.",
    re.IGNORECASE,
)
_UNDER = rule(
    rf"(?:(?:Under|Through|As part of|As per|Pursuant to|In accordance with|According to|With|"
    rf"Based on|By|Behind)\s(?:[^,]{{0,40}}\s)?(?:{AGREEMENT}|the text|(?:the|this) signing|"
    rf"that promise|it)(?:[^,]{{0,60}})?,\s)(?P<clause>[^.]{{0,200}}?\b(?:{_BINDS}|plans? to|"
    rf"can)\b.{{10,}})",
    "promises what is done under an agreement",
    "Under the agreement, the trust will host up to 40 students a year and the polytechnic will "
    "fund a clinical supervisor.",
    re.IGNORECASE,
)
_UNDER_LONG = rule(
    rf"(?:Under|Through|Pursuant to|According to)\s(?:{AGREEMENT})[^.]{{0,300}}?,\s(?P<clause>"
    rf"(?:the\s)?[A-Z][\w’-]+(?:\s[A-Z][\w’-]+){{0,4}}(?:\sand\s(?:the\s)?[A-Z][\w’-]+"
    rf"(?:\s[A-Z][\w’-]+){{0,4}})?\s(?:will|shall)\b.{{10,}})",
    "promises what is done under an agreement of a long name",
    "Under the memorandum, Oldtown City will pay the clerk.",
)
_SET_UP = rule(
    r"(?P<clause>(?:(?:A|An|The)\s[^,.(]{3,80}(?:,[^,]{0,100},|"
    r"\s\([^)]{1,100}\))?\swill\s(?:also\s)?be\s(?:set up|established|created|formed|launched|"
    r"built|opened).{0,400}|there (?:is|are) (?:also )?provisions? for.{10,}))",
    "promises what will be set up",
    "A joint fund will be set up under the agreement.",
)
_AGREED_TO = rule(
    r"\b(?:agreed|agree|pledged|committed|promised|undertook|decided|commits [^.]{3,60}?)\s(?:to)\s",
    "leads in to infinitives",
    "The boroughs agreed to run",
)
_NEXT_INFINITIVE = rule(
    r",?\s(?:and\s)?to\s(?=[a-z]+\s)|,\sand\sto\s", "opens the next infinitive", ", to sell one ticket"
)
_INNER_LEAD = rule(
    r"(?:[\w-]+\s?){1,5},?\s(?:including|such as|namely)\s",
    "leads in to an enumeration inside another",
    "three areas, namely a map",
)
_LAST_ITEM = rule(
    r"[,;]\s(?:and|as well as|e)\s(?!.*[,;]\s(?:and|as well as)\s)",
    "opens the last item of an enumeration",
    "a map, and a desk",
)
_SUBCLAUSE = rule(
    r"\b(?:said|says|that|which|who)\b",
    "stands before a verb that is not the sentence's own",
    "the mayor said",
)
_LAST_AND = rule(
    r"\sand\s(?=(?:the|a|an|[a-z]+ing|joint|active|mutual|shared)\b(?:[^,;]|,(?=\d))*$)",
    "opens the last item without a comma",
    "a map and the opening of a desk",
)
_BEFORE_A_SUBJECT = rule(
    r"(?:[^,]{0,140},\s)?(?:the\s)?", "stands before a subject and may belong to it", "In 2024, the "
)
