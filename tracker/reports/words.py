"""The headings and sentences of a report in English and Korean, and how it writes figures, days, statuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from tracker import codes
from tracker.models import Agreement, Clause, FollowUp, Resource, fields_of, label_of
from tracker.queries.computed import FIELDS as COMPUTED
from tracker.queries.rollup import Rate


def _labels(model: type[Resource], *names: str) -> dict[str, tuple[str, str]]:
    """Return what fields are called, in English and in Korean."""
    fields = fields_of(model) | COMPUTED.get(model, {})
    return {name: label_of(name, fields[name])[:2] for name in names}


_WORDS: dict[str, tuple[str, str]] = {
    "title": ("Report on agreements", "업무협약 추진상황 보고서"),
    "as_of": ("As of", "기준일"),
    "period": ("Period", "보고 대상 기간"),
    "period_to": ("up to {to}", "{to}까지"),
    "period_from_to": ("{first} to {to}", "{first} ~ {to}"),
    "scope": ("Scope", "보고 범위"),
    "everything": ("all agreements in the register", "관리대장에 등록된 모든 협약"),
    "party": ("Party", "당사자"),
    "made_at": ("Made at", "작성 시각"),
    "history": ("Head of history", "이력 다이제스트"),
    "history_value": ("{place} changes, SHA-256 {digest}", "변경 {place}건, SHA-256 {digest}"),
    "verify": (
        "`tracker check --head {place}-{digest}` proves that nothing before it was changed since.",
        "`tracker check --head {place}-{digest}` 로 이 보고서 이전의 기록이 바뀌지 않았음을 확인할 수 있습니다.",
    ),
    "figures": ("Summary", "총괄"),
    "figure": ("Figure", "구분"),
    "value": ("Value", "현황"),
    "remark": ("Remark", "비고"),
    "agreements": ("Agreements", "협약"),
    "agreements_note": (
        "signed in the period: {signed}; ended: {ended}; expired: {expired}",
        "기간 중 체결 {signed}건, 종료·취소 {ended}건, 기간 만료 {expired}건",
    ),
    "promises": ("Clauses (promises)", "협약 조항(약속)"),
    "promises_note": (
        "clauses that were only spoken stand in the register, outside all figures and lists",
        "발언으로만 한 약속은 관리대장에만 싣고 통계와 목록에서 제외",
    ),
    "overall": ("Overall", "종합"),
    "fulfilment": ("Fulfilled", "이행 완료"),
    "fulfilment_note": (
        "met, of all but the waived and superseded; verified by evidence: {verified} of {met}",
        "면제·대체를 제외한 조항 중 완료; 이 가운데 검증 {met}건 중 {verified}건",
    ),
    "coverage": ("Assessed", "평가"),
    "coverage_note": ("by evidence: {verified} of {total}", "검증에 의한 평가 {total}건 중 {verified}건"),
    "none_to_count": ("nothing to count", "해당 없음"),
    "of": ("{n} of {d} ({rate} %)", "{d}건 중 {n}건({rate}%)"),
    "of_short": ("{n} of {d}", "{n}/{d}"),
    "count": ("{n}", "{n}건"),
    "by_status": ("Clauses by status", "상태별 조항"),
    "clauses": ("Clauses", "조항 수"),
    "share": ("Share", "비율"),
    "bar": ("", ""),
    "in_the_period": ("In the period", "기간 중 추진실적"),
    "attention": ("What needs attention", "조치가 필요한 사항"),
    "annex": ("Register of agreements", "업무협약 관리대장"),
    "none": ("None.", "해당 없음."),
    "legend": ("How to read the bars", "막대 읽는 법"),
    # lists
    "stalled": codes.CURRENT_STATUS.labels["stalled"][:2],
    "overdue": codes.SCHEDULE.labels["overdue"][:2],
    "signed": ("Signed in the period", "기간 중 체결"),
    "reviewed": ("Reviewed in the period", "기간 중 점검"),
    "completed": ("Completed in the period", "기간 중 완료"),
    "unfulfilled": ("Not met or dropped in the period", "기간 중 미이행·폐기"),
    "ended": ("Terminated or cancelled in the period", "기간 중 종료·취소"),
    "expired": ("Expired in the period", "기간 중 만료"),
    "review_due": ("Not reviewed within the interval", "점검 주기 경과"),
    "lacks_evidence": ("Without evidence", "근거 미비"),
    "council_not_told": (
        "Signed in the period, no report to the council on record",
        "기간 중 체결, 의회 보고 기록 없음",
    ),
    "stalled_note": ("As of the day of the report, whenever they stalled.", "기간과 관계없이 기준일 현재."),
    "overdue_note": (
        "Neither met nor settled, and the latest day of the due date has passed.",
        "완료되거나 종결되지 않은 채 기한의 마지막 날이 지난 조항.",
    ),
    "review_due_note": (
        "Each agreement with the clauses for which a review is due; waived, superseded and dropped ones need none.",
        "점검이 필요한 조항을 협약별로 표시. 면제·대체·폐기 조항은 제외.",
    ),
    "lacks_evidence_note": (
        "A search found nothing, or an outcome is reported without a document that supports it.",
        "근거를 찾지 못했거나, 뒷받침하는 문서 없이 결과만 보고된 조항.",
    ),
    "disagreement_note": (
        "Evidence, looked at since the report took effect, shows another status than the party reported.",
        "보고 이후 확인한 근거가 당사자의 보고와 다른 상태를 보이는 조항.",
    ),
    "awaiting_verification_note": (
        "A party's word that nobody has held against evidence since.",
        "당사자의 보고 이후 근거와 대조하지 않은 조항.",
    ),
    "ended_note": (
        "“Council told” counts a report on or after the day of the ending.",
        "종료일 이후의 의회 보고만 종료 보고로 본다.",
    ),
    # columns
    **_labels(Agreement, "kind", "signed_on", "series"),
    **_labels(Clause, "due", "status", "met_on", *COMPUTED[Clause]),
    **_labels(FollowUp, "clause", "reason", "next_steps"),
    "number": ("No.", "연번"),
    "id": ("ID", "식별자"),
    "agreement": ("Agreement", "협약명"),
    "counterparty": ("Counterparty", "상대기관"),
    "contents": ("Main contents and where each stands", "주요내용 및 조항별 상태"),
    "main_contents": ("Main contents", "주요내용"),
    "progress": ("Progress", "추진상황"),
    "department": ("Lead department", "소관부서"),
    "changes": ("Changes", "변경사항"),
    "review": ("Review results", "점검 결과"),
    "council": ("Report to the council", "의회 보고"),
    "term": ("Term", "협약기간"),
    "lifecycle": ("State of the agreement", "협약 상태"),
    "clause_text": ("Text", "내용"),
    "reported": ("Reported", "자체보고"),
    "verified_column": ("Verified", "검증"),
    "since": ("Since", "발생 시점"),
    "note": ("Note", "내용"),
    "ended_on": ("Ended on", "종료일"),
    "end_reason": ("Ground", "종료 사유"),
    "council_told": ("Council told", "의회 보고 여부"),
    "expires": ("Expired on", "만료일"),
    "reviewed_on": ("Last reviewed", "최근 점검일"),
    "interval": ("Interval", "점검 주기"),
    "months": ("{n} months", "{n}개월"),
    "last_day": ("Last day", "최근 점검일"),
    "reported_by_clause": ("Reported, by clause", "조항별 자체보고"),
    "clauses_concerned": ("Clauses concerned", "해당 조항"),
    "history_short": ("History", "이력"),
    "unknown": ("unknown", "미상"),
    "not_recorded": ("none on record", "기록 없음"),
    "told_yes": ("yes, {on}", "보고함({on})"),
    "told_before": (
        "no report on the ending on record (last report {on})",
        "종료 보고 기록 없음(최근 보고 {on})",
    ),
    "told_no": ("no report on record", "보고 기록 없음"),
    "never_reviewed": ("no review on record", "점검 기록 없음"),
    "review_line": ("last {on}", "최근 {on}"),
    "review_by": ("next by {on}", "다음 기한 {on}"),
    "moved": ("due date of {clause} moved: {before} → {after}", "{clause} 이행기한 변경: {before} → {after}"),
    "series_no": ("{name} no. {n}", "{name} 제{n}호"),
    "only_spoken": ("only spoken", "발언"),
    "differs": ("reported: {reported}", "자체보고: {reported}"),
    "ended_line": ("{lifecycle} {on} ({reason})", "{lifecycle} {on} ({reason})"),
    "expired_line": ("expired {on}", "{on} 만료"),
    "about": ("about {on}", "{on} 무렵"),
    "due_by": ("due {on}", "기한 {on}"),
    "to": ("{starts} – {ends}", "{starts} ~ {ends}"),
    # comparison
    "compared": ("Changes since the report of {as_of}", "{as_of} 기준 보고서 이후의 변경"),
    "compared_note": (
        "That report was made at {made_at}, at {place} changes, SHA-256 {digest}.",
        "비교 대상: {made_at} 작성, 변경 {place}건, SHA-256 {digest}.",
    ),
    "status_changes": ("Statuses that changed", "상태가 바뀐 조항"),
    "moved_due_dates": ("Due dates that were moved", "이행기한이 바뀐 조항"),
    "backdated": (
        "Recorded since, but effective by the day of that report (backdated)",
        "이전 보고서 이후 기록되었으나 효력일은 그 기준일 이전인 사항(소급 기록)",
    ),
    "altered": ("Altered or withdrawn since", "이후 고치거나 삭제한 기록"),
    "new_agreements": ("New agreements", "새로 등록된 협약"),
    "removed_agreements": ("Agreements no longer there", "삭제된 협약"),
    "new_clauses": ("New clauses", "새로 등록된 조항"),
    "removed_clauses": ("Clauses no longer there", "삭제된 조항"),
    "before": ("Before", "이전"),
    "after": ("Now", "현재"),
    "why": ("Because of", "바뀐 까닭"),
    "because_recorded": ("a follow-up since", "이후의 기록"),
    "because_backdated": ("a backdated follow-up", "소급 기록"),
    "because_altered": ("an altered or withdrawn follow-up", "기록의 수정·삭제"),
    "track": ("Voice", "구분"),
    "effective_on": ("Effective on", "효력일"),
    "recorded_at": ("Recorded", "기록 시각"),
    "what": ("What", "내용"),
    "was_altered": ("altered", "수정"),
    "was_withdrawn": ("withdrawn", "삭제"),
    "was_backdated": ("signed by the day of that report", "이전 보고서 기준일까지 체결된 협약"),
}


class Words:
    """The words of one language: headings, sentences, labels of codes, counts, rates, statuses."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, key: str | codes.Label, **parts: object) -> str:
        """Return a word or a sentence, its blanks filled in; of a field's label its text."""
        if isinstance(key, codes.Label):
            return key.text(self.lang)
        word = _WORDS[key][self.lang == "ko"]
        return word.format(**parts) if parts else word

    @property
    def as_reported(self) -> str:
        """How a figure or a status says, behind it, that it rests on a party's word."""
        return codes.BASIS.label("reported", self.lang).lower()

    def label(self, codelist: codes.Codelist, code: str | None) -> str:
        """Return a code's label; of none, nothing."""
        return "" if code is None else codelist.label(code, self.lang)

    def note(self, name: str) -> str:
        """Return what there is to know about a list; of most, nothing."""
        return self(f"{name}_note") if f"{name}_note" in _WORDS else ""

    def count(self, number: int) -> str:
        """Return how many there are."""
        return self("count", n=f"{number:,}")

    def day(self, text: str | None) -> str:
        """Return a partial date (EDTF) as people write it: 2020-08~ is "about 2020-08", a slash a dash."""
        if text is None:
            return ""
        if "/" in text:
            first, _, last = text.partition("/")
            return " – ".join("" if end == ".." else self.day(end) for end in (first, last)).strip()
        plain = text.rstrip("~?%")
        if plain == text or not plain or not set(plain) <= set("0123456789-"):
            return text
        return self("about", on=plain)

    def status(self, code: str | None, basis: str | None = None) -> str:
        """Return a status; one that rests on a party's word says so."""
        if code is None:
            return "–"
        label = codes.CURRENT_STATUS.label(code, self.lang)
        return f"{label} ({self.as_reported})" if basis == "reported" else label

    def rate(self, rate: Rate | None, *, reported: bool = False) -> str:
        """Return a part of a whole with both numbers; one that rests on reports says so."""
        if rate is None or rate["denominator"] == 0:
            return self("none_to_count")
        number, of = rate["numerator"], rate["denominator"]
        text = self("of", n=f"{number:,}", d=f"{of:,}", rate=f"{100 * number / of:.1f}")
        return f"{text}, {self.as_reported}" if reported else text

    def rate_short(self, rate: Rate | None) -> str:
        """Return a part of a whole as two numbers."""
        if rate is None:
            return self("none_to_count")
        return self("of_short", n=rate["numerator"], d=rate["denominator"])

    def counts(self, by_status: Mapping[str, int]) -> str:
        """Return how many have which status, without those that none has: "Met 2 · In progress 1"."""
        return " · ".join(
            f"{codes.CURRENT_STATUS.label(code, self.lang)} {n}" for code, n in by_status.items() if n
        )


def local_time(instant: str, time_zone: str) -> str:
    """Return an instant to the second as clocks of a time zone show it, and which zone that is."""
    try:
        there = datetime.fromisoformat(instant).astimezone(ZoneInfo(time_zone))
    except (ValueError, OverflowError):  # an earlier report may say anything
        return instant[:40]
    return f"{there:%Y-%m-%d %H:%M:%S} ({time_zone}, UTC{there:%z})"
