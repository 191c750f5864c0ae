"""All that is read out of an article, before it becomes a seed document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tracker.drafting import names_en, names_ko
from tracker.drafting.agreement import Terms, terms_of
from tracker.drafting.attribution import Attribution, Speaker
from tracker.drafting.cast import Cast
from tracker.drafting.clauses import Promise, marked_clauses
from tracker.drafting.dating import printed_day
from tracker.drafting.ids import Ids
from tracker.drafting.indirect import Indirect, indirect_quotes
from tracker.drafting.initiatives import Named, initiatives_of
from tracker.drafting.language import language_of
from tracker.drafting.layout import Layout, Paragraph, layout_of
from tracker.drafting.parties import Signing, signing_of
from tracker.drafting.printing import Imprint, imprint_of
from tracker.drafting.prose import prose_clauses, purpose_clause
from tracker.drafting.publication import Publication
from tracker.drafting.quotations import Quotation, quotations
from tracker.drafting.reading import Article


@dataclass(slots=True)
class Reading:
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


def read_article(article: Article, publication: Publication) -> Reading:
    """Return what an article says, with what is given about its publication."""
    text = article.text
    detected = language_of(text)
    lang = publication.lang or detected or (article.page.lang if article.page else None) or "und"
    korean = detected == "ko"
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
    published = publication.published or imprint.published or (printed.edtf if printed else None)
    terms = terms_of(layout, attribution.mask, attribution.sentences_of, published)
    listed = marked_clauses(layout, attribution.mask, attribution.sentences_of)
    prose = prose_clauses(layout, attribution.mask, attribution.sentences_of, cast, signing.parties, listed)
    clauses = sorted([*listed, *prose], key=lambda each: each.start)
    if len(clauses) <= 1 and not korean:
        clauses = sorted([*clauses, *purpose_clause(terms.purpose, clauses)], key=lambda each: each.start)
    indirect = indirect_quotes(
        layout, attribution.mask, attribution.sentences_of, cast, signing.parties, clauses
    )
    initiatives = initiatives_of(layout, attribution.mask, signing.parties)
    return Reading(
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
