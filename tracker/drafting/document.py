"""From an article to a draft: a seed document whose every string stands at its span, with what to look at."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tracker import dates
from tracker.drafting import names_en, names_ko
from tracker.drafting.agreement import Terms, terms_of
from tracker.drafting.attribution import Attribution, Speaker
from tracker.drafting.cast import Cast, Entity, Name, folded
from tracker.drafting.clauses import Promise, marked_clauses
from tracker.drafting.dating import printed_day
from tracker.drafting.ids import Ids, party_slug, short
from tracker.drafting.indirect import Indirect, indirect_quotes
from tracker.drafting.initiatives import Named, initiatives_of
from tracker.drafting.language import language_of
from tracker.drafting.layout import Layout, Paragraph, layout_of
from tracker.drafting.not_taken import not_taken
from tracker.drafting.parties import Signing, signing_of
from tracker.drafting.printing import Imprint, imprint_of
from tracker.drafting.prose import prose_clauses, purpose_clause
from tracker.drafting.quotations import Quotation, quotations
from tracker.drafting.reading import Article
from tracker.drafting.runs_en import is_head
from tracker.errors import Fault, Invalid
from tracker.romanisation import slug

Thing = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """What whoever asks for a draft says about the article, and the article itself does not."""

    url: str | None = None
    published: str | None = None
    publisher: str | None = None
    lang: str | None = None


@dataclass(slots=True)
class _Read:
    """All that was found in an article."""

    article: Article
    layout: Layout
    mask: str
    sentences_of: Callable[[Paragraph], list[tuple[int, int]]]
    lang: str
    cast: Cast
    quotes: list[Quotation]
    speakers: list[Speaker]
    signing: Signing
    terms: Terms
    clauses: list[Promise]
    indirect: list[Indirect]
    initiatives: list[Named]
    imprint: Imprint
    published: str | None
    ids: Ids = field(default_factory=Ids)

    @property
    def text(self) -> str:
        """The text that spans count in."""
        return self.article.text


def draft(article: Article, given: Given | None = None) -> Thing:
    """Draft a seed document from an article; raises Invalid where what is given about it is at fault.

    Nothing is guessed: what the text does not say is absent, and what is not certain carries `draft`
    with `confidence: low` and `look_at`. The same input gives the same document.
    """
    given = given or Given()
    faults = faults_of(given)
    if faults:
        raise Invalid(faults)
    found = _read(article, given)
    source = _source(found, given)
    parties = _parties(found, source, given)
    agreement = _agreement(found, source)
    document: Thing = {"tracker": 1, "draft": _about(found)}
    document["sources"] = [source]
    document["parties"] = parties
    if found.initiatives:
        document["initiatives"] = [_initiative(found, each) for each in found.initiatives]
        agreement_initiatives = [each["id"] for each in document["initiatives"]]
        agreement = _after(agreement, "sources", {"initiatives": agreement_initiatives})
    document["agreements"] = [agreement]
    return document


def _read(article: Article, given: Given) -> _Read:
    text = article.text
    told = language_of(text)
    lang = given.lang or told or (article.page.lang if article.page else None) or "und"
    korean = told == "ko"
    layout = layout_of(text)
    headlines = [(part.start, part.end) for part in layout.of("headline")]
    body = [(part.start, part.end) for part in layout.of("body", "caption")]
    cast = names_ko.cast_of(text, [*headlines, *body]) if korean else names_en.cast_of(text, body, headlines)
    quotes = quotations(layout, korean=korean)
    attribution = Attribution(layout, quotes, cast, korean=korean)
    speakers = attribution.run()
    signing = signing_of(layout, attribution.mask, attribution.sentences_of, cast, korean=korean)
    printed = printed_day(
        text,
        [(part.start, min(part.end, part.start + 160)) for part in layout.of("dateline", "byline")]
        + [(line.start, line.end) for line in layout.datelines],
    )
    imprint = imprint_of(layout, article.page)
    published = given.published or imprint.published or (printed.edtf if printed else None)
    terms = terms_of(layout, attribution.mask, attribution.sentences_of, published)
    listed = marked_clauses(layout, attribution.mask, attribution.sentences_of)
    prose = prose_clauses(layout, attribution.mask, attribution.sentences_of, cast, signing.parties, listed)
    clauses = sorted([*listed, *prose], key=lambda each: each.start)
    if len(clauses) <= 1 and not korean:
        clauses = sorted([*clauses, *purpose_clause(terms.purpose, clauses)], key=lambda each: each.start)
    indirect = indirect_quotes(
        layout, attribution.mask, attribution.sentences_of, cast, signing.parties, clauses
    )
    initiatives = initiatives_of(layout, attribution.mask, cast, signing.parties)
    return _Read(
        article,
        layout,
        attribution.mask,
        attribution.sentences_of,
        lang,
        cast,
        quotes,
        speakers,
        signing,
        terms,
        clauses,
        indirect,
        initiatives,
        imprint,
        published,
    )


def faults_of(given: Given) -> list[Fault]:
    """Give every fault of what is said about an article."""
    faults = []
    if given.published is not None:
        try:
            dates.parse(given.published)
        except dates.NotADate as wrong:
            faults.append(Fault("bad_date", str(wrong), pointer="/published"))
    if given.url is not None and (
        re.fullmatch(r"https?://[^\s/?#]+\S*", given.url) is None or len(given.url) > 2000
    ):
        faults.append(
            Fault(
                "bad_url",
                "`url` is not an http or https address",
                "for example https://www.example.org/news/1",
                "/url",
            )
        )
    if given.lang is not None and re.fullmatch("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", given.lang) is None:
        faults.append(Fault("bad_lang", "`lang` is not a language tag", "for example ko, en or pt", "/lang"))
    if given.publisher is not None and (
        not given.publisher.strip() or len(given.publisher) > 300 or _CONTROL.search(given.publisher)
    ):
        faults.append(
            Fault("bad_publisher", "`publisher` has 1 to 300 characters on one line", pointer="/publisher")
        )
    return faults


def _about(found: _Read) -> Thing:
    look_at = []
    if found.layout.read is not None:
        look_at.append(
            f"the text is longer than an article: from character {found.layout.read:,} on it was not read"
        )
    if len(found.signing.parties) < 2:
        look_at.append("fewer than two parties were found: who signs?")
    if not found.clauses:
        look_at.append("no clause was found: what was promised?")
    if found.lang.split("-")[0] not in ("en", "ko"):
        look_at.append(
            "names, prose and dates are read in English and Korean; of this language quotations and marked lists only are reliable"
        )
    return _note(look_at)


def _source(found: _Read, given: Given) -> Thing:
    text = found.text
    title = found.layout.of("headline") or found.layout.of("body") or found.layout.paragraphs
    words = _line(text[title[0].start : title[0].end]) if title else _line(text)
    url = given.url or found.imprint.url
    thing: Thing = {"id": "", "kind": found.imprint.kind, "title": words[:500].strip()}
    if found.imprint.credit is not None:
        thing["photo_credit"] = found.imprint.credit.text
    if found.lang != "und":
        thing["lang"] = found.lang
    if url:
        thing["url"] = url
    if found.published:
        thing["published"] = found.published
    thing["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    thing["char_count"] = len(text)
    if found.article.page is not None:
        thing["text"] = text
    look_at = [] if found.imprint.sure else ["what sort of text it is"]
    if not found.published:
        look_at.append("the day of publication is not printed")
    thing["draft"] = _note(look_at)
    return thing


def _parties(found: _Read, source: Thing, given: Given) -> list[Thing]:
    """Give all that the draft refers to: who signs, speaks, wrote and published, with their organisations."""
    publisher = _publisher(found, given)
    author = found.imprint.author
    people = [*found.signing.signatories.values()]
    people += [
        each.entity for each in found.speakers if each.entity is not None and each.entity.kind == "person"
    ]
    people += [
        each for each in found.cast.persons if each.organisation in found.signing.parties and each.role
    ]
    speaking = [
        each.entity
        for each in found.speakers
        if each.entity is not None and each.entity.kind == "organisation"
    ]
    organisations = [*found.signing.parties, *speaking, *[each.speaker for each in found.indirect]]
    organisations += [each.organisation for each in people if each.organisation is not None]
    if publisher is not None:
        organisations.append(publisher)
    wanted = [*_once(organisations), *_once(people)]
    if author is not None:
        wanted.append(author)
        author.organisation = author.organisation or publisher
    for each in wanted:
        each.id = found.ids.make(party_slug(each), "party" if each.kind == "organisation" else "person")
    names = [short(each) for each in found.signing.parties[:2]] or [slug(source["title"], 40) or "agreement"]
    host = _host(source.get("url") or found.imprint.host or "")
    source["id"] = found.ids.make("-".join([host, *names] if host else [*names, "article"]), "article")
    if publisher is not None:
        _put(source, "title", "publisher", publisher.id)
    if author is not None:
        _put(source, "publisher" if publisher is not None else "title", "author", author.id)
    return [_party(found, each) for each in wanted]


def _publisher(found: _Read, given: Given) -> Entity | None:
    if given.publisher is not None:
        name = given.publisher.strip()
        known = found.imprint.publisher
        if known is not None and any(folded(each.text) == folded(name) for each in known.names):
            return known
        same = found.cast.named(name, "organisation")
        return same or Entity("organisation", [Name(name, "name", -1, -1)], class_="media")
    publisher = found.imprint.publisher
    if publisher is None:
        return None
    return next(
        (
            each
            for each in found.cast.organisations
            if {folded(name.text) for name in each.names} & {folded(name.text) for name in publisher.names}
        ),
        publisher,
    )


def _party(found: _Read, entity: Entity) -> Thing:
    thing: Thing = {"id": entity.id, "kind": entity.kind}
    if entity.class_ is not None and entity.kind == "organisation":
        thing["class"] = entity.class_
    thing["name"] = entity.name
    if entity.founded:
        thing["founded"] = entity.founded
    names = []
    seen = {entity.name}
    for each in entity.names[1:]:
        if each.text in seen or len(each.text) > 300:
            continue
        seen.add(each.text)
        lang = "ko" if re.search("[가-힣]", each.text) else found.lang.split("-")[0]
        tagged = (
            {}
            if each.kind == "romanisation" or (lang in ("ko", "und") and not re.search("[가-힣]", each.text))
            else {"lang": lang}
        )
        names.append(
            {
                "name": each.text,
                "kind": each.kind,
                **tagged,
                **({"valid_from": each.valid_from} if each.valid_from else {}),
            }
        )
    if names:
        thing["names"] = names
    look_at = []
    if entity in found.signing.parties and not _shows_what_it_is(found, entity):
        look_at.append(
            "no word of its name, no abbreviation and no signatory shows what it is: is it a party?"
        )
    if entity.kind == "person" and entity.organisation is not None and entity.organisation.id and entity.role:
        thing["affiliations"] = [{"organisation": entity.organisation.id, "role": entity.role[:200]}]
        if entity.inferred:
            look_at.append(
                f"that this is the {entity.role} of {entity.organisation.name} follows; it is not printed"
            )
    elif entity.kind == "person" and entity.role:
        look_at.append(f"{entity.role}: of which organisation?")
    spans = [
        {"name": each.text, "start": each.start, "end": each.end}
        for each in entity.names
        if each.start >= 0 and found.text[each.start : each.end] == each.text
    ]
    thing["draft"] = _note(look_at, names=spans)
    return thing


def _shows_what_it_is(found: _Read, party: Entity) -> bool:
    """Return whether a head noun, an acronym or a signatory shows that a party is an organisation."""
    place = found.signing.parties.index(party)
    return (
        place in found.signing.signatories
        or party.class_ is not None
        or any(
            name.kind == "abbreviation"
            or re.fullmatch(r"[A-Z][A-Z0-9&.-]+", name.text) is not None
            or any(is_head(word) for word in name.text.split())
            or names_ko.has_head(name.text)
            for name in party.names
        )
    )


def _initiative(found: _Read, each: Named) -> Thing:
    id = found.ids.make(slug(each.text.replace("Artificial Intelligence", "AI"), 60), "initiative")
    return {
        "id": id,
        "kind": each.kind,
        "name": each.text,
        "draft": _note([], names=[{"name": each.text, "start": each.start, "end": each.end}]),
    }


def _agreement(found: _Read, source: Thing) -> Thing:
    terms = found.terms
    names = [short(each) for each in found.signing.parties[:2]]
    year = _year(terms)
    base = "-".join([*names, *([year] if year else [])]) or slug(source["title"], 50)
    thing: Thing = {
        "id": found.ids.make(base, "agreement"),
        "title": (terms.title or source["title"])[:500],
        "kind": terms.kind,
        "lifecycle": terms.lifecycle,
    }
    spans: Thing = {}
    look_at = list(terms.look_at)
    if terms.purpose is not None:
        thing["purpose"] = _line(terms.purpose.text[:5000])
        spans["purpose"] = [terms.purpose.start, terms.purpose.end]
    if terms.signed is not None:
        thing["signed_on"] = terms.signed.edtf
        thing["signed_as_printed"] = _line(found.text[terms.signed.start : terms.signed.end])
        spans["signed_as_printed"] = [terms.signed.start, terms.signed.end]
    thing["signing_mode"] = terms.mode
    for key, said in (("signing_mode_reason", terms.mode_reason), ("signing_place", terms.place)):
        if said is not None and len(said.text) <= 300:
            thing[key] = _line(said.text)
            spans[key] = [said.start, said.end]
    thing["sources"] = [source["id"]]
    if found.signing.parties:
        thing["parties"] = [_signs(found, number, each) for number, each in enumerate(found.signing.parties)]
    if len(found.signing.parties) < 2:
        look_at.append("who signs is unclear: an agreement has two parties or more")
    left = not_taken(
        found.layout,
        found.mask,
        found.sentences_of,
        [(clause.start, clause.end) for clause in found.clauses]
        + [(quote.start, quote.end) for quote in found.indirect],
    )
    if left:
        look_at.append("`not_taken` lists marked items and promises that became no clause")
    thing["draft"] = _note(
        look_at,
        spans=spans,
        not_taken=[{"text": _line(found.text[start:end]), "start": start, "end": end} for start, end in left],
    )
    thing["defaults"] = {"source": source["id"], **({"lang": found.lang} if found.lang != "und" else {})}
    clauses = [_clause(found, number, each) for number, each in enumerate(found.clauses, 1)]
    quotes = _quotes(found)
    if clauses:
        thing["clauses"] = clauses
    if quotes:
        thing["quotes"] = quotes
    return thing


def _signs(found: _Read, number: int, party: Entity) -> Thing:
    thing: Thing = {"party": party.id, "role": "party"}
    signer = found.signing.signatories.get(number)
    if signer is None:
        known = [each.name for each in found.cast.persons if each.organisation is party and each.id]
        if known:
            thing["draft"] = _note([f"who signed for it? its people here: {', '.join(known[:5])}"])
    elif signer.id:
        thing["signed_by"] = signer.id
        if signer.role:
            thing["signed_as"] = signer.role[:200]
        if signer.inferred:
            thing["draft"] = _note(["who signs for it follows from the roles; it is not printed"])
    return thing


def _clause(found: _Read, number: int, each: Promise) -> Thing:
    thing: Thing = {"number": number, "kind": each.kind}
    if each.label:
        thing["label"] = each.label[:80]
    thing |= {"text": found.text[each.start : each.end], "start": each.start, "end": each.end}
    thing["draft"] = _note([each.look_at] if each.look_at else [])
    return thing


def _quotes(found: _Read) -> list[Thing]:
    things: list[Thing] = []
    for quotation, speaker in zip(found.quotes, found.speakers, strict=True):
        kind = "headline" if quotation.part.role == "headline" else "direct"
        look_at = [speaker.why] if speaker.why else []
        if not quotation.piece.closed:
            look_at.append("its closing mark is missing: where does it end?")
        things.append(_quote(found, len(things) + 1, kind, speaker, quotation.start, quotation.end, look_at))
    for each in found.indirect:
        speaker = Speaker(each.speaker, each.printed, True)
        things.append(
            _quote(
                found,
                len(things) + 1,
                "indirect",
                speaker,
                each.start,
                each.end,
                ["told in the article's words, not the speaker's"],
            )
        )
    return things


def _quote(
    found: _Read,
    number: int,
    kind: str,
    speaker: Speaker,
    start: int,
    end: int,
    look_at: list[str],
) -> Thing:
    thing: Thing = {"number": number, "kind": kind}
    if speaker.entity is not None and speaker.entity.id:
        thing["speaker"] = speaker.entity.id
        behalf = speaker.entity.organisation
        if behalf is not None and behalf.id:
            thing["on_behalf_of"] = behalf.id
    printed = speaker.printed
    if printed is not None and 0 < printed[1] - printed[0] <= 300:
        thing["speaker_as_printed"] = _line(found.text[printed[0] : printed[1]])
    thing |= {"text": found.text[start:end], "start": start, "end": end}
    thing["draft"] = _note(look_at)
    return thing


def _note(look_at: list[str], **more: Any) -> Thing:
    note: Thing = {"confidence": "low" if look_at else "high"}
    if look_at:
        note["look_at"] = list(dict.fromkeys(look_at))
    return note | {name: value for name, value in more.items() if value}


def _year(terms: Terms) -> str | None:
    said = terms.signed.edtf[:4] if terms.signed is not None else ""
    return said if said.isdecimal() else None


def _host(url: str) -> str:
    name = (urlsplit(url).hostname or "") if "//" in url else url
    parts = [
        part
        for part in name.split(".")
        if part
        not in (
            "www",
            "m",
            "news",
            "en",
            "co",
            "com",
            "kr",
            "org",
            "net",
            "go",
            "or",
            "ac",
            "gov",
            "govt",
            "nz",
            "sg",
            "br",
            "uk",
            "edu",
            "re",
            "invalid",
        )
    ]
    return slug(parts[0], 30) if parts else ""


def _once(entities: list[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for each in entities:
        if each not in kept:
            kept.append(each)
    return kept


def _line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _put(thing: Thing, behind: str, key: str, value: Any) -> None:
    """Put a key behind another, in the order in which people read a seed file."""
    later = {name: thing.pop(name) for name in list(thing)[list(thing).index(behind) + 1 :]}
    thing[key] = value
    thing.update(later)


def _after(thing: Thing, behind: str, more: Mapping[str, Any]) -> Thing:
    whole: Thing = {}
    for key, value in thing.items():
        whole[key] = value
        if key == behind:
            whole.update(more)
    return whole


_CONTROL = re.compile("[\x00-\x1f\x7f]")
