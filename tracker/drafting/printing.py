"""Who published and wrote an article: from bylines, imprints and the heads of pages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker import dates
from tracker.drafting.cast import Entity, Name
from tracker.drafting.html_text import Page
from tracker.drafting.layout import Layout, Printed
from tracker.drafting.names_ko import SURNAMES
from tracker.drafting.rules import rule


@dataclass(slots=True)
class Imprint:
    """What an article prints about itself."""

    kind: str = "news_article"
    sure: bool = False
    publisher: Entity | None = None
    author: Entity | None = None
    credit: Printed | None = None
    url: str | None = None
    host: str | None = None
    published: str | None = None


def imprint_of(layout: Layout, page: Page | None) -> Imprint:
    """Read bylines, copyright lines and a page's head."""
    imprint = Imprint()
    if layout.credits and len(layout.credits[0].text) <= 100:
        imprint.credit = layout.credits[0]
    for line in layout.bylines:
        _byline(imprint, line)
    for part in layout.of("noise"):
        printed = layout.text[part.start : min(part.end, part.start + 300)]
        match = _COPYRIGHT.search(printed)
        if match is not None and imprint.kind != "press_release":
            _publisher(imprint, match["name"].strip(" .,-"), part.start + match.start("name"))
            imprint.host = imprint.host or (match["host"] or "") or None
            break
    if _RELEASE.search(layout.text[:600] + layout.text[-600:]):
        imprint.kind, imprint.sure = "press_release", True
    elif imprint.author is not None or imprint.publisher is not None:
        imprint.sure = True
    if page is not None:
        _page(imprint, page)
    return imprint


def _byline(imprint: Imprint, line: Printed) -> None:
    release = _RELEASED_BY.match(line.text)
    if release is not None:
        imprint.kind, imprint.sure = "press_release", True
        _publisher(imprint, release["name"].strip(), line.start + release.start("name"))
        return
    match = _REPORTER.search(line.text) or _KOREAN_REPORTER.search(line.text) or _BY.match(line.text)
    if match is not None and imprint.author is None:
        name = match["name"].strip()
        at = line.start + line.text.find(name)
        imprint.author = Entity(
            "person",
            [Name(name, "name", at, at + len(name))],
            role="기자" if "기자" in line.text else "Reporter" if "Reporter" in line.text else None,
        )
    medium = _MEDIUM.match(line.text.strip()) or _KOREAN_MEDIUM.match(line.text.strip())
    if medium is not None:
        _publisher(imprint, medium["name"], line.start + max(0, line.text.find(medium["name"])))


def _publisher(imprint: Imprint, name: str, at: int) -> None:
    if not name or len(name) > 100 or not any(letter.isalpha() for letter in name):
        return
    if imprint.publisher is None:
        class_ = "media" if imprint.kind == "news_article" else None
        imprint.publisher = Entity("organisation", [Name(name, "name", at, at + len(name))], class_=class_)
    elif not imprint.publisher.has(name):
        kept = imprint.publisher.names
        new = Name(name, "name", at, at + len(name))
        longer = len(name) > len(kept[0].text)
        imprint.publisher.names = (
            [new, *[Name(name.text, "alias", name.start, name.end) for name in kept]]
            if longer
            else [*kept, Name(name, "alias", at, at + len(name))]
        )


def _page(imprint: Imprint, page: Page) -> None:
    address = page.meta.get("canonical") or page.meta.get("og:url")
    if address and re.fullmatch(r"https?://[^\s/?#]+\S*", address) and len(address) <= 2000:
        imprint.url = address
    day = re.match(
        r"\d{4}-\d{2}-\d{2}", page.meta.get("article:published_time", "") or page.meta.get("date", "")
    )
    if day is not None:
        try:
            imprint.published = dates.parse_day(day[0])
        except dates.NotADate:
            imprint.published = None
    site = page.meta.get("og:site_name")
    if site and imprint.publisher is None and len(site) <= 100:
        imprint.publisher = Entity("organisation", [Name(site, "name", -1, -1)], class_="media")


_COPYRIGHT = rule(
    r"(?:©|ⓒ|\(c\)|[Cc]opyright|저작권자)\s?(?:©|ⓒ|"
    r"\(c\))?\s?(?:\d{4}(?:[-–]\d{4})?,?\s?)?(?:by )?[(<]?(?P<name>(?:The "
    r")?[A-ZÀ-Þ가-힣][\w가-힣&’' -]{1,60}?)[)>]?(?:\s?\((?:https?://)?(?P<host>[\w.-]{4,60})\)|"
    r"[.,,]|\s(?:All rights|무단|\d{4})|$)",
    "names the publisher behind a copyright",
    "© 2022 Ridgeway Post. All rights",
)
_REPORTER = rule(
    r"\b(?:Reporter|Correspondent|Staff [Ww]riter)s?\s?:?\s(?P<name>[A-Z][\w’-]+(?: [A-Z][\w’-]+){1,3})",
    "names a reporter",
    "Reporter Park Seon-gang",
)
_KOREAN_REPORTER = rule(
    rf"(?P<name>[{SURNAMES}][가-힣]{{1,3}})\s?(?:인턴|선임|전문)?\s?(?:기자|특파원)",
    "names a Korean reporter",
    "도담=한결뉴스 이서윤 기자",
)
_BY = rule(
    r"\s?(?:By|BY|Written by|Por|Author\s?:)\s(?P<name>[A-ZÀ-Þ][\w.’'-]+(?: [A-ZÀ-Þ][\w.’'-]+){1,3})",
    "names the author",
    "By Ann Vale  September 12, 2022,",
)
_MEDIUM = rule(
    r"(?P<name>(?:The )?(?:[A-Z][\w’-]+ ){1,3}?(?:Economy|Times|Daily|News|Herald|Post|Press|"
    r"Journal|Today|Ilbo|Newspaper|Tribune|Gazette|Business|Agency))\b(?! Agency)",
    "names a newspaper in a byline",
    "Asia Economy Honam",
)
_KOREAN_MEDIUM = rule(
    r"(?:\(?[가-힣·]{2,12}=)?(?P<name>[가-힣A-Za-z]{2,15}(?:일보|신문|뉴스|경제|방송|타임즈|"
    r"타임스|투데이|미디어|저널|매일|데일리|통신))",
    "names a Korean newspaper in a byline",
    "새벽일보",
)
_RELEASE = rule(
    r"보도자료|\b(?:PRESS|MEDIA|NEWS) RELEASE\b|\b(?:Press|Media|News) [Rr]elease\b|"
    r"IMMEDIATE RELEASE|Media [Cc]ontact",
    "makes an article a press release",
    "보도자료",
)
_RELEASED_BY = rule(
    r"\s?(?:Press|News|Media) Release\s?:\s?(?P<name>\S.{1,100})$",
    "names who released it",
    "Press Release: Haeon City",
    re.IGNORECASE,
)
