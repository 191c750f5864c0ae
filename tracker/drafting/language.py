"""The language of a text: by its letters, then by its small words."""

from __future__ import annotations

import re
from collections import Counter

from tracker.drafting.wordlists import entries

_SMALL = {lang: entries(f"small_{lang}") for lang in ("en", "pt", "es", "fr", "de", "id")}


def language_of(text: str) -> str | None:
    """Return the language as a BCP 47 tag, by letters (ko, ja, zh) or small words; None where nothing tells."""
    sample = text[:6_000]
    letters = sum(letter.isalpha() for letter in sample)
    if not letters:
        return None
    if sum("가" <= letter <= "힣" for letter in sample) * 5 > letters:
        return "ko"
    if sum("぀" <= letter <= "ヿ" for letter in sample) * 10 > letters:
        return "ja"
    if sum("一" <= letter <= "鿿" for letter in sample) * 3 > letters:
        return "zh"
    words = Counter(re.findall(r"[a-zà-ÿ]{1,10}", sample.lower()))
    scores = {lang: sum(words[word] for word in small) for lang, small in _SMALL.items()}
    best = max(scores, key=lambda lang: scores[lang])
    return best if scores[best] >= 3 else None
