"""The parties that one cell names, with who signed for them and in which office, as registers write them.

`가온시(시장 홍길동)·나래대(데이터과, 미래과)` is two parties: what stands in brackets belongs to the name
before them, and separates nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tracker.loading.spreadsheets.splitting import parts

ORGANISATION = re.compile(
    r"(?:특별시|광역시|특별자치[시도]|[가-힣]{2,}[시군구도청]|대학교?|[가-힣]{2,}대|학교|교육청|공사|공단|공제회|재단|법인"
    r"|진흥원|연구원|개발원|[가-힣]{2,}원|협회|학회|연합회|상의|회의소|센터|은행|금고|병원|의료원|위원회|조합|[가-힣]{2,}[부처]"
    r"|그룹|기업|회사|테크노파크|테크|전자|중공업|㈜|\(주\))$"
)
"""How names of organisations end; `문화` of `문화·관광재단` is none."""
_LEGAL_FORM = re.compile(
    r"\((?:주|유|재|사|합|학)\)|[㈜㈔㈖]|(?:주식|유한|합자)회사|(?:재단|사단|학교)법인(?=\s)"
)
_SEPARATOR = re.compile(r"\s*(?:[\n;、/]|,(?!\s*(?:inc|ltd|llc|co|corp|gmbh|plc)\b))\s*", re.IGNORECASE)
_AND = re.compile(r"(?<=[가-힣)）])[와과]\s+|\s+(?:및|그리고)\s+|\s*[·ㆍ‧・∙]\s*")
_OTHERS = re.compile(r"\s*(?:외|등)\s*\d+\s*(?:개\s*)?(?:[가-힣]{1,4})?\s*$")
_COUNTED = re.compile(r"^(?:[가-힣]+\s)?\d+\s*개\s*[가-힣]+$")
_IN_BRACKETS = re.compile(r"\s*[(（]([^()（）]*)[)）]\s*$")
_OFFICE = r"(?:부?시장|부?지사|도지사|군수|구청장|[가-힣]{0,6}[총원회사청관단국소행처교]장|이사장|대표이사|대표|장관|차관|교육감|의장|센터장|본부장|위원장|조합장)"
_SIGNER = re.compile(rf"({_OFFICE})\s*[:·]?\s+([가-힣]{{2,4}})|({_OFFICE})")
_DEPARTMENT = re.compile(r"[가-힣A-Za-z0-9·]+(?:과|국|실|팀|담당관|본부|사업소|추진단)")


class NamedParty(NamedTuple):
    """A party as a cell names it; None for what the cell does not say."""

    name: str
    signed_by: str | None = None
    signed_as: str | None = None
    department: str | None = None


def parties_in(
    text: str, is_known: Callable[[str], bool], point_out: Callable[[str], None]
) -> Iterator[NamedParty]:
    """Yield the parties of a cell in order; what may be more parties than it names goes to ``point_out``.

    Names are split at commas, slashes and line breaks, and at 와, 과, 및 and dots where both sides are known
    or look like organisations.
    """
    if is_known(text):
        yield NamedParty(text)
        return
    for piece in parts(text)[1]:
        for name in _outside_brackets(piece.text, _SEPARATOR):
            for each in _joined(name, is_known, point_out):
                yield from _without_others(each, point_out)


def same_party(name: str) -> list[str]:
    """Return the other ways to write what may be a company's name: `(주)나래`, `㈜나래`, `주식회사 나래` and `나래` are one."""
    bare = " ".join(_LEGAL_FORM.sub(" ", name).split())
    forms = ("(주)", "㈜", "주식회사 ")
    written = [
        bare,
        *(f"{form}{bare}" for form in forms),
        *(f"{bare}{form}" for form in ("(주)", "㈜", " 주식회사")),
    ]
    return [other for other in written if bare and other != name]


def _joined(name: str, is_known: Callable[[str], bool], point_out: Callable[[str], None]) -> list[str]:
    pieces = _outside_brackets(name, _AND)
    if len(pieces) == 1 or is_known(name):
        return [name]
    if all(is_known(piece) or ORGANISATION.search(_IN_BRACKETS.sub("", piece)) for piece in pieces):
        return pieces
    point_out(f"`{name}` may name several parties, and is taken for one; put a line break between them")
    return [name]


def _without_others(name: str, point_out: Callable[[str], None]) -> Iterator[NamedParty]:
    party = _with_brackets_read(name)
    short = _OTHERS.sub("", party.name).strip()
    if short != party.name:
        point_out(f"`{name}` does not name all parties; only `{short}` is recorded")
    elif _COUNTED.fullmatch(short):
        point_out(f"`{name}` does not name the parties, and is taken for one; name each of them")
    if short:
        yield party._replace(name=short)


def _with_brackets_read(name: str) -> NamedParty:
    match = _IN_BRACKETS.search(name)
    bare = name[: match.start()].strip() if match else name
    if match is None or not bare or _LEGAL_FORM.fullmatch(match[0].strip()):
        return NamedParty(name)
    inside = match[1].strip()
    if signer := _SIGNER.fullmatch(inside):
        return NamedParty(bare, signed_by=signer[2], signed_as=signer[1] or signer[3])
    if all(_DEPARTMENT.fullmatch(part) for part in re.split(r"\s*,\s*", inside)):
        return NamedParty(bare, department=inside)
    return NamedParty(name)


def _outside_brackets(text: str, separator: re.Pattern[str]) -> list[str]:
    """Return a text split at separators that stand in no brackets; a bracket that is never closed holds nothing."""
    depths, depth = [], 0
    for at, letter in enumerate(text):
        opens = (
            letter in "(（[" and text.find(")" if letter == "(" else "）" if letter == "（" else "]", at) > 0
        )
        depth += opens
        depths.append(depth)
        depth -= letter in ")）]" and depth > 0
    pieces, last = [], 0
    for match in separator.finditer(text):
        if match.start() < match.end() and not any(depths[match.start() : match.end()]):
            pieces.append(text[last : match.start()].strip())
            last = match.end()
    return [piece for piece in (*pieces, text[last:].strip()) if piece]
