"""A synthetic city: Gaon, 250 agreements over six years, the same ones each time.

``register()`` is the content of a seed file; ``rows()`` the same agreements as an office keeps them in a
spreadsheet, one row each, the clauses in one cell. Nothing in it is real, and all of it is past: the last
day in it is 2025-06-30. ``python -m tests.city`` writes the seed file as JSON.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.city_words import BODIES, FIELDS, GIVEN, NOTES, ROLES, SURNAMES, Field
from tracker.codes import STATUSES

COUNT = 250
FIRST, LAST = date(2019, 1, 7), date(2024, 12, 20)
TODAY = date(2025, 6, 30)
MAYORS = ((date(2018, 7, 1), "jeong-daon", "정다온"), (date(2022, 7, 1), "han-garam", "한가람"))
MERGED = {"gaon-technopark": "gaon-industry", "gaon-design": "gaon-industry"}
MERGED_ON = "2022-01-01"

Content = dict[str, Any]

PATHS = (
    (3, ()),
    (4, ("in_progress",)),
    (3, ("not_started", "in_progress")),
    (6, ("in_progress", "met")),
    (4, ("not_started", "in_progress", "met")),
    (3, ("in_progress", "behind", "met")),
    (4, ("in_progress", "met_ongoing")),
    (2, ("in_progress", "behind")),
    (2, ("in_progress", "stalled")),
    (1, ("in_progress", "stalled", "dropped")),
    (2, ("not_started", "behind", "not_met")),
    (2, ("in_progress", "partially_met")),
    (1, ("waived",)),
    (1, ("in_progress", "met", "behind")),
)
"""How a promise may go, year by year as the city reports it, and how often that happens."""

HEADINGS = (
    "관리번호", "협약명", "협약기관", "협약유형", "체결일", "협약시작일", "협약종료일", "담당부서", "주요내용",
    "추진상황", "의회보고일", "비고",
)  # fmt: skip
"""The columns of the office's register."""

KINDS = {
    "mou": "업무협약", "moa": "합의각서", "investment": "투자협약", "sister_city": "자매결연", "contract": "계약",
    "declaration": "공동선언",
}  # fmt: skip
MARKS = "①②③④⑤⑥⑦⑧"


def register(count: int = COUNT) -> Content:
    """Return the city's register as the content of a seed file."""
    city = _City(Random(20190107))
    city.found_bodies()
    for place in range(count):
        city.sign(place, count)
    return {
        "tracker": 1,
        "sources": city.sources,
        "parties": city.parties,
        "initiatives": city.initiatives,
        "agreements": city.agreements,
    }


def rows(content: Content) -> list[list[str]]:
    """Return the register as the rows of a spreadsheet under ``HEADINGS``: one an agreement, dates as offices write."""
    names = {party["id"]: party["name"] for party in content["parties"]}
    return [_row(agreement, names) for agreement in content["agreements"]]


def _row(agreement: Content, names: dict[str, str]) -> list[str]:
    clauses = [clause for clause in agreement["clauses"] if clause["kind"] != "spoken"]
    lines = [f"{mark} {clause['text']}" for mark, clause in zip(MARKS, clauses, strict=False)]
    found = [follow_up for clause in clauses for follow_up in clause.get("follow_ups", ())]
    last = max(found, key=lambda each: each["checked_on"], default=None)
    return [
        agreement["identifiers"][0]["value"],
        agreement["title"],
        ", ".join(names[each["party"]] for each in agreement["parties"] if each["party"] != "gaon"),
        KINDS[agreement["kind"]],
        *(office_date(agreement.get(name)) for name in ("signed_on", "starts", "ends")),
        agreement["parties"][0]["department"],
        "\n".join(lines),
        "" if last is None else STATUSES[last["status"]].label.ko,
        office_date(agreement.get("council_reported_on")),
        agreement.get("purpose", ""),
    ]


def office_date(day: str | None) -> str:
    """Return a date as offices write it: 2020. 8. 31."""
    return "" if day is None else " ".join(f"{int(part)}." for part in day.split("-"))


@dataclass
class _City:
    """The register as it grows, and the dice that make it."""

    dice: Random
    sources: list[Content] = field(default_factory=list)
    parties: list[Content] = field(default_factory=list)
    initiatives: list[Content] = field(default_factory=list)
    agreements: list[Content] = field(default_factory=list)
    heads: dict[str, str] = field(default_factory=dict)
    per_year: dict[int, int] = field(default_factory=dict)
    in_series: int = 0

    def found_bodies(self) -> None:
        """Make the city, its mayors, all that it signs with, and its initiatives."""
        city = ("gaon", "local_government", "가온시", "Gaon City")
        papers = [
            ("gaon-daily", "media", "가온일보", "The Gaon Daily"),
            ("mirae-news", "media", "미래뉴스", "Mirae News"),
        ]
        merged = ("gaon-industry", "public_agency", "가온산업진흥원", "Gaon Industry Promotion Agency")
        for id, kind, name, english in (city, *papers, merged, *BODIES):
            body: Content = {"id": id, "kind": "organisation", "class": kind, "name": name, "country": "KR"}
            body["names"] = [{"name": english, "kind": "translation", "lang": "en"}]
            if id in MERGED:
                body |= {"successor": MERGED[id], "succeeded_on": MERGED_ON}
            if id == "gaon-industry":
                body |= {
                    "founded": MERGED_ON,
                    "description": "가온테크노파크와 가온디자인센터를 통합하여 출범",
                }
                body["names"].append(
                    {"name": "가온산진원", "kind": "abbreviation", "lang": "ko", "valid_from": "2022"}
                )
            body["identifiers"] = (
                [{"scheme": "사업자등록번호", "value": self._number()}] if kind == "company" else []
            )
            self.parties.append(body)
            if kind in ROLES and id != "gaon":
                self._head(id, ROLES[kind])
        for place, (since, id, name) in enumerate(MAYORS):
            term = {"valid_from": since.isoformat()} | ({} if place else {"valid_to": "2022-06-30"})
            self.parties.append({
                "id": id, "kind": "person", "name": name,
                "affiliations": [{"organisation": "gaon", "role": "시장", **term}],
            })  # fmt: skip
        self.initiatives += [
            {
                "id": "gaon-ai-series",
                "kind": "series",
                "name": "AI 중심도시 연속 업무협약",
                "operator": "gaon",
            },
            {
                "id": "ai-cluster",
                "kind": "facility",
                "name": "인공지능 융합 집적단지",
                "operator": "gaon-technopark",
            },
            {"id": "net-zero-2040", "kind": "policy", "name": "2040 탄소중립 가온"},
            {"id": "youth-town", "kind": "project", "name": "청년마을 조성사업", "operator": "housing-corp"},
        ]

    def sign(self, place: int, count: int) -> None:
        """Make one agreement with its sources, clauses, quotes and follow-ups."""
        signed = FIRST + timedelta(days=(LAST - FIRST).days * place // max(count - 1, 1))
        theme = FIELDS[place * 7 % len(FIELDS)]
        number = self.per_year[signed.year] = self.per_year.get(signed.year, 0) + 1
        id = f"gaon-{signed.year}-{number:03}-{theme.slug}"
        partners = self._partners(theme, signed)
        clauses = self._clauses(theme, signed)
        agreement: Content = {
            "id": id,
            "title": f"{self._name(partners[0])}와의 {self.dice.choice(theme.titles)}",
            "kind": self._kind(theme, partners[0]),
            "binding": "binding" if theme.slug == "invest" else "non_binding",
            "purpose": f"{theme.department} 소관 사업의 상호 협력을 위하여",
            "signed_on": signed.isoformat(),
            "identifiers": [{"scheme": "관리번호", "value": f"{signed.year}-{number:03}"}],
            **self._ceremony(signed),
            **self._term(signed),
            "parties": self._signatories(theme, partners, signed),
            "clauses": clauses,
        }
        self._place_in_initiatives(agreement, theme)
        self._link(agreement, theme, signed)
        agreement["quotes"] = self._quotes(agreement, signed)
        agreement["sources"] = self._print(agreement, signed)
        for clause in clauses:
            follow_ups = list(self._follow_ups(clause, signed, partners[0]))
            if follow_ups:
                clause["follow_ups"] = follow_ups
        self.agreements.append(agreement)

    def _head(self, body: str, role: str) -> None:
        id = self.heads[body] = f"head-of-{body}"
        name = self.dice.choice(SURNAMES) + self.dice.choice(GIVEN)
        role = "군수" if body == "mirae-county" else "교육감" if body == "education-office" else role
        person = {
            "id": id,
            "kind": "person",
            "name": name,
            "affiliations": [{"organisation": body, "role": role}],
        }
        self.parties.append(person)

    def _number(self) -> str:
        return f"{self.dice.randrange(100, 999)}-{self.dice.randrange(10, 99)}-{self.dice.randrange(10000, 99999)}"

    def _name(self, id: str) -> str:
        return str(next(party["name"] for party in self.parties if party["id"] == id))

    def _partners(self, theme: Field, signed: date) -> list[str]:
        known = [id for id, kind, *_ in BODIES if (kind == "company") == (theme.slug == "invest")]
        found = self.dice.sample(known, 1 if self.dice.random() < 0.8 else 2)
        if signed.isoformat() >= MERGED_ON:
            found = [MERGED.get(id, id) for id in found]
        return list(dict.fromkeys(found))

    def _kind(self, theme: Field, partner: str) -> str:
        if partner in ("lindau-city", "sakura-city"):
            return "sister_city"
        if theme.slug == "invest":
            return "investment"
        return self.dice.choices(("mou", "moa", "contract", "declaration"), (12, 2, 1, 1))[0]

    def _ceremony(self, signed: date) -> Content:
        if date(2020, 3, 1) <= signed < date(2021, 11, 1) and self.dice.random() < 0.6:
            return {
                "signing_mode": "video",
                "signing_mode_reason": "코로나19 확산에 따라",
                "signing_place": "시청 영상회의실",
            }
        return {
            "signing_mode": "in_person",
            "signing_place": self.dice.choice(("시청 대회의실", "협약기관 본관", "문화예술회관")),
        }

    def _term(self, signed: date) -> Content:
        found: Content = {"starts": signed.isoformat()}
        years = self.dice.choice((1, 2, 3, 3, 5, 0))
        if years:
            found["ends"] = (_later(signed, years) - timedelta(days=1)).isoformat()
        if self.dice.random() < 0.85:
            told = signed + timedelta(days=self.dice.randrange(5, 75))
            if told <= TODAY:
                found["council_reported_on"] = (
                    told.isoformat() if self.dice.random() < 0.9 else told.isoformat()[:7]
                )
        if self.dice.random() < 0.07 and _later(signed, 1) < TODAY:
            found |= {
                "lifecycle": self.dice.choice(("terminated", "terminated", "cancelled")),
                "ended_on": (_later(signed, 1) - timedelta(days=30)).isoformat(),
                "end_reason": self.dice.choice(
                    ("purpose_met", "counterparty_fault", "no_longer_needed", "mutual")
                ),
            }
        if self.dice.random() < 0.1:
            found["review_every_months"] = 6
        return found

    def _signatories(self, theme: Field, partners: list[str], signed: date) -> list[Content]:
        mayor = max(each for each in MAYORS if each[0] <= signed)[1]
        found: list[Content] = [
            {
                "party": "gaon",
                "role": "party",
                "signed_by": mayor,
                "signed_as": "가온시장",
                "department": theme.department,
            }
        ]
        found += [{"party": id, "role": "party", "signed_by": self.heads[id]} for id in partners]
        if self.dice.random() < 0.1 and "chamber" not in partners:
            found.append({"party": "chamber", "role": "witness"})
        return found

    def _clauses(self, theme: Field, signed: date) -> list[Content]:
        count = self.dice.choice((2, 3, 3, 4, 4, 5))
        texts = self.dice.sample(theme.promises, min(count - 1, len(theme.promises)))
        size = self.dice.choice((5, 10, 20, 30, 50, 120, 300))
        texts.insert(self.dice.randrange(len(texts) + 1), self.dice.choice(theme.numbers).format(size))
        style = self.dice.choice(("제{0}조", "▲", None))
        found: list[Content] = []
        for number, text in enumerate(texts, 1):
            clause: Content = {"number": number, "kind": "listed", "text": text, "lang": "ko"}
            if style:
                clause["label"] = style.format(number + 2)
            due = self._due(signed)
            if due:
                clause["due"] = due
            found.append(clause)
        if self.dice.random() < 0.25:
            text = "양 기관은 상호 관심사에 대하여 지속적으로 협력한다"
            found.append({"number": len(found) + 1, "kind": "narrative", "text": text, "lang": "ko"})
        if self.dice.random() < 0.12:
            text = "시민이 체감하는 성과를 1년 안에 내놓겠다"
            found.append({"number": len(found) + 1, "kind": "spoken", "text": text, "lang": "ko"})
        for clause in found:
            if theme.slug == "invest" and clause["text"].startswith("회사는"):
                clause["parties"] = [{"party": "gaon", "role": "beneficiary"}]
            elif clause["text"].startswith("시는"):
                clause["parties"] = [{"party": "gaon", "role": "obligor"}]
            if self.dice.random() < 0.08:
                clause["department"] = self.dice.choice(FIELDS).department
        return found

    def _due(self, signed: date) -> str | None:
        end = _later(signed, self.dice.choice((1, 2, 3)))
        forms = (
            None,
            None,
            f"{end.year}",
            f"{end.year}-12",
            f"{end.year}-12-31",
            end.isoformat(),
            f"{end.year}-06~",
        )
        return self.dice.choice((*forms, f"{signed.isoformat()}/{end.isoformat()}"))

    def _place_in_initiatives(self, agreement: Content, theme: Field) -> None:
        homes = {"ai": "ai-cluster", "climate": "net-zero-2040", "youth": "youth-town"}
        if theme.slug in homes and self.dice.random() < 0.6:
            agreement["initiatives"] = [homes[theme.slug]]
        if theme.slug == "ai":
            self.in_series += 1
            agreement |= {"series": "gaon-ai-series", "series_number": self.in_series}

    def _link(self, agreement: Content, theme: Field, signed: date) -> None:
        """Let an agreement renew or amend an earlier one of its field, and take over a clause of it."""
        older = [
            each for each in self.agreements if each["id"].endswith(f"-{theme.slug}") and "links" not in each
        ]
        old = next((each for each in older if each["signed_on"] < _later(signed, -3).isoformat()), None)
        if old is None or self.dice.random() > 0.5:
            return
        agreement["links"] = [{"kind": self.dice.choice(("renews", "renews", "amends")), "target": old["id"]}]
        clause = old["clauses"][-1]
        if clause.get("follow_ups"):
            clause["follow_ups"].append({
                "track": "reported", "status": "superseded", "reason": "replaced", "stated_by": "gaon",
                "effective_on": signed.isoformat(), "checked_on": signed.isoformat(), "note": NOTES["superseded"],
                "replaced_by": f"{agreement['id']}.1", "recorded_by": "기획조정실 송라온", "recorded_at": _instant(signed, 90),
            })  # fmt: skip

    def _quotes(self, agreement: Content, signed: date) -> list[Content]:
        mayor, head = (each["signed_by"] for each in agreement["parties"][:2])
        said = [(mayor, "gaon", "이번 협약이 가온의 새로운 도약을 이끌 것으로 기대한다")]
        if self.dice.random() < 0.5:
            said.append((head, agreement["parties"][1]["party"], "지역과 함께 성장하는 본보기를 만들겠다"))
        spoken = [clause for clause in agreement["clauses"] if clause["kind"] == "spoken"]
        found: list[Content] = [
            {
                "number": number,
                "kind": "direct",
                "text": text,
                "speaker": who,
                "on_behalf_of": whom,
                "lang": "ko",
            }
            for number, (who, whom, text) in enumerate(said, 1)
        ]
        if spoken:
            found.append({
                "number": len(found) + 1, "kind": "direct", "text": spoken[0]["text"], "speaker": mayor,
                "on_behalf_of": "gaon", "lang": "ko", "clauses": [f"{agreement['id']}.{spoken[0]['number']}"],
            })  # fmt: skip
        return found

    def _print(self, agreement: Content, signed: date) -> list[str]:
        """Print the agreement in a press release or an article, and note where its clauses and quotes stand."""
        press = self.dice.random() < 0.6
        publisher = "gaon" if press else self.dice.choice(("gaon-daily", "mirae-news"))
        text = f"{agreement['title']}\n가온시는 {office_date(signed.isoformat())} {agreement['title']}을 체결했다.\n"
        source: Content = {
            "id": f"src-{agreement['id']}",
            "kind": "press_release" if press else "news_article",
            "title": agreement["title"],
            "publisher": publisher,
            "lang": "ko",
            "url": f"https://{publisher}.example/{signed:%Y/%m}/{agreement['id']}",
            "published": signed.isoformat(),
        }
        for part in (*agreement["clauses"], *agreement["quotes"]):
            text += "“" if "speaker" in part else "- "
            part |= {"source": source["id"], "start": len(text), "end": len(text) + len(part["text"])}
            text += part["text"] + ("”\n" if "speaker" in part else "\n")
        source |= {"sha256": hashlib.sha256(text.encode()).hexdigest(), "char_count": len(text)}
        self.sources.append(source)
        return [source["id"]]

    def _follow_ups(self, clause: Content, signed: date, partner: str) -> Iterator[Content]:
        if clause["kind"] == "spoken":
            return
        weights, paths = zip(*PATHS, strict=True)
        path: tuple[str, ...] = self.dice.choices(paths, weights)[0]
        settled = False
        for year, status in enumerate(path, 1):
            effective = date(signed.year + year - 1, 12, 31)
            checked = effective + timedelta(days=self.dice.randrange(10, 60))
            if checked > TODAY:
                return
            needs_reason = STATUSES[status].needs_reason or (settled and STATUSES[status].group == "open")
            reason = (
                self.dice.choice(("funding", "priority_changed", "counterparty", "external_event"))
                if needs_reason
                else None
            )
            yield self._reported(status, effective, checked, reason, partner, last=year == len(path))
            settled = STATUSES[status].group not in ("open", "finding")
        if path and self.dice.random() < 0.45:
            yield from self._verified(path[-1], effective, checked)

    def _reported(
        self, status: str, effective: date, checked: date, reason: str | None, partner: str, *, last: bool
    ) -> Content:
        found: Content = {
            "track": "reported",
            "status": status,
            "effective_on": effective.isoformat() if self.dice.random() < 0.7 else effective.isoformat()[:7],
            "checked_on": checked.isoformat(),
            "note": NOTES[status],
            "stated_by": "gaon" if self.dice.random() < 0.85 else partner,
            "recorded_by": "기획조정실 송라온",
            "recorded_at": _instant(checked, 10),
        }
        if reason:
            found["reason"] = reason
        if STATUSES[status].group == "open" and last:
            found["next_steps"] = f"{effective.year + 1}년 상반기 추진상황 재점검"
        if status.startswith("met"):
            found["evidence"] = [
                {"reference": f"추진실적-{effective.year}-{self.dice.randrange(1000, 9999)}"}
            ]
        return found

    def _verified(self, reported: str, effective: date, checked: date) -> Iterator[Content]:
        """Yield what an independent look found: mostly the same, at times less, at times nothing."""
        looked = checked + timedelta(days=self.dice.randrange(20, 120))
        if looked > TODAY:
            return
        less = {
            "met": "partially_met",
            "met_ongoing": "met",
            "in_progress": "behind",
            "partially_met": "not_met",
        }
        turn = self.dice.random()
        status = "no_evidence" if turn < 0.12 else less.get(reported, reported) if turn < 0.32 else reported
        found: Content = {
            "track": "verified",
            "status": status,
            "effective_on": looked.isoformat() if status == "no_evidence" else effective.isoformat(),
            "checked_on": looked.isoformat(),
            "note": NOTES[status],
            "recorded_by": "시민감사관 오해든",
            "recorded_at": _instant(looked, 30),
        }
        if STATUSES[status].needs_reason:
            found["reason"] = "unclear_commitment"
        if STATUSES[status].group != "finding":
            page = f"https://audit.gaon.example/{looked:%Y}/{self.dice.randrange(100000, 999999)}"
            found["evidence"] = [
                {
                    "url": page,
                    "title": "현장점검 결과",
                    "stance": "supports",
                    "accessed_on": looked.isoformat(),
                }
            ]
            if status != reported:
                number = f"추진실적-{effective.year}-{self.dice.randrange(1000, 9999)}"
                found["evidence"].append({"reference": number, "stance": "contradicts"})
        yield found


def _later(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)


def _instant(day: date, minutes: int) -> str:
    """Return an instant of a working day in Korea, in UTC."""
    return f"{day.isoformat()}T{1 + minutes // 60:02}:{minutes % 60:02}:00.000000Z"


if __name__ == "__main__":
    json.dump(register(), sys.stdout, ensure_ascii=False, indent=1)
