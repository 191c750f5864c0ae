"""The text of an HTML page: blocks become lines, list items get their marks, menus and scripts go.

A reader of its own, because it has to take any input in linear time: Python's parser is quadratic on
unclosed tags, and the pages of newspapers are not well-formed.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from tracker.drafting.wordlists import word_set


@dataclass(slots=True)
class Page:
    """What a page shows, and what it says about itself in its head."""

    text: str = ""
    title: str | None = None
    lang: str | None = None
    meta: dict[str, str] = field(default_factory=dict)


def is_html(text: str) -> bool:
    """Return whether a text is an HTML page, or a part of one."""
    return _BEGINNING.match(text) is not None or len(_TELLING.findall(text[:50_000])) >= 3


def page_of(text: str) -> Page:
    """Return the text of a page; nothing in a page is an error."""
    reader = _Reader()
    at = 0
    while True:
        tag = text.find("<", at)
        if tag < 0:
            reader.words(text[at:])
            break
        reader.words(text[at:tag])
        at = _past(text, tag, reader)
    reader.page.text = _tidied("".join(reader.pieces))
    return reader.page


def _past(text: str, tag: int, reader: _Reader) -> int:
    """Take the markup that begins here, and return where it ends."""
    if text.startswith("<!--", tag):
        end = text.find("-->", tag)
        return len(text) if end < 0 else end + 3
    if text.startswith(("<!", "<?"), tag):
        end = text.find(">", tag, tag + _LONGEST_TAG)
        return tag + 2 if end < 0 else end + 1
    name = _NAME.match(text, tag)
    end = _end(text, tag) if name else -1
    if name is None or end < 0:
        reader.words("<")
        return tag + 1
    closing, word = name[1] == "/", name[2].lower()
    if not closing and word in _RAW:
        if word == "title":
            stop = text.find("</", end)
            stop = len(text) if stop < 0 else stop
            reader.page.title = reader.page.title or _line(text[end:stop])
            return stop
        return _raw_end(text, word, end)
    reader.tag(word, text[name.end() : end - 1], closing=closing)
    return end


def _end(text: str, tag: int) -> int:
    """Return where a tag ends; a `>` inside a quoted attribute does not end it."""
    at = tag
    for _ in range(4):
        at = text.find(">", at + 1, tag + _LONGEST_TAG)
        if at < 0:
            return -1
        inside = text[tag:at]
        if inside.count('"') % 2 == 0:
            return at + 1
    return text.find(">", tag) + 1


def _raw_end(text: str, word: str, at: int) -> int:
    """Return where an element ends whose content is no markup: at its closing tag."""
    while True:
        stop = text.find("</", at)
        if stop < 0:
            return len(text)
        if text[stop + 2 : stop + 2 + len(word)].lower() == word:
            end = text.find(">", stop)
            return len(text) if end < 0 else end + 1
        at = stop + 2


class _Reader:
    """Collects the words of a page outside what is left out."""

    def __init__(self) -> None:
        self.page = Page()
        self.pieces: list[str] = []
        self.skipped: list[str] = []
        self.lists: list[int | None] = []

    def words(self, words: str) -> None:
        if words and not self.skipped:
            self.pieces.append(_SPACE.sub(" ", html.unescape(words).replace("\r", " ")))

    def tag(self, word: str, attributes: str, *, closing: bool) -> None:
        if word in ("html", "meta", "link"):
            self._about(word, attributes)
            return
        if self._leaves_out(word, attributes, closing=closing):
            return
        if word in ("ul", "ol"):
            if not closing:
                self.lists.append(0 if word == "ol" else None)
            elif self.lists:
                self.lists.pop()
        if word in _BLOCKS:
            self.pieces.append("\n" if word in _TIGHT else "\n\n")
        if word == "li" and not closing and not self.skipped:
            self.pieces.append(self._mark())
        elif word == "q" and not self.skipped:
            self.pieces.append("”" if closing else "“")
        elif word in ("td", "th") and not self.skipped:
            self.pieces.append(" ")

    def _mark(self) -> str:
        if not self.lists or self.lists[-1] is None:
            return "• "
        self.lists[-1] += 1
        return f"{self.lists[-1]}. "

    def _leaves_out(self, word: str, attributes: str, *, closing: bool) -> bool:
        """Return whether an element is left out: it holds no part of the article, nor does what is in it."""
        if self.skipped:
            if word == self.skipped[-1]:
                if closing:
                    self.skipped.pop()
                elif word not in _EMPTY:
                    self.skipped.append(word)
            return True
        if closing or word in _EMPTY:
            return False
        if word in _LEFT_OUT or (word in _HOLDERS and _NOT_SHOWN.search(attributes[:2000])):
            self.pieces.append("\n\n")
            self.skipped.append(word)
            return True
        return False

    def _about(self, word: str, attributes: str) -> None:
        values = {
            key.lower(): html.unescape(a or b or c) for key, a, b, c in _ATTRIBUTE.findall(attributes[:4000])
        }
        if word == "html" and values.get("lang"):
            self.page.lang = self.page.lang or values["lang"][:35]
        elif word == "meta" and values.get("content"):
            name = (values.get("property") or values.get("name") or "").lower()
            if name:
                self.page.meta.setdefault(name, _line(values["content"]))
        elif word == "link" and values.get("rel", "").lower() == "canonical" and values.get("href"):
            self.page.meta.setdefault("canonical", values["href"].strip())


def _tidied(text: str) -> str:
    lines = (line.strip(" \t") for line in text.split("\n"))
    return _BLANK.sub("\n\n", "\n".join(lines)).strip("\n") + "\n"


def _line(text: str) -> str:
    return " ".join(html.unescape(text).split())


_LONGEST_TAG = 4_000
_BEGINNING = re.compile(r"\ufeff?\s{0,200}(?:<!doctype html|<html|<head|<body|<\?xml)", re.IGNORECASE)
_TELLING = re.compile(r"<(?:/p|/div|/li|/h[1-6]|br ?/?|/article|/span|/a)>", re.IGNORECASE)
_NAME = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,20})")
_ATTRIBUTE = re.compile(r"""([A-Za-z:_-]{1,40})\s?=\s?(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_SPACE = re.compile(r"[ \t\n\f]+")
_BLANK = re.compile(r"\n{3,}")
_RAW = {"script", "style", "textarea", "title", "noscript", "template", "iframe"}
_LEFT_OUT = word_set("html_left_out")
_HOLDERS = {"div", "section", "ul", "ol", "p", "span", "a", "header", "table", "dl"}
_NOT_SHOWN = re.compile(
    r"\bhidden\b|display:\s?none|aria-hidden=.?true|"
    r"(?:class|id|role)\s?=\s?[\"']?[^\"'>]{0,200}?\b(?:nav(?:igation|bar)?|menu|breadcrumbs?|"
    r"related|recommend(?:ed)?|"
    r"share|sharing|social|sns|cookie|banner|advert(?:isement)?|ads?|promo|newsletter|subscribe|copyright|"
    r"footer|sidebar|comments?|reply|popular|ranking|hot-?news|tags?|caption|skip)\b",
    re.IGNORECASE,
)
_EMPTY = {"br", "img", "hr", "input", "source", "wbr", "area", "base", "col", "embed", "track"}
_TIGHT = {"br", "li", "tr", "dt", "dd"}
_BLOCKS = _TIGHT | word_set("html_blocks")
