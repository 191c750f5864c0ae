"""Korean in Latin letters, by the Revised Romanisation (Notice 2000-8 of the Ministry of Culture), for ids.

What the notice asks of names is followed: assimilation shows (신라 Silla, 종로 Jongno, 왕십리 Wangsimni),
tensing does not (낙동강 Nakdonggang), ㅎ after ㄱ, ㄷ, ㅂ stays in nouns (묵호 Mukho), and units such as 시, 군
and 구 stand behind a hyphen over which nothing assimilates (인왕리 Inwang-ri). What only a dictionary knows,
such as the inserted ㄴ of 학여울, is not followed.
"""

from __future__ import annotations

import re
from unicodedata import normalize

from tracker.text import comparable

_INITIALS = ("g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h")  # fmt: skip
_NONE = _INITIALS.index("")  # ㅇ, which is silent at the beginning
_VOWELS = ("a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu", "ui", "i")  # fmt: skip
_SOUNDS = {
    "ㄱ": ("k", "g"), "ㄲ": ("k", "kk"), "ㄳ": ("k", "ks"), "ㄴ": ("n", "n"), "ㄵ": ("n", "nj"), "ㄶ": ("n", "n"),
    "ㄷ": ("t", "d"), "ㄹ": ("l", "r"), "ㄺ": ("k", "lg"), "ㄻ": ("m", "lm"), "ㄼ": ("l", "lb"), "ㄽ": ("l", "ls"),
    "ㄾ": ("l", "lt"), "ㄿ": ("p", "lp"), "ㅀ": ("l", "r"), "ㅁ": ("m", "m"), "ㅂ": ("p", "b"), "ㅄ": ("p", "ps"),
    "ㅅ": ("t", "s"), "ㅆ": ("t", "ss"), "ㅇ": ("ng", "ng"), "ㅈ": ("t", "j"), "ㅊ": ("t", "ch"), "ㅋ": ("k", "k"),
    "ㅌ": ("t", "t"), "ㅍ": ("p", "p"), "ㅎ": ("t", ""),
}  # fmt: skip
"""How each final sounds before a consonant or at the end, and before a vowel."""
_FINALS = (" ", *_SOUNDS)
_PALATAL = {"ㄷ": "j", "ㅌ": "ch", "ㄾ": "lch"}
"""Before 이: 해돋이 haedoji, 같이 gachi."""
_NASAL = {"k": "ng", "t": "n", "p": "m"}
_ASPIRATED = {"g": "k", "d": "t", "j": "ch"}
_WITH_H = {"ㅎ": "", "ㄶ": "n", "ㅀ": "l"}

_UNITS = {"도": "do", "시": "si", "군": "gun", "구": "gu", "읍": "eup", "면": "myeon", "리": "ri", "동": "dong"}  # fmt: skip
_DISTRICTS = ("동구", "서구", "남구", "북구", "중구")
_CITIES = ("특별자치시", "특별자치도", "특별시", "광역시")
_NO_UNITS = ("왕십리", "연구", "제도", "지도", "정도", "속도", "철도", "온도", "운동", "협동", "활동", "공동", "노동", "아동", "관리", "처리", "대리", "권리", "심리", "물리", "도시", "전시", "화면", "방면", "지구", "기구", "도구", "장군", "공군", "해군", "육군", "국군")  # fmt: skip
"""Words that end like a unit and are none."""

_LONGEST = 1_000
"""How many letters of a text an id is made of at most."""
_HANGUL = re.compile("[가-힣]+")
_COMPANY = re.compile(r"\((?:주|재|사|유|합|학|의)\)|주식회사|유한회사|재단법인|사단법인|학교법인|의료법인")


def romanised(text: str) -> str:
    """Return a text with its Korean in Latin small letters; all else stays as it is."""
    return _HANGUL.sub(lambda match: _word(match[0]), comparable(text, "NFC"))


def slug(text: str, longest: int = 80) -> str:
    """Return what an id can hold of a text: `a-z`, `0-9`, single hyphens; cut between words; "" if nothing.

    Marks of legal form, such as (주), are left out; accents go.
    """
    plain = comparable(text[:_LONGEST])
    plain = romanised(_COMPANY.sub(" ", plain)).casefold()
    plain = normalize("NFKD", plain).encode("ascii", "ignore").decode()
    words = re.sub("[^a-z0-9]+", "-", plain).strip("-")
    if len(words) <= longest:
        return words
    head, hyphen, _ = words[: longest + 1].rpartition("-")
    return head if hyphen else words[:longest]


def _word(word: str) -> str:
    for city in _CITIES:
        if word.endswith(city) and len(word) > len(city):
            return f"{_sounds(word[: -len(city)])}-{_sounds(city)}"
    unit = _UNITS.get(word[-1])
    is_long_enough = len(word) > 2 or word in _DISTRICTS
    if unit is not None and is_long_enough and len(word) <= 5 and not word.endswith(_NO_UNITS):
        return f"{_sounds(word[:-1])}-{unit}"
    return _sounds(word)


def _sounds(word: str) -> str:
    letters: list[str] = []
    final = " "
    for syllable in word:
        initial, rest = divmod(ord(syllable) - 0xAC00, 588)
        vowel, next_final = divmod(rest, 28)
        letters.append(_between(final, initial, _VOWELS[vowel]))
        letters.append(_VOWELS[vowel])
        final = _FINALS[next_final]
    letters.append(_SOUNDS[final][0] if final != " " else "")
    return "".join(letters)


def _between(final: str, initial: int, vowel: str) -> str:
    """Return the letters between two vowels: a final and the initial after it, as they sound together."""
    onset = _INITIALS[initial]
    if final == " ":
        return onset
    if initial == _NONE:
        if vowel == "i" and final in _PALATAL:
            return _PALATAL[final]
        return _SOUNDS[final][1]
    if final in _WITH_H:
        return _after_h(_WITH_H[final], onset)
    coda = _SOUNDS[final][0]
    if onset == "r":
        if coda in ("n", "l"):
            return "ll"
        return f"{_NASAL.get(coda, coda)}n"
    if onset == "n" and coda == "l":
        return "ll"
    if onset in ("n", "m"):
        return f"{_NASAL.get(coda, coda)}{onset}"
    return coda + onset


def _after_h(rest: str, onset: str) -> str:
    if onset in _ASPIRATED:
        return rest + _ASPIRATED[onset]
    if onset == "s":
        return f"{rest}ss"
    if onset == "n":
        return "ll" if rest == "l" else f"{rest or 'n'}n"
    if onset == "r":
        return "ll" if rest in ("n", "l") else "nn"
    return (rest or "n" if onset == "m" else rest or "t") + onset
