"""What is known of an article's publication, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker import dates
from tracker.errors import Fault

CONTROL = re.compile("[\x00-\x1f\x7f]")
"""What no field of one line holds."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What whoever asks for a draft says about the article, and the article itself does not."""

    url: str | None = None
    published: str | None = None
    publisher: str | None = None
    lang: str | None = None


def faults_of(publication: Publication) -> list[Fault]:
    """Return every fault of what is said about an article."""
    faults = []
    if publication.published is not None:
        try:
            dates.parse(publication.published)
        except dates.NotADate as wrong:
            faults.append(Fault("bad_date", str(wrong), pointer="/published"))
    if publication.url is not None and (
        re.fullmatch(r"https?://[^\s/?#]+\S*", publication.url) is None or len(publication.url) > 2000
    ):
        faults.append(
            Fault(
                "bad_url",
                "`url` is not an http or https address",
                "for example https://www.example.org/news/1",
                "/url",
            )
        )
    if (
        publication.lang is not None
        and re.fullmatch("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", publication.lang) is None
    ):
        faults.append(Fault("bad_lang", "`lang` is not a language tag", "for example ko, en or pt", "/lang"))
    if publication.publisher is not None and (
        not publication.publisher.strip()
        or len(publication.publisher) > 300
        or CONTROL.search(publication.publisher)
    ):
        faults.append(
            Fault("bad_publisher", "`publisher` has 1 to 300 characters on one line", pointer="/publisher")
        )
    return faults
