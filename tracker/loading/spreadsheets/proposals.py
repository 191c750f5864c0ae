"""What words of an office may mean, as proposals for a map that a person looks through."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from tracker.codes import RECORDED_STATUS, Codelist
from tracker.dates import NotADate
from tracker.loading.spreadsheets.office_dates import office_date
from tracker.loading.spreadsheets.sheet_columns import code_for

LONGEST_STATUS = 15
"""How many letters a status has at most; longer is a sentence."""

_BESIDE = re.compile(r"\s*(?:\([^)]*\)|\[[^\]]*\]|\d+(?:\.\d+)?\s*%)\s*")
_STATUSES = (
    ("not_started", re.compile("미추진|미착수|착수 ?전|예정|계획|준비|검토")),
    ("dropped", re.compile("해지|해제|파기|폐기|취소|철회")),
    ("stalled", re.compile("중단|지연|보류|연기|중지")),
    ("not_met", re.compile("미이행|불이행")),
    ("behind", re.compile("일부|부진|미흡|미완료")),
    ("met_ongoing", re.compile("(?:완료|이행).*(?:계속|지속)")),
    ("in_progress", re.compile("추진|진행|협의|시행 ?중|운영 ?중|이행 ?중")),
    ("met", re.compile("완료|달성")),
)
"""Words inside a status, the first that stands in it: `미추진` (not begun) before `추진` and `일부추진`."""
_ENDED = re.compile("종료|만료")
_DAY = r"(?:19|20)\d\d\s*[.년/-]\s*\d{1,2}\s*[.월/-]\s*\d{1,2}\s*[.일]?"
_AS_OF = re.compile(rf"({_DAY})\s*\.?\s*(?:현재|기준)|기준(?:일|일자)?\s*[:：]?\s*({_DAY})")
_IN_NAME = re.compile(r"((?:19|20)\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")


def proposed(codelist: Codelist, word: str) -> tuple[str | None, str]:
    """Return the code that a word may mean, None where nobody can tell, and why."""
    core = _BESIDE.sub(" ", word).strip()
    code = code_for(codelist, core)
    if code is not None:
        return code, "a proposal"
    if codelist == RECORDED_STATUS:
        result = next((code for code, words in _STATUSES if words.search(core)), None)
        if result is not None:
            return result, "a proposal"
        if _ENDED.search(core):
            return None, "it ended, but was it kept? met, not_met or dropped; null records nothing"
    else:
        result = next((code for code in codelist if codelist.label(code, "ko") in core), None)
        if result is not None:
            return result, "a proposal"
        if "other" in codelist:
            return "other", "a proposal"
    return None, "say which; null records nothing"


def is_like_a_status(text: str) -> bool:
    """Return whether a short text may be a status, in words of an office."""
    if len(text) > LONGEST_STATUS:
        return False
    return proposed(RECORDED_STATUS, text)[0] is not None or _ENDED.search(text) is not None


def day_of(path: Path, texts: Iterable[str], today: str) -> tuple[str, str]:
    """Return the day as of which a sheet seems to speak, and where that stands: in it, else its name, else its file."""
    for text in texts:
        found = _AS_OF.search(text)
        if found is not None:
            try:
                return office_date(found[1] or found[2], today=today), f"`{' '.join(text.split())[:40]}`"
            except NotADate:
                continue
    named = _IN_NAME.search(path.stem)
    if named is not None:
        try:
            return office_date("-".join(named.groups())), "the file's name"
        except NotADate:
            pass
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
    return min(changed, today), "the day of the file"
