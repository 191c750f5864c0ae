"""Who published an article, who wrote it, whose its photographs are: from bylines, imprints and page heads."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker import dates
from tracker.drafting.cast import Entity, Name
from tracker.drafting.html_text import Page
from tracker.drafting.layout import Found, Layout
from tracker.drafting.names_ko import SURNAMES


@dataclass(slots=True)
class Imprint:
    """What an article prints about itself."""

    kind: str = "news_article"
    sure: bool = False
    publisher: Entity | None = None
    author: Entity | None = None
    credit: Found | None = None
    url: str | None = None
    host: str | None = None
    published: str | None = None


def imprint_of(layout: Layout, page: Page | None) -> Imprint:
    """Read bylines, copyright lines and a page's head."""
    found = Imprint()
    if layout.credits and len(layout.credits[0].text) <= 100:
        found.credit = layout.credits[0]
    for line in layout.bylines:
        _byline(found, line)
    for part in layout.of("noise"):
        printed = layout.text[part.start : min(part.end, part.start + 300)]
        match = _COPYRIGHT.search(printed)
        if match is not None and found.kind != "press_release":
            _publisher(found, match["name"].strip(" .,-"), part.start + match.start("name"))
            found.host = found.host or (match["host"] or "") or None
            break
    if re.search(
        r"보도자료|\b(?:PRESS|MEDIA|NEWS) RELEASE\b|\b(?:Press|Media|News) [Rr]elease\b|IMMEDIATE RELEASE|Media [Cc]ontact",
        layout.text[:600] + layout.text[-600:],
    ):
        found.kind, found.sure = "press_release", True
    elif found.author is not None or found.publisher is not None:
        found.sure = True
    if page is not None:
        _page(found, page)
    return found


def _byline(found: Imprint, line: Found) -> None:
    release = re.match(
        r"\s?(?:Press|News|Media) Release\s?:\s?(?P<name>\S.{1,100})$", line.text, re.IGNORECASE
    )
    if release is not None:
        found.kind, found.sure = "press_release", True
        _publisher(found, release["name"].strip(), line.start + release.start("name"))
        return
    match = _REPORTER.search(line.text) or _KOREAN_REPORTER.search(line.text) or _BY.match(line.text)
    if match is not None and found.author is None:
        name = match["name"].strip()
        at = line.start + line.text.find(name)
        found.author = Entity(
            "person",
            [Name(name, "name", at, at + len(name))],
            role="기자" if "기자" in line.text else "Reporter" if "Reporter" in line.text else None,
        )
    medium = _MEDIUM.match(line.text.strip()) or _KOREAN_MEDIUM.match(line.text.strip())
    if medium is not None:
        _publisher(found, medium["name"], line.start + max(0, line.text.find(medium["name"])))


def _publisher(found: Imprint, name: str, at: int) -> None:
    if not name or len(name) > 100 or not any(letter.isalpha() for letter in name):
        return
    if found.publisher is None:
        class_ = "media" if found.kind == "news_article" else None
        found.publisher = Entity("organisation", [Name(name, "name", at, at + len(name))], class_=class_)
    elif not found.publisher.has(name):
        kept = found.publisher.names
        new = Name(name, "name", at, at + len(name))
        longer = len(name) > len(kept[0].text)
        found.publisher.names = (
            [new, *[Name(each.text, "alias", each.start, each.end) for each in kept]]
            if longer
            else [*kept, Name(name, "alias", at, at + len(name))]
        )


def _page(found: Imprint, page: Page) -> None:
    address = page.meta.get("canonical") or page.meta.get("og:url")
    if address and re.fullmatch(r"https?://[^\s/?#]+\S*", address) and len(address) <= 2000:
        found.url = address
    day = re.match(
        r"\d{4}-\d{2}-\d{2}", page.meta.get("article:published_time", "") or page.meta.get("date", "")
    )
    if day is not None:
        try:
            found.published = dates.parse_day(day[0])
        except dates.NotADate:
            found.published = None
    site = page.meta.get("og:site_name")
    if site and found.publisher is None and len(site) <= 100:
        found.publisher = Entity("organisation", [Name(site, "name", -1, -1)], class_="media")


_COPYRIGHT = re.compile(
    r"(?:©|ⓒ|\(c\)|[Cc]opyright|저작권자)\s?(?:©|ⓒ|\(c\))?\s?(?:\d{4}(?:[-–]\d{4})?,?\s?)?(?:by )?[(<]?(?P<name>(?:The )?[A-ZÀ-Þ가-힣][\w가-힣&’' -]{1,60}?)[)>]?(?:\s?\((?:https?://)?(?P<host>[\w.-]{4,60})\)|[.,,]|\s(?:All rights|무단|\d{4})|$)"
)
_REPORTER = re.compile(
    r"\b(?:Reporter|Correspondent|Staff [Ww]riter)s?\s?:?\s(?P<name>[A-Z][\w’-]+(?: [A-Z][\w’-]+){1,3})"
)
_KOREAN_REPORTER = re.compile(
    rf"(?P<name>[{SURNAMES}][가-힣]{{1,3}})\s?(?:인턴|선임|전문)?\s?(?:기자|특파원)"
)
_BY = re.compile(
    r"\s?(?:By|BY|Written by|Por|Author\s?:)\s(?P<name>[A-ZÀ-Þ][\w.’'-]+(?: [A-ZÀ-Þ][\w.’'-]+){1,3})"
)
_MEDIUM = re.compile(
    r"(?P<name>(?:The )?(?:[A-Z][\w’-]+ ){1,3}?(?:Economy|Times|Daily|News|Herald|Post|Press|Journal|Today|Ilbo|Newspaper|Tribune|Gazette|Business|Agency))\b(?! Agency)"
)
_KOREAN_MEDIUM = re.compile(
    r"(?:\(?[가-힣·]{2,12}=)?(?P<name>[가-힣A-Za-z]{2,15}(?:일보|신문|뉴스|경제|방송|타임즈|타임스|투데이|미디어|저널|매일|데일리|통신))"
)
