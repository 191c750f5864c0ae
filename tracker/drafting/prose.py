"""Promises in prose: what the parties, or their agreement, will do, one promise each, where the words say so."""

from __future__ import annotations

import re
from collections.abc import Callable

from tracker.drafting.cast import Cast, Entity
from tracker.drafting.clauses import Promise
from tracker.drafting.layout import Found, Layout, Paragraph
from tracker.drafting.prose_ko import promises_in_korean
from tracker.drafting.runs_en import is_head
from tracker.drafting.sentences import HIDDEN, NUMBERED, closed
from tracker.drafting.words_en import AGREEMENT, BODIES, JOINT, LOW_ROLES

LOOK = "this clause was prose"


def prose_clauses(
    layout: Layout,
    mask: str,
    sentences_of: Callable[[Paragraph], list[tuple[int, int]]],
    cast: Cast,
    parties: list[Entity],
    taken: list[Promise],
) -> list[Promise]:
    """Give the promises that stand in sentences outside every list and quotation."""
    found: list[Promise] = []
    read = 0
    covered = [(each.start, each.end) for each in taken]
    goes_on = False
    for part in layout.of("body"):
        about = False
        for start, end in sentences_of(part):
            if read > 200:
                continue
            if any(one < end and start < other for one, other in covered):
                goes_on = True
                continue
            sentence = mask[start:end]
            is_about, about = about, _ABOUT.match(sentence) is not None
            leads_in = sentence.endswith((":", "：")) or any(0 <= one - end <= 12 for one, _ in covered)
            if leads_in or not _may_promise(sentence):
                goes_on = False
                continue
            read += 1
            if re.search("[가-힣]", sentence):
                spans = promises_in_korean(sentence, start, cast, parties, goes_on=goes_on)
            else:
                sentence, start = _bare(sentence, start)  # noqa: PLW2901  # the same, less its wrapping
                spans = _in_english(sentence, start, cast, parties, about=is_about, goes_on=goes_on)
            goes_on = bool(spans)
            found += [
                Promise(one, other, None, "narrative", LOOK) for one, other in spans if other - one >= 3
            ]
    return found


def _may_promise(sentence: str) -> bool:
    """Whether a sentence is worth a closer look: not a quotation, not endless, with a word of promising."""
    return (
        _MAY_PROMISE.search(sentence) is not None
        and sentence.count(HIDDEN) * 2 <= len(sentence)
        and len(sentence) <= 1500
    )


def purpose_clause(purpose: Found | None, others: list[Promise]) -> list[Promise]:
    """Give what an agreement is for as its promise, where the article prints hardly any other."""
    if purpose is None or any(one.start < purpose.end and purpose.start < one.end for one in others):
        return []
    lead = re.match(r"(?:in order )?to |that aims to |which aims to ", purpose.text)
    start = purpose.start + (lead.end() if lead else 0)
    return [
        Promise(start, purpose.end, None, "narrative", "this clause was prose, the purpose of the agreement")
    ]


def _bare(sentence: str, start: int) -> tuple[str, int]:
    """Give a sentence without its number, what only leads in to it and who told it; and where it begins then."""
    number = NUMBERED.match(sentence)
    if number is not None:
        sentence, start = sentence[number.end() :], start + number.end()
    lead = _PART_LEAD.match(sentence)
    if lead is not None:
        sentence, start = sentence[lead.end() :], start + lead.end()
    told = None if HIDDEN in sentence else _TOLD_BEHIND.search(sentence)
    return (sentence if told is None else sentence[: told.start()]), start


def _in_english(
    sentence: str, base: int, cast: Cast, parties: list[Entity], *, about: bool, goes_on: bool
) -> list[tuple[int, int]]:
    if HIDDEN in sentence and _SPOKEN.search(sentence):
        return []
    listed = _enumerated(sentence, about=about)
    if listed:
        return [(base + start, base + end) for start, end in listed]
    body = _BODY.search(sentence)
    if body is not None and not _HOPE.search(sentence) and _by_itself(body, goes_on=goes_on):
        return [(base + body.start("clause"), base + closed(sentence, 0, len(sentence))[1])]
    for pattern in (_AGREED, _UNDER_LONG, _CONTENT, _JOINTLY, _UNDER, _SET_UP):
        match = pattern.match(sentence) if pattern in (_UNDER, _UNDER_LONG) else pattern.search(sentence)
        if match is None or not _may_bind(sentence, match):
            continue
        several = _infinitives(sentence, match.start("clause"), len(sentence))
        if several:
            return [(base + one, base + other) for one, other in several]
        start, end = _from_the_noun(sentence, match.start("clause")), match.end("clause")
        if pattern is _JOINTLY and _OF_BOTH.search(sentence[:start]):
            continue
        first = (
            _by_party(_ANDS.sub("", sentence[:start]), base, cast, parties, goes_on=goes_on)
            if start > 20
            else []
        )
        stop = len(sentence) if match.end("clause") < len(sentence) else end
        return [*first, *((base + one, base + other) for one, other in _each_subject(sentence, start, stop))]
    return _by_party(sentence, base, cast, parties, goes_on=goes_on)


def _by_itself(body: re.Match[str], *, goes_on: bool) -> bool:
    """Whether a committee is one that the agreement makes: a new one, or that of the parties."""
    return body["which"].lower() != "the" or goes_on or _OF_THEM.search(body["clause"]) is not None


def _enumerated(sentence: str, *, about: bool) -> list[tuple[int, int]]:
    """Give what an agreement is said to include, one extent each; ``about``: the sentence before was about it."""
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
    """Whether what words of promising were found in is no hope, no report, nothing past and no mere effect."""
    head = sentence[: match.start("clause")]
    if _HOPE.search(sentence[: match.end()]) or _PAST.search(sentence[: match.end()]) or _TOLD.search(head):
        return False
    if match.re is _SET_UP:
        return _BY_IT.search(sentence) is not None
    if match.re in (_CONTENT, _JOINTLY):
        return not _EFFECT.search(match["clause"]) and not head.endswith("signing of ")
    return True


def _from_the_noun(sentence: str, start: int) -> int:
    """Give where a subject begins that ends with `of both sides`: `A committee of experts from each side will …`."""
    head = _HEAD_NOUN.search(sentence[:start])
    return start if head is None else head.start("noun")


def _by_party(
    sentence: str, base: int, cast: Cast, parties: list[Entity], *, goes_on: bool
) -> list[tuple[int, int]]:
    """Give what one of the parties alone will do, or what goes on with the promise before it."""
    match = _WILL.search(sentence)
    if (
        match is None
        or match.start() > 140
        or _HOPE.search(sentence[: match.end() + 40])
        or _EFFECT.search(sentence)
        or _COPY.search(sentence)
        or re.search(r"\b(?:said|says|that|which|who)\b", sentence[: match.start()])
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
    """Give where the subject of a verb begins, where that is a party, by name or as `the council`."""
    subject = cast.within(base, base + verb, "organisation")
    if subject and any(each.entity in parties for each in subject):
        between = sentence[subject[-1].end - base : verb].strip(" )")
        if _BESIDE.fullmatch(between):
            first = subject[0].start - base
            lead = re.match(r"(?:[^,]{0,140},\s)?(?:the\s)?", sentence[:first])
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
    lead = re.search(
        r"\b(?:agreed|agree|pledged|committed|promised|undertook|decided|commits [^.]{3,60}?)\s(?:to)\s",
        sentence[start:end],
    )
    if lead is None:
        return []
    found: list[tuple[int, int, int]] = []
    at = start + lead.end()
    for match in re.finditer(r",?\s(?:and\s)?to\s(?=[a-z]+\s)|,\sand\sto\s", sentence[at:end]):
        if not (sentence[at + match.start()] == "," or match.group().startswith(" and")):
            continue
        found.append(
            (start + lead.end() if not found else found[-1][2], at + match.start(), at + match.end())
        )
    if not found:
        return []
    return [*(closed(sentence, one, other) for one, other, _ in found), closed(sentence, found[-1][2], end)]


def _each_subject(sentence: str, start: int, end: int) -> list[tuple[int, int]]:
    """Divide `A will … and B will …`: one promise each; what one subject does twice stays together."""
    found = []
    for match in _NEXT_SUBJECT.finditer(sentence, start + 20, end):
        if _DOES.search(sentence, start, match.start()) is None:
            continue  # `A and B will …`
        found.append(closed(sentence, start, match.start()))
        start = match.end()
    return [*found, closed(sentence, start, end)]


def _items(sentence: str, start: int) -> list[tuple[int, int]]:
    """Divide an enumeration in prose: at semicolons if it has any, else at commas and the last `and`."""
    end = len(sentence.rstrip(" ."))
    colon = sentence.find(": ", start, max(start, sentence.find(";", start, end)))
    start = start if colon < 0 else colon + 2
    inner = re.match(r"(?:[\w-]+\s?){1,5},?\s(?:including|such as|namely)\s", sentence[start:end])
    if inner is not None:
        start += inner.end()
    last = re.search(r"[,;]\s(?:and|as well as|e)\s(?!.*[,;]\s(?:and|as well as)\s)", sentence[start:end])
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
        joined = re.search(
            r"\sand\s(?=(?:the|a|an|[a-z]+ing|joint|active|mutual|shared)\b(?:[^,;]|,(?=\d))*$)",
            sentence[at:end],
        )
        items += [(at, end)] if joined is None else [(at, at + joined.start()), (at + joined.end(), end)]
    items = [span for span in items if sentence[slice(*span)].strip()]
    if any(sentence[one:other].count("(") != sentence[one:other].count(")") for one, other in items):
        return []
    if any(other - one < 3 or other - one > 300 for one, other in items):
        return []
    return items


_BINDS = r"(?:will|shall|undertakes? to|agrees? to|commits? to|pledged to|agreed to|(?:is|are|has agreed|have agreed) to|(?:is|are) responsible for)"
_ONE = (
    r"(?:(?:the|a|an|all|no|both)\s(?:[a-z-]+\s){0,2}[a-z]+|[a-z]{4,}s|its\s[a-z]+"
    r"|(?:the\s)?[A-Z][\w’'&-]+(?:\s(?:of\s(?:the\s)?|and\s|for\s)?[A-Z][\w’'&-]+){0,6}(?:’s\s[a-z]+)?)"
)
_DOES = re.compile(rf"\b(?:{_BINDS}|would|has|have|to)\b")
_NEXT_SUBJECT = re.compile(
    rf"(?:,?\s(?:and|while|whereas)\s|[,;]\s)(?={_ONE},?\s(?:also\s|in turn,?\s)?{_BINDS}\b|the\s[a-z]+\sto\s[a-z]+\s)"
)
_MAY_PROMISE = re.compile(
    r"\b(?:will|shall|agree\w*|pledg\w+|promis\w+|commit\w*|undert\w+|decided|resolved|vowed|intends?|plans?|includ\w+|cover\w*|outlin\w+|sets? out|provi\w+|captur\w+|calls?|stipulat\w+|contains?|establish\w*|focus\w*|creat\w+|formali\w+|enabl\w+|allows?|details|supports?|can take|would|means?|gives?|requires?|obliges?|binds?|guarantees?|grants?|extends?|runs?|lasts?|valid|remains?|aims?|foresees|envisages|specifies|states|(?:is|are) to|areas|fields|such as|namely|follow\w+|tais como|como|prevê|eixos|inclu\w+|abrange|áreas)\b|기로|계획|예정|방침|다\.?$",
    re.IGNORECASE,
)
_ABOUT = re.compile(rf"(?:(?:As per|Under|Through|In|With|According to)\s)?(?:{AGREEMENT})\b", re.IGNORECASE)
_IT_ALSO = re.compile(
    r"(?:It|This)\s(?:also\s|will also\s|further\s)?(?:includes?|covers?|provides? for|calls? for|involves?)\s"
)
_WHICH = re.compile(
    rf"\b(?:{AGREEMENT})\b[^.]{{0,120}},\swhich\s(?:also\s)?(?:includes?|covers?|provides? for|involves?)\s",
    re.IGNORECASE,
)
_TOLD_BEHIND = re.compile(
    r",\s(?:(?:an?|the|its|their)\s[\w’' -]{0,40}|he|she|it|they|[A-Z][\w’'-]+(?:\s[A-Z][\w’'-]+){0,2})\s(?:said|says|added|confirmed)\.?$"
)
_WILL = re.compile(
    r"\b(?:will|shall|would|(?:is|are) to(?! be (?:signed|held)\b)|(?:has|have) (?:agreed|pledged|promised|committed|undertaken)(?: not)? to|(?:commits|agrees|pledges) to|agreed to|pledged to|promised to|committed to|undertakes? to|intends? to|plans? to)\s(?!be (?:held|signed|re-?signed|able|represented)|sign|today|hold a|announce|like|have|not be|take place|put (?:their|its)|attend|gather|eventually)"
)
_ENUMERATES = re.compile(r",\s(?:and|as well as)\s|,\s[^,;]{3,120},?\sand\s(?:an?|the|joint|[a-z]+ing)\b")
_PART_LEAD = re.compile(
    r"(?:[Ff]or (?:its|their) part|[Ii]n (?:re)?turn|[Ii]n (?:addition|exchange|return)|[Aa]dditionally|[Ff]urther(?:more)?|[Mm]oreover|[Mm]eanwhile|[Ff]inally|[Oo]n top of (?:this|these|that)|[Ii]n addition to (?:this|these|that)),?\s(?:that\s)?"
)
"""What stands in front of a promise and is no part of it."""
_HEAD_NOUN = re.compile(
    r"(?:^|[,;]\s|\b(?:and|that)\s)(?P<noun>(?:[Aa]n?|[Tt]he|[Tt]wo|[Tt]hree|[Ss]everal)\s(?:[A-Za-z-]+\s){1,6}?(?:of|from|by|with|between|in|at)\s(?:the\s|both\s|each\s)?)$"
)
"""A noun that what follows belongs to, `a working group chaired by …`, and so is no subject itself."""
_TOLD = re.compile(r"\b(?:said|says|stated|noted|stressed|emphasi[sz]ed|explained|added)\b")
_BODY = re.compile(
    r"(?:^|^[^,]{3,60},\s|:\s)(?P<clause>(?P<which>an?|the)\s(?:[\w-]+\s){0,4}(?:committee|board|council|(?:working|liaison|steering|joint|study|advisory|project|management|monitoring)(?: [\w-]+)? (?:group|team)|task ?force|secretariat|panel|commission|forum)\b(?:,[^.]{3,120},|[^.,;]{0,140}?(?:,[^.,;]{3,60}\band\b[^.,;]{3,60}?)?)\s(?:will|shall)\s(?!vote|debate|consider|be asked|sign).{8,})",
    re.IGNORECASE,
)
_OF_THEM = re.compile(
    r"\b(?:each|both|parties|signatories|sides|governments|partners|joint|two|three|four)\b", re.IGNORECASE
)
_BY_IT = re.compile(
    rf"\b(?:under|through|as part of|pursuant to|cooperation|collaboration|partnership)\b|{AGREEMENT}",
    re.IGNORECASE,
)
_OF_BOTH = re.compile(r"\b(?:between|of|from|for|to|with|by|among)\s$")
_ANDS = re.compile(r"[,;]?\s(?:(?:and|while|whereas)\s)?$")
_HAPPENINGS = "signing|ceremony|event|visit|meeting|reception|conference|festival|announcement|election|celebration|delegation|dinner|forum|exhibition|vote|trade|exports?"
_GOES_ON = re.compile(
    rf"(?!This|That|These|Those|He|She|We|You|However|But|If|(?:(?:The|An?|Both|Each)\s(?:\w+\s)?)?(?i:{LOW_ROLES}|{_HAPPENINGS})\b)(?:It|They|Both|Each|[Aa]n?|[Tt]he|[Aa]ll|[Nn]o|[A-Z][a-z]+(?:\s[a-z]+){{0,2}})\s"
)
_COPY = re.compile(r"\b(?:copy|copies|text|details) of the\b[^.]{0,40}\bwill be (?:published|available|made)")
_BESIDE = re.compile(
    r",? ?(?:also|and its students|each|both|jointly|together|now|then|for (?:its|their) part,?|in (?:re)?turn,?|meanwhile,?|(?:’s|'s) [a-z]+)?"
)
_SHORT_NAME = re.compile(
    r"(?:[A-Z][a-z ]{2,40}, )?(?P<name>[A-Z][\w’-]{2,}(?: [A-Z][\w’-]+){0,3})(?:’s [a-z]+)?,? (?:also )?$"
)
_SHORT_TITLE = re.compile(
    r"(?P<subject>\b[Tt]he\s(?P<name>[A-Z][\w’-]+(?:\s[A-Z][\w’-]+){0,2}))\s(?:also\s|now\s|then\s)?$"
)
_SHORT_PARTY = re.compile(
    r"(?P<subject>\b(?:[Tt]he\s[a-z]{4,14}(?:,|\sand)\s){0,3}[Tt]he\s(?P<noun>[a-z]{4,14}))\s(?:also\s|now\s|then\s)?$"
)
_EFFECT = re.compile(
    r"^[^.]{0,160}?\b(?:will|also|and)\s(?:also\s|further\s|greatly\s|help\s){0,2}(?:strengthen|deepen|mark|boost|benefit|pave|open doors|be a|be an|be the|play|make (?:it|an?|the|our|life|possible)|ensure that|represent|serve as|become|have|contribute to)\b",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"\b(?:said|says|added|adding|noted|stressed|emphasi[sz]ed|stated|explained|replied|asked|told|wrote|insisted|disse|afirmou|explica)\b"
)
_HOPE = re.compile(
    r"\b(?:expects?|expected|hopes?|hoped|hoping|believes?|is likely|may|might|could|aims? to|is designed to|are designed to|intended to|seeks? to|plans? to consider|looks? forward|in the past|already|has been|have been|previously|so far|if)\b",
    re.IGNORECASE,
)
_PAST = re.compile(r"\b(?:in (?:19|20)\d\d|last (?:year|month)|since)\b")
_VERB_CONTENT = r"(?:sets? out|outlines?|captures?|covers?|includes?|provides? for|calls? for|commits?|stipulates?|contains?|establish(?:es)?|focus(?:es)? on|creates?|formali[sz]es?|enables?|allows?|will (?!be signed|be held|be published|be made available|be available|take place|mark|come into|also mark)|takes? effect|also (?:covers?|includes?|provides?|sets?|calls?)|details? how|supports?|can take|will take|takes the form|means(?: that)?|gives?|requires?|obliges?|binds?|guarantees?|grants?|extends?|runs? (?:for|until|to)|lasts?|is valid|remains? in force)"
_LISTED = re.compile(
    rf"(?:(?:{AGREEMENT})\b[^.;:]{{0,120}}?\b(?:including|include|includes|covers?|covering|such as|namely|as follows|the following|outlines?)\b(?:\s(?:cooperation|collaboration|areas such as|the following areas))?\s?:?\s(?=[^;,]{{3,120}}[,;]\s[^;,]{{3,120}}(?:[,;]|\sand\s(?:an?|the|[a-z]+ing)\s)))"
    rf"|(?:\b(?:agreed|agree|pledged|committed)\b[^.;:]{{0,60}}\b(?:tasks?|areas?|projects?|measures?|points?|items?|things|actions?),?\s(?:namely|including|such as)\s(?=[^;,]{{3,120}}[,;]\s))"
    rf"|(?:(?:{AGREEMENT})\b[^.;:]{{0,60}}?\bcommits?\s[^.,;:]{{3,60}}?\sto\s(?=(?:an?|the)\s[^;,]{{3,120}}[,;]\s[^;,]{{3,120}}[,;]))"
    rf"|(?:\b(?:areas|fields|topics|themes)\sof\s(?:cooperation|collaboration|coordination|joint work)\b[^.;:]{{0,80}}\b(?:are|include|including)\s(?=[^;,]{{3,120}}[,;]\s[^;,]{{3,120}}(?:[,;]|\sand\s)))"
    rf"|(?:\b(?:agreed|agree|pledged|committed|will (?:cooperate|collaborate|work together))\b[^.;:]{{0,100}}:\s)|(?:\b(?:acordo|cooperação|convênio|termo|protocolo|parceria)\b[^.;:]{{0,160}}\b(?:tais como|como|inclui|incluindo|abrange|prevê|eixos|áreas)\b\s?:\s?)",
    re.IGNORECASE,
)
_AGREED = re.compile(
    rf"\b(?P<clause>(?:{JOINT})\s(?:have\s|has\s|also\s|further\s|today\s){{0,2}}(?:agreed|agree|pledged|pledge|promised|promise|committed|commit|undertook|undertake|decided|resolved|vowed)\s(?:to|on|that)\b.{{10,}})",
    re.IGNORECASE,
)
_CONTENT = re.compile(
    rf"\b(?P<clause>(?:{AGREEMENT})(?:,[^,]{{0,80}},|\s\([^)]{{1,20}}\)|\s(?:that|which|also|further|between [^.]{{0,120}}?))?\s{_VERB_CONTENT}\b.{{15,}})",
    re.IGNORECASE,
)
_JOINTLY = re.compile(
    rf"\b(?P<clause>(?:{JOINT})(?:,[^,]{{0,60}},)?\s(?:also\s)?(?:will|shall|would)\s(?!sign|hold a signing|be held|be able|like|have).{{12,}})",
    re.IGNORECASE,
)
_UNDER = re.compile(
    rf"(?:(?:Under|Through|As part of|As per|Pursuant to|In accordance with|According to|With|Based on|By|Behind)\s(?:[^,]{{0,40}}\s)?(?:{AGREEMENT}|the text|(?:the|this) signing|that promise|it)(?:[^,]{{0,60}})?,\s)(?P<clause>[^.]{{0,200}}?\b(?:{_BINDS}|plans? to|can)\b.{{10,}})",
    re.IGNORECASE,
)
_UNDER_LONG = re.compile(
    rf"(?:Under|Through|Pursuant to|According to)\s(?:{AGREEMENT})[^.]{{0,300}}?,\s(?P<clause>(?:the\s)?[A-Z][\w’-]+(?:\s[A-Z][\w’-]+){{0,4}}(?:\sand\s(?:the\s)?[A-Z][\w’-]+(?:\s[A-Z][\w’-]+){{0,4}})?\s(?:will|shall)\b.{{10,}})"
)
_SET_UP = re.compile(
    r"(?P<clause>(?:(?:A|An|The)\s[^,.(]{3,80}(?:,[^,]{0,100},|\s\([^)]{1,100}\))?\swill\s(?:also\s)?be\s(?:set up|established|created|formed|launched|built|opened).{0,400}|there (?:is|are) (?:also )?provisions? for.{10,}))"
)
