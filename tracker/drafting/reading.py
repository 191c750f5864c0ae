"""An article as bytes or text → the text in which spans count: decoded, NFC, LF, without markup."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tracker import text as texts
from tracker.drafting.html_text import Page, is_html, page_of
from tracker.errors import Fault, Invalid

LONGEST = 5_000_000
"""The most code points that a source's text may have."""


@dataclass(frozen=True, slots=True)
class Article:
    """A text to draft from; ``page`` is what an HTML page says about itself."""

    text: str
    page: Page | None = field(default=None)


def read_bytes(raw: bytes, *, html: bool | None = None) -> Article:
    """Read an article in UTF-8 or CP949, plain or HTML (found out unless said); raises Invalid."""
    return read_text(decoded(raw), html=html)


def read_text(text: str, *, html: bool | None = None) -> Article:
    """Read an article that is text already, plain or HTML (found out unless said); raises Invalid."""
    _check(text)
    page = page_of(text) if (is_html(text) if html is None else html) else None
    plain = normalised(text if page is None else page.text)
    if not plain.strip():
        raise _refused("empty", "the article has no text", "give the text of an article, or its HTML page")
    if len(plain) > LONGEST:
        raise _refused("too_long", f"the article has {len(plain):,} characters; at most {LONGEST:,} are read")
    return Article(plain, page)


def normalised(text: str) -> str:
    """Return a text as spans refer to it: without a byte order mark, lines ended by LF, in NFC; raises Invalid."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    try:
        return texts.normalised(lines)
    except texts.UnfitText as error:
        raise _refused("marks", f"the article {error}", error.hint) from None


def decoded(raw: bytes) -> str:
    """Decode UTF-8, or else CP949 where that gives Korean; raises Invalid for anything else."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _refused("bad_encoding", "the article is in UTF-16", "save it as UTF-8")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start
    try:
        text = raw.decode("cp949")
    except UnicodeDecodeError:
        text = ""
    foreign = [letter for letter in text if letter > "\x7f"]
    korean = sum("가" <= letter <= "힣" for letter in foreign)
    if korean * 2 > len(foreign):
        return text
    raise _refused(
        "bad_encoding", f"the article is neither UTF-8 (byte {at:,}) nor Korean CP949", "save it as UTF-8"
    )


def _check(text: str) -> None:
    if "\x00" in text:
        raise _refused("not_text", "the article holds NUL characters: it is no text", "give its text or HTML")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise _refused("bad_text", "the article holds half a surrogate pair", "give it as UTF-8")
    if "\ufffd" in text:
        line = text.count("\n", 0, text.index("\ufffd")) + 1
        detail = f"the article holds replacement characters (the first in line {line:,}): letters are lost"
        raise _refused("mojibake", detail, "read it again in the encoding that it was written in")
    if _misread(text):
        raise _refused(
            "mojibake",
            "the article was read in the wrong encoding before it came here",
            "read it again in the encoding that it was written in, and save it as UTF-8",
        )


def _misread(text: str) -> bool:
    """Return whether the text is UTF-8 taken for Windows-1252 or CP949, or CP949 taken for Latin-1."""
    hits = 0
    for run in _WESTERN.findall(text)[:2000]:
        hits += _western(run)
        if hits >= 2:
            return True
    latin = sum("\xa1" <= letter <= "\xff" for letter in text[:20_000])
    if latin > 20 and latin * 2 > sum(letter.isalpha() or letter > "\x7f" for letter in text[:20_000]):
        korean = text[:20_000].encode("latin-1", "ignore").decode("cp949", "ignore")
        if sum("가" <= letter <= "힣" for letter in korean) * 3 > latin:
            return True
    return sum(_eastern(run) for run in _EASTERN.findall(text)[:200]) >= 2


_WESTERN = re.compile(
    "[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc–—‘’‚“”„†‡•…‰‹›€™]{2,40}"
)
_EASTERN = re.compile("[一-鿿豈-﫿가-힣]{4,40}")


def _western(run: str) -> int:
    """How many letters of a run were UTF-8 before someone read it as Windows-1252."""
    raw = b""
    for letter in run:
        try:
            raw += letter.encode("cp1252")
        except UnicodeEncodeError:
            raw += letter.encode("latin-1", "ignore")
    pattern = "[\u00a0-\u00ff\u2010-\u2044가-힣一-鿿]"
    hits = re.findall(pattern, raw.decode("utf-8", "ignore"))
    return sum(2 if letter > "\u0800" else 1 for letter in hits)


def _eastern(run: str) -> bool:
    try:
        return any("가" <= letter <= "힣" for letter in run.encode("cp949").decode("utf-8"))
    except UnicodeError:
        return False


def _refused(code: str, detail: str, hint: str | None = None) -> Invalid:
    return Invalid([Fault(code, detail, hint)])
