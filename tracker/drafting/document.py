"""From an article to a draft: a seed document whose every string stands at its span, with what to look at."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tracker.drafting import names_ko
from tracker.drafting.agreement import Terms
from tracker.drafting.attribution import Speaker
from tracker.drafting.cast import Entity, Name, folded, unique
from tracker.drafting.clauses import Promise
from tracker.drafting.findings import Reading, read_article
from tracker.drafting.ids import party_slug, short
from tracker.drafting.initiatives import Named
from tracker.drafting.not_taken import not_taken
from tracker.drafting.publication import CONTROL, Publication, faults_of
from tracker.drafting.reading import Article
from tracker.drafting.runs_en import is_head
from tracker.drafting.wordlists import word_set
from tracker.errors import Invalid
from tracker.romanisation import slug

Entry = dict[str, Any]


def draft(article: Article, publication: Publication | None = None) -> Entry:
    """Draft a seed document from an article; raises Invalid where what is given about it is at fault.

    Nothing is guessed: what the text does not say is absent, and what is not certain carries `draft`
    with `confidence: low` and `look_at`. The same input gives the same document.
    """
    publication = publication or Publication()
    faults = faults_of(publication)
    if faults:
        raise Invalid(faults)
    reading = read_article(article, publication)
    source = _source(reading, publication)
    parties = _parties(reading, source, publication)
    agreement = _agreement(reading, source)
    document: Entry = {"tracker": 1, "draft": _about(reading)}
    document["sources"] = [source]
    document["parties"] = parties
    if reading.initiatives:
        document["initiatives"] = [_initiative(reading, initiative) for initiative in reading.initiatives]
        agreement_initiatives = [initiative["id"] for initiative in document["initiatives"]]
        agreement = _after(agreement, "sources", {"initiatives": agreement_initiatives})
    document["agreements"] = [agreement]
    return document


def _about(reading: Reading) -> Entry:
    look_at = []
    if reading.layout.read is not None:
        look_at.append(
            f"the text is longer than an article: from character {reading.layout.read:,} on it was not read"
        )
    if len(reading.signing.parties) < 2:
        look_at.append("fewer than two parties were found: who signs?")
    if not reading.clauses:
        look_at.append("no clause was found: what was promised?")
    if reading.lang.split("-")[0] not in ("en", "ko"):
        look_at.append(
            "names, prose and dates are read in English and Korean; of this language quotations and "
            "marked lists only are reliable"
        )
    return _remarks(look_at)


def _source(reading: Reading, publication: Publication) -> Entry:
    text = reading.text
    title = reading.layout.of("headline") or reading.layout.of("body") or reading.layout.paragraphs
    words = _line(text[title[0].start : title[0].end]) if title else _line(text)
    url = publication.url or reading.imprint.url
    entry: Entry = {"id": "", "kind": reading.imprint.kind, "title": words[:500].strip()}
    if reading.imprint.credit is not None:
        entry["photo_credit"] = reading.imprint.credit.text
    if reading.lang != "und":
        entry["lang"] = reading.lang
    if url:
        entry["url"] = url
    if reading.published:
        entry["published"] = reading.published
    entry["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    entry["char_count"] = len(text)
    if reading.article.page is not None:
        entry["text"] = text
    look_at = [] if reading.imprint.sure else ["what sort of text it is"]
    if not reading.published:
        look_at.append("the day of publication is not printed")
    entry["draft"] = _remarks(look_at)
    return entry


def _parties(reading: Reading, source: Entry, publication: Publication) -> list[Entry]:
    """Return all that the draft refers to: who signs, speaks, wrote and published, and where they work."""
    publisher = _publisher(reading, publication)
    author = reading.imprint.author
    people = [*reading.signing.signatories.values()]
    people += [
        speaker.entity
        for speaker in reading.speakers
        if speaker.entity is not None and speaker.entity.kind == "person"
    ]
    people += [
        person
        for person in reading.cast.persons
        if person.organisation in reading.signing.parties and person.role
    ]
    speaking = [
        speaker.entity
        for speaker in reading.speakers
        if speaker.entity is not None and speaker.entity.kind == "organisation"
    ]
    organisations = [*reading.signing.parties, *speaking, *[quote.speaker for quote in reading.indirect]]
    organisations += [person.organisation for person in people if person.organisation is not None]
    if publisher is not None:
        organisations.append(publisher)
    entities = [*unique(organisations), *unique(people)]
    if author is not None:
        entities.append(author)
        author.organisation = author.organisation or publisher
    for entity in entities:
        entity.id = reading.ids.make(
            party_slug(entity), "party" if entity.kind == "organisation" else "person"
        )
    names = [short(party) for party in reading.signing.parties[:2]] or [
        slug(source["title"], 40) or "agreement"
    ]
    host = _host(source.get("url") or reading.imprint.host or "")
    source["id"] = reading.ids.make("-".join([host, *names] if host else [*names, "article"]), "article")
    if publisher is not None:
        _put(source, "title", "publisher", publisher.id)
    if author is not None:
        _put(source, "publisher" if publisher is not None else "title", "author", author.id)
    return [_party(reading, entity) for entity in entities]


def _publisher(reading: Reading, publication: Publication) -> Entity | None:
    if publication.publisher is not None:
        name = publication.publisher.strip()
        printed = reading.imprint.publisher
        if printed is not None and any(folded(other.text) == folded(name) for other in printed.names):
            return printed
        same = reading.cast.named(name, "organisation")
        return same or Entity("organisation", [Name(name, "name", -1, -1)], class_="media")
    publisher = reading.imprint.publisher
    if publisher is None:
        return None
    return next(
        (
            organisation
            for organisation in reading.cast.organisations
            if {folded(name.text) for name in organisation.names}
            & {folded(name.text) for name in publisher.names}
        ),
        publisher,
    )


def _party(reading: Reading, entity: Entity) -> Entry:
    entry: Entry = {"id": entity.id, "kind": entity.kind}
    if entity.class_ is not None and entity.kind == "organisation":
        entry["class"] = entity.class_
    entry["name"] = entity.name
    if entity.founded:
        entry["founded"] = entity.founded
    names = [_name(reading, name) for name in entity.names[1:] if len(name.text) <= 300]
    if names:
        entry["names"] = names
    look_at = []
    if entity in reading.signing.parties and not _shows_what_it_is(reading, entity):
        look_at.append(
            "no word of its name, no abbreviation and no signatory shows what it is: is it a party?"
        )
    if entity.kind == "person" and entity.organisation is not None and entity.organisation.id and entity.role:
        entry["affiliations"] = [{"organisation": entity.organisation.id, "role": entity.role[:200]}]
        if entity.inferred:
            look_at.append(
                f"that this is the {entity.role} of {entity.organisation.name} follows; it is not printed"
            )
    elif entity.kind == "person" and entity.role:
        look_at.append(f"{entity.role}: of which organisation?")
    spans = [
        {"name": name.text, "start": name.start, "end": name.end}
        for name in entity.names
        if name.start >= 0 and reading.text[name.start : name.end] == name.text
    ]
    entry["draft"] = _remarks(look_at, names=spans)
    return entry


def _name(reading: Reading, name: Name) -> Entry:
    korean = re.search("[가-힣]", name.text) is not None
    lang = "ko" if korean else reading.lang.split("-")[0]
    entry: Entry = {"name": name.text, "kind": name.kind}
    if name.kind != "romanisation" and (korean or lang not in ("ko", "und")):
        entry["lang"] = lang
    if name.valid_from:
        entry["valid_from"] = name.valid_from
    return entry


def _shows_what_it_is(reading: Reading, party: Entity) -> bool:
    """Return whether a head noun, an acronym or a signatory shows that a party is an organisation."""
    number = reading.signing.parties.index(party)
    return (
        number in reading.signing.signatories
        or party.class_ is not None
        or any(
            name.kind == "abbreviation"
            or re.fullmatch(r"[A-Z][A-Z0-9&.-]+", name.text) is not None
            or any(is_head(word) for word in name.text.split())
            or names_ko.has_head(name.text)
            for name in party.names
        )
    )


def _initiative(reading: Reading, named: Named) -> Entry:
    id = reading.ids.make(slug(named.text.replace("Artificial Intelligence", "AI"), 60), "initiative")
    return {
        "id": id,
        "kind": named.kind,
        "name": named.text,
        "draft": _remarks([], names=[{"name": named.text, "start": named.start, "end": named.end}]),
    }


def _agreement(reading: Reading, source: Entry) -> Entry:
    terms = reading.terms
    names = [short(party) for party in reading.signing.parties[:2]]
    year = _year(terms)
    base = "-".join([*names, *([year] if year else [])]) or slug(source["title"], 50)
    entry: Entry = {
        "id": reading.ids.make(base, "agreement"),
        "title": (terms.title or source["title"])[:500],
        "kind": terms.kind,
        "lifecycle": terms.lifecycle,
    }
    look_at = list(terms.look_at)
    spans = _put_terms(entry, reading)
    entry["sources"] = [source["id"]]
    if reading.signing.parties:
        entry["parties"] = [
            _signs(reading, number, party) for number, party in enumerate(reading.signing.parties)
        ]
    if len(reading.signing.parties) < 2:
        look_at.append("who signs is unclear: an agreement has two parties or more")
    left = not_taken(
        reading.layout,
        reading.mask,
        reading.sentences_of,
        [(clause.start, clause.end) for clause in reading.clauses]
        + [(quote.start, quote.end) for quote in reading.indirect],
    )
    if left:
        look_at.append("`not_taken` lists marked items and promises that became no clause")
    entry["draft"] = _remarks(
        look_at,
        spans=spans,
        not_taken=[
            {"text": _line(reading.text[start:end]), "start": start, "end": end} for start, end in left
        ],
    )
    entry["defaults"] = {"source": source["id"], **({"lang": reading.lang} if reading.lang != "und" else {})}
    clauses = [_clause(reading, number, promise) for number, promise in enumerate(reading.clauses, 1)]
    quotes = _quotes(reading)
    if clauses:
        entry["clauses"] = clauses
    if quotes:
        entry["quotes"] = quotes
    return entry


def _put_terms(entry: Entry, reading: Reading) -> dict[str, list[int]]:
    """Put what is printed of the signing into an agreement's entry; return where it stands, by field."""
    terms, spans = reading.terms, {}
    if terms.purpose is not None:
        entry["purpose"] = _line(terms.purpose.text[:5000])
        spans["purpose"] = [terms.purpose.start, terms.purpose.end]
    if terms.signed is not None:
        entry["signed_on"] = terms.signed.edtf
        entry["signed_as_printed"] = _line(reading.text[terms.signed.start : terms.signed.end])
        spans["signed_as_printed"] = [terms.signed.start, terms.signed.end]
    entry["signing_mode"] = terms.mode
    for key, words in (("signing_mode_reason", terms.mode_reason), ("signing_place", terms.place)):
        if words is not None and len(words.text) <= 300:
            entry[key] = _line(words.text)
            spans[key] = [words.start, words.end]
    return spans


def _signs(reading: Reading, number: int, party: Entity) -> Entry:
    entry: Entry = {"party": party.id, "role": "party"}
    signer = reading.signing.signatories.get(number)
    if signer is None:
        people = [
            person.name for person in reading.cast.persons if person.organisation is party and person.id
        ]
        if people:
            entry["draft"] = _remarks([f"who signed for it? its people here: {', '.join(people[:5])}"])
    elif signer.id:
        entry["signed_by"] = signer.id
        if signer.role:
            entry["signed_as"] = signer.role[:200]
        if signer.inferred:
            entry["draft"] = _remarks(["who signs for it follows from the roles; it is not printed"])
    return entry


def _clause(reading: Reading, number: int, promise: Promise) -> Entry:
    entry: Entry = {"number": number, "kind": promise.kind}
    if promise.label:
        entry["label"] = promise.label[:80]
    entry |= {"text": reading.text[promise.start : promise.end], "start": promise.start, "end": promise.end}
    entry["draft"] = _remarks([promise.look_at] if promise.look_at else [])
    return entry


def _quotes(reading: Reading) -> list[Entry]:
    entries: list[Entry] = []
    for quotation, speaker in zip(reading.quotes, reading.speakers, strict=True):
        kind = "headline" if quotation.part.role == "headline" else "direct"
        look_at = [speaker.why] if speaker.why else []
        if not quotation.piece.closed:
            look_at.append("its closing mark is missing: where does it end?")
        entries.append(
            _quote(reading, len(entries) + 1, kind, speaker, quotation.start, quotation.end, look_at)
        )
    for quote in reading.indirect:
        speaker = Speaker(quote.speaker, quote.printed, True)
        entries.append(
            _quote(
                reading,
                len(entries) + 1,
                "indirect",
                speaker,
                quote.start,
                quote.end,
                ["told in the article's words, not the speaker's"],
            )
        )
    return entries


def _quote(
    reading: Reading,
    number: int,
    kind: str,
    speaker: Speaker,
    start: int,
    end: int,
    look_at: list[str],
) -> Entry:
    entry: Entry = {"number": number, "kind": kind}
    if speaker.entity is not None and speaker.entity.id:
        entry["speaker"] = speaker.entity.id
        behalf = speaker.entity.organisation
        if behalf is not None and behalf.id:
            entry["on_behalf_of"] = behalf.id
    printed = speaker.printed
    if printed is not None and 0 < printed[1] - printed[0] <= 300:
        entry["speaker_as_printed"] = _line(reading.text[printed[0] : printed[1]])
    entry |= {"text": reading.text[start:end], "start": start, "end": end}
    entry["draft"] = _remarks(look_at)
    return entry


def _remarks(look_at: list[str], **more: Any) -> Entry:
    remarks: Entry = {"confidence": "low" if look_at else "high"}
    if look_at:
        remarks["look_at"] = list(dict.fromkeys(look_at))
    return remarks | {name: value for name, value in more.items() if value}


def _year(terms: Terms) -> str | None:
    year = terms.signed.edtf[:4] if terms.signed is not None else ""
    return year if year.isdecimal() else None


def _host(url: str) -> str:
    name = (urlsplit(url).hostname or "") if "//" in url else url
    parts = [part for part in name.split(".") if part not in _HOST_PARTS]
    return slug(parts[0], 30) if parts else ""


def _line(text: str) -> str:
    return " ".join(CONTROL.sub(" ", text).split())


def _put(entry: Entry, behind: str, key: str, value: Any) -> None:
    """Put a key behind another, in the order in which people read a seed file."""
    later = {name: entry.pop(name) for name in list(entry)[list(entry).index(behind) + 1 :]}
    entry[key] = value
    entry.update(later)


def _after(entry: Entry, behind: str, more: Mapping[str, Any]) -> Entry:
    ordered: Entry = {}
    for key, value in entry.items():
        ordered[key] = value
        if key == behind:
            ordered.update(more)
    return ordered


_HOST_PARTS = word_set("host_parts")
