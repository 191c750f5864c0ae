"""Which agreement and which promise a sheet speaks of: by its number, title or words, never by place or likeness."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from tests.loads import FILE, PERSON, entries, state, stored, told, value
from tracker.cli import program
from tracker.database.engine import Database
from tracker.errors import Faulty
from tracker.loading import Sheets, load
from tracker.loading.spreadsheets.column_map import parse_map
from tracker.loading.spreadsheets.worksheets import write_collection
from tracker.models import Agreement, Clause
from tracker.services import follow_ups
from tracker.services.checking import problems
from tracker.services.resources import ANY
from tracker.services.writing import remove_resource

MAP = """
columns:
  관리번호: agreement.identifier
  연번: agreement.identifier
  협약명: agreement.title
  체결일: agreement.signed_on
  협약기관: agreement.parties
  협약내용: clause.text
  조항번호: clause.number
  상태: follow_up.status
defaults: {agreement.kind: mou, follow_up.effective_on: 2024-12-31}
"""


def sheet(rows: list[dict[str, str]], *, name: str = "a.csv") -> str:
    """Write rows as CSV under all headings that any of them has."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, headings)
    writer.writeheader()
    writer.writerows(rows)
    Path(name).write_text(buffer.getvalue(), "utf-8", newline="")
    return name


def map_for(rows: list[dict[str, str]], more: str = "") -> str:
    """Return the map of those columns that rows have."""
    headings = {heading for row in rows for heading in row}
    lines = [line for line in MAP.splitlines() if not line.startswith("  ") or line.split(":")[0].strip() in headings]  # fmt: skip
    return "\n".join(lines) + more


class Done:
    """What a load did and said."""

    def __init__(
        self, database: Database, rows: list[dict[str, str]], more: str = "", **options: Any
    ) -> None:
        renumber = options.pop("renumber", False)
        sheets = Sheets(parse_map("map.yaml", map_for(rows, more).encode()), renumber=renumber)
        self.outcome = load(database, [sheet(rows)], FILE, sheets=sheets, **options)
        self.notes = sheets.notes


def refused(database: Database, rows: list[dict[str, str]], more: str = "", **options: Any) -> list[str]:
    before = state(database)
    with pytest.raises(Faulty) as caught:
        Done(database, rows, more, **options)
    assert state(database) == before
    return [str(fault) for fault in caught.value.faults]


def recorded(database: Database, clause: str, status: str = "in_progress", on: str = "2024-05") -> None:
    with database.write(PERSON) as change:
        follow_ups.record_follow_up(
            change, clause, {"track": "reported", "status": status, "effective_on": on}
        )


def clauses(database: Database) -> dict[str, str]:
    return {each["id"]: each["text"] for each in state(database)["clause"]}


def row(title: str, day: str, parties: str, text: str, **more: str) -> dict[str, str]:
    return {**more, "협약명": title, "체결일": day, "협약기관": parties, "협약내용": text}


DRONE = row("드론 협약", "2020-08-31", "가람시, 나래공단", "시험장을 연다")
HYDROGEN = row("수소 협약", "2020-08-31", "가람시, 나래공단", "충전소를 짓는다")


# Agreements


def test_two_agreements_of_one_day_stay_themselves_in_any_order(database: Database) -> None:
    Done(database, [DRONE, HYDROGEN])
    before = state(database)
    assert Done(database, [HYDROGEN, DRONE]).outcome.unchanged == {"agreement": 2, "clause": 2}
    assert state(database) == before


def test_an_agreement_of_the_same_day_and_parties_is_new_and_pointed_out(database: Database) -> None:
    Done(database, [DRONE])
    done = Done(database, [HYDROGEN])
    assert dict(done.outcome.created) == {"agreement": 1, "clause": 1}
    assert done.notes == [
        "a.csv:2:1: agreement garam-si-naraegongdan-2020-2, `수소 협약` of 2020-08-31 with garam-si, naraegongdan, is new, but may be garam-si-naraegongdan-2020, `드론 협약` of 2020-08-31 with garam-si, naraegongdan; if so, say `garam-si-naraegongdan-2020` in a column that fills in agreement.id",
        "not in the register any more, and left as they are: garam-si-naraegongdan-2020 (`드론 협약`)",
    ]


def test_an_agreement_without_a_number_is_found_whatever_its_id(database: Database) -> None:
    told(
        database,
        "parties: [{id: g, kind: organisation, name: 가람시}, {id: n, kind: organisation, name: 나래공단}]\n"
        "agreements: [{id: mine, title: 드론 협약, kind: mou, signed_on: 2020-08-31, parties: [{party: g}, {party: n}]}]",
    )
    assert dict(Done(database, [DRONE]).outcome.created) == {"clause": 1}
    assert clauses(database) == {"mine.1": "시험장을 연다"}


def test_a_title_that_a_person_corrected_is_still_that_of_the_register(database: Database) -> None:
    Done(database, [DRONE])
    told(database, "agreements: [{id: garam-si-naraegongdan-2020, title: 드론 시험 협약}]", by=PERSON)
    done = Done(database, [DRONE])
    assert dict(done.outcome.created) == {}
    assert len(done.outcome.kept) == 1


def test_a_removed_agreement_does_not_swallow_another(database: Database) -> None:
    Done(database, [DRONE])
    with database.write(PERSON) as change:
        remove_resource(change, Agreement, "garam-si-naraegongdan-2020", ANY)
    done = Done(database, [HYDROGEN, DRONE])
    assert [each["id"] for each in state(database)["agreement"]] == ["garam-si-naraegongdan-2020-2"]
    assert done.outcome.removed[0].startswith("agreement garam-si-naraegongdan-2020 stays removed")


@pytest.mark.parametrize("heading", ["연번", "관리번호"])
def test_numbers_that_start_again_never_turn_one_agreement_into_another(
    database: Database, heading: str
) -> None:
    first = row("드론 협약", "2023-05-02", "가람시, 나래공단", "시험장을 연다", **{heading: "1"})
    next_year = row("수소 협약", "2024-03-04", "가람시, 한빛", "충전소를 짓는다", **{heading: "1"})
    Done(database, [first])
    (id,) = [each["id"] for each in state(database)["agreement"]]
    recorded(database, f"{id}.1", "met", "2023-12-20")
    if heading == "관리번호":
        (fault,) = refused(database, [next_year])
        assert (
            "관리번호 1 is agreement 1, `드론 협약` of 2023-05-02 with garam-si, naraegongdan, but this row shows `수소 협약` of 2024-03-04"
            in fault
        )
        assert "`numbers: yearly`" in fault
        Done(database, [next_year], "\nnumbers: yearly")
    else:
        Done(database, [next_year])
    assert value(database, "agreement", id, "title") == "드론 협약"
    assert [each["title"] for each in state(database)["agreement"]].count("수소 협약") == 1
    assert value(database, "clause", f"{id}.1", "text") == "시험장을 연다"
    assert list(problems(database)) == []


def test_one_title_renewed_each_year_under_one_number_is_asked_about(database: Database) -> None:
    first = row("이웃돕기 협약", "2023-05-02", "가람시, 나래공단", "쌀을 나눈다", 관리번호="3")
    Done(database, [first])
    recorded(database, "3.1", "met", "2023-12-20")
    (fault,) = refused(database, [{**first, "체결일": "2024-05-02"}])
    assert "but this row shows `이웃돕기 협약` of 2024-05-02" in fault
    assert dict(Done(database, [{**first, "체결일": "2023-05-03"}]).outcome.updated) == {"agreement": 1}


def test_numbers_sorted_apart_from_their_rows_are_refused(database: Database) -> None:
    titles = ("드론 협약", "수소 협약", "풍력 협약")
    rows = [
        {"관리번호": str(n), "협약명": title, "협약내용": f"{title}의 일"}
        for n, title in enumerate(titles, 1)
    ]
    Done(database, rows)
    shifted = [
        {**each, "관리번호": other["관리번호"]} for each, other in zip(rows, rows[1:] + rows[:1], strict=True)
    ]
    assert len(refused(database, shifted)) == 3


def test_one_number_with_two_contents_shows_both(database: Database) -> None:
    rows = [{**DRONE, "관리번호": "1"}, {**HYDROGEN, "관리번호": "1"}]
    assert refused(database, rows)[0] == (
        "a.csv:3:1: `협약명` is `수소 협약` here and `드론 협약` at a.csv:2:1, which is the same agreement; keep one of the two, or give each agreement a number of its own"
    )


def test_rows_that_leave_the_day_out_belong_to_the_only_agreement_they_can_mean(database: Database) -> None:
    rest = {"협약명": "드론 협약", "협약내용": "기업을 돕는다"}
    Done(database, [rest, DRONE])
    assert clauses(database) == {
        "garam-si-naraegongdan-2020.1": "기업을 돕는다",
        "garam-si-naraegongdan-2020.2": "시험장을 연다",
    }
    later = row("드론 협약", "2022-01-01", "가람시, 나래공단", "또 연다")
    assert (
        "this row may be about the agreement of a.csv:2:1 or a.csv:3:1"
        in refused(database, [DRONE, later, rest])[0]
    )


def test_rows_that_went_on_another_agreement_before_a_sort_are_refused(database: Database) -> None:
    def on(text: str) -> dict[str, str]:
        return {"협약내용": text}

    rows = [DRONE, on("기업을 돕는다"), HYDROGEN, on("인력을 키운다")]
    Done(database, rows)
    # Sorted by title: a spreadsheet puts the rows without one last.
    (fault,) = refused(database, [DRONE, HYDROGEN, on("기업을 돕는다"), on("인력을 키운다")])
    assert fault.startswith(
        "a.csv:4:4: this row names no agreement and so goes on the one above, garam-si-naraegongdan-2020-2, but it shows `기업을 돕는다`, which is clause garam-si-naraegongdan-2020.2"
    )


def test_what_left_the_sheet_is_listed(database: Database) -> None:
    rows = [{**DRONE, "관리번호": "1"}, {**HYDROGEN, "관리번호": "2"}]
    Done(database, rows)
    assert Done(database, rows[1:]).notes == [
        "not in the register any more, and left as they are: 1 (`드론 협약`)"
    ]
    assert Done(database, rows).notes == []


# Promises

LIBRARY = [
    row("도서관 협약", "2021-03-02", "가람시, 책마루", text, 관리번호="A-1")
    for text in ("2021년까지 도서관 3곳을 연다", "2022년까지 도서관 5곳을 연다")
]


def with_texts(*texts: str) -> list[dict[str, str]]:
    return [{**LIBRARY[0], "협약내용": text} for text in texts]


def test_a_digit_changed_in_a_promise_with_follow_ups_is_asked_about(database: Database) -> None:
    Done(database, LIBRARY)
    recorded(database, "a-1.1", "met", "2021-12-20")
    rows = with_texts("2022년까지 도서관 5곳을 연다", "2023년까지 도서관 7곳을 연다")
    assert refused(database, rows) == [
        "a.csv:3:34: this row shows `2023년까지 도서관 7곳을 연다`, but clause a-1.1, which has 1 follow-up, is `2021년까지 도서관 3곳을 연다`; another promise needs a number of its own (--renumber gives the next one); to correct the words, load a seed file that names the clause"
    ]
    done = Done(database, rows, renumber=True)
    assert clauses(database) == {
        "a-1.1": "2021년까지 도서관 3곳을 연다",
        "a-1.2": "2022년까지 도서관 5곳을 연다",
        "a-1.3": "2023년까지 도서관 7곳을 연다",
    }
    assert done.outcome.missing[0].startswith("clause a-1.1 is not in a.csv, but stays")
    before = state(database)
    Done(database, rows, renumber=True)
    assert state(database) == before


def test_another_promise_in_a_free_place_is_new(database: Database) -> None:
    Done(database, LIBRARY)
    recorded(database, "a-1.1", "met", "2021-12-20")
    Done(database, with_texts("2022년까지 도서관 5곳을 연다", "주민 사서를 기른다"))
    assert clauses(database)["a-1.1"] == "2021년까지 도서관 3곳을 연다"
    assert clauses(database)["a-1.3"] == "주민 사서를 기른다"


def test_other_words_under_a_number_with_follow_ups_are_asked_about(database: Database) -> None:
    rows = [{**each, "조항번호": str(n)} for n, each in enumerate(LIBRARY, 1)]
    Done(database, rows)
    recorded(database, "a-1.1")
    swapped = [{**rows[1], "조항번호": "1"}, {**rows[0], "조항번호": "2"}]
    assert len(refused(database, swapped)) == 1
    Done(database, swapped, renumber=True)
    assert clauses(database)["a-1.1"] == "2021년까지 도서관 3곳을 연다"


def test_words_that_a_person_corrected_are_still_those_of_the_register(database: Database) -> None:
    Done(database, LIBRARY)
    recorded(database, "a-1.1")
    told(database, "agreements: [{id: a-1, clauses: [{number: 1, text: 새 도서관 세 곳}]}]", by=PERSON)
    done = Done(database, [{**each, "상태": "완료"} for each in LIBRARY])
    assert dict(done.outcome.created) == {"follow_up": 2}
    assert clauses(database)["a-1.1"] == "새 도서관 세 곳"
    assert {each["clause"] for each in state(database)["follow_up"] if each["status"] == "met"} == {
        "a-1.1",
        "a-1.2",
    }


def test_edited_words_keep_their_number_while_nothing_hangs_on_it(database: Database) -> None:
    Done(database, LIBRARY)
    told(database, "agreements: [{id: a-1, clauses: [{number: 2, due: 2022-12-31}]}]", by=PERSON)
    Done(database, with_texts("2021년까지 도서관 4곳을 연다", "2023년까지 도서관 6곳을 연다"))
    assert clauses(database) == {
        "a-1.1": "2021년까지 도서관 4곳을 연다",
        "a-1.2": "2022년까지 도서관 5곳을 연다",  # a person set its due date
        "a-1.3": "2023년까지 도서관 6곳을 연다",
    }


def test_numbers_of_removed_clauses_are_not_given_again(database: Database) -> None:
    Done(database, LIBRARY)
    with database.write(PERSON) as change:
        remove_resource(change, Clause, "a-1.2", ANY)
    done = Done(database, with_texts(*(each["협약내용"] for each in LIBRARY), "주민 사서를 기른다"))
    assert clauses(database) == {"a-1.1": "2021년까지 도서관 3곳을 연다", "a-1.3": "주민 사서를 기른다"}
    assert done.outcome.removed[0].startswith("clause a-1.2 stays removed")


def test_rows_alike_but_for_their_status_are_refused(database: Database) -> None:
    rows = [{**LIBRARY[0], "상태": "완료"}, {**LIBRARY[0], "상태": "추진 중"}]
    assert refused(database, rows) == [
        "a.csv:3:34: a.csv:2:34 has the same words and another status; number the clauses in a column that fills in clause.number, or keep one of the two"
    ]


# Before the signing


def test_what_is_dated_before_the_signing_is_named_by_loads_and_by_check(database: Database) -> None:
    early = "clause deal.1: `met` as of 2020-05 is before the signing on 2021-03-02"
    outcome = told(
        database,
        "agreements: [{id: deal, title: Deal, kind: mou, signed_on: 2021-03-02, clauses: [{number: 1, kind: listed, text: one,"
        " follow_ups: [{track: reported, status: met, effective_on: 2020-05}, {track: reported, status: met, effective_on: 2021}]}]}]",
    )
    assert outcome.warnings == [early]
    assert list(problems(database)) == [
        early,
        "clause deal.1: met on 2020-05-31, before the signing on 2021-03-02",
    ]
    moved = told(database, "agreements: [{id: deal, signed_on: 2022-03-02}]")
    assert sorted(moved.warnings) == [
        "clause deal.1: `met` as of 2020-05 is before the signing on 2022-03-02",
        "clause deal.1: `met` as of 2021 is before the signing on 2022-03-02",
        "clause deal.1: met on 2020-05-31, before the signing on 2022-03-02",
    ]
    assert told(database, "agreements: [{id: deal, signed_on: 2020}]").warnings == []
    assert list(problems(database)) == []


# Worksheets that come back

TWELVE = [
    row("도서관 협약", "2021-03-02", "가람시, 책마루", f"{n}번째 약속: 책 {n}00권", 관리번호="1")
    for n in range(1, 13)
]
Change = Callable[[list[list[str]]], None]


def returned(database: Database, change: Change) -> str:
    """Write the worksheet of a department, fill its tenth row in, and change it as a program would."""
    write_collection(database, "문화과", Path("d.csv"), force=True)
    table = list(csv.reader(io.StringIO(Path("d.csv").read_text("utf-8-sig"))))
    at = {heading: place for place, heading in enumerate(table[0])}
    table[10][at["새 추진상황"]], table[10][at["새 상태기준일"]] = "완료", "2025. 1."
    change(table)
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(table)
    Path("d.csv").write_text(buffer.getvalue(), "utf-8", newline="")
    return "d.csv"


@pytest.fixture
def twelve(database: Database) -> Database:
    text = map_for(TWELVE) + "\nparty: 가람시\n"
    text = text.replace("columns:", "columns:\n  부서: department")
    rows = [{**each, "부서": "문화과"} for each in TWELVE]
    load(database, [sheet(rows)], FILE, sheets=Sheets(parse_map("m", text.encode())))
    return database


def test_a_worksheet_is_taken_however_its_rows_are_sorted(twelve: Database) -> None:
    def sort(table: list[list[str]]) -> None:
        table[1:] = reversed(table[1:])

    load(twelve, [returned(twelve, sort)], FILE)
    assert [each["clause"] for each in state(twelve)["follow_up"]] == ["garam-si-1.10"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_id_that_excel_changed_is_refused(twelve: Database, kind: str) -> None:
    def as_number(table: list[list[str]]) -> None:
        table[10][0] = "garam-si-1.1"

    path = returned(twelve, as_number)
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for line in csv.reader(io.StringIO(Path(path).read_text("utf-8"))):
            book.worksheets[0].append(line)
        path = "d.xlsx"
        book.save(path)
    with pytest.raises(Faulty) as caught:
        load(twelve, [path], FILE)
    (fault,) = map(str, caught.value.faults)
    assert fault.endswith(
        "this row shows `10번째 약속: 책 1000권`, but garam-si-1.1 is `1번째 약속: 책 100권`; take ids, agreements and words from the sheet as it was written (`tracker worksheet`)"
    )


@pytest.mark.parametrize(
    ("heading", "words"),
    [("협약명", "다른 협약"), ("협약기관", "가람시\n한빛"), ("체결일", "2022-03-02"), ("협약내용", "")],
)
def test_another_agreement_party_or_day_than_the_ids_is_refused(
    twelve: Database, heading: str, words: str
) -> None:
    def change(table: list[list[str]]) -> None:
        table[10][table[0].index(heading)] = words

    with pytest.raises(Faulty) as caught:
        load(twelve, [returned(twelve, change)], FILE)
    (fault,) = map(str, caught.value.faults)
    assert (f"shows `{' '.join(words.split())}`" in fault) if words else ("does not show the words" in fault)


def test_words_corrected_since_the_sheet_was_written_are_no_fault(twelve: Database) -> None:
    path = returned(twelve, lambda _: None)
    told(
        twelve,
        "agreements: [{id: garam-si-1, title: 새 도서관 협약, signed_on: 2021-03-03, clauses: [{number: 10, text: 책 천 권}]}]",
        by=PERSON,
    )
    load(twelve, [path], FILE)
    assert [each["clause"] for each in state(twelve)["follow_up"]] == ["garam-si-1.10"]


def test_a_report_of_another_clause_in_the_hidden_column_is_refused(twelve: Database) -> None:
    recorded(twelve, "garam-si-1.9")

    def shift(table: list[list[str]]) -> None:
        table[10][1] = table[9][1]

    with pytest.raises(
        Faulty, match=r"this row shows the last report of garam-si-1\.9, but its id is garam-si-1\.10"
    ):
        load(twelve, [returned(twelve, shift)], FILE)


def test_doubles_and_what_left_are_said_before_anything_is_written(
    database: Database, database_url: str
) -> None:
    Done(database, [DRONE])
    Path("map.yaml").write_text(map_for([DRONE]), "utf-8")
    arguments = ["load", sheet([HYDROGEN]), "--map", "map.yaml"]
    done = CliRunner().invoke(program, arguments, env={"TRACKER_DATABASE_URL": database_url})
    assert done.exit_code == 0
    assert done.output.index("is new, but may be") < done.output.index("agreement\t1")
    assert stored(database, "agreement", "garam-si-naraegongdan-2020-2")
    assert entries(database, "agreement", "garam-si-naraegongdan-2020-2")


# What is good of a sheet


@pytest.mark.parametrize("name", ["r.csv", "r.xlsx"])
def test_good_rows_go_in_and_the_others_come_back_to_be_mended(
    database: Database, database_url: str, name: str
) -> None:
    rows = [{**DRONE, "관리번호": "1"}, {**HYDROGEN, "관리번호": "2", "체결일": "8월쯤"}]
    Path("map.yaml").write_text(map_for(rows), "utf-8")
    sheet(rows, name="r.csv")
    if name.endswith("xlsx"):
        book = openpyxl.Workbook()
        for line in csv.reader(io.StringIO(Path("r.csv").read_text("utf-8"))):
            book.worksheets[0].append(line)
        book.save(name)

    def run(path: str) -> str:
        arguments = ["load", path, "--map", "map.yaml", "--accept", "good"]
        done = CliRunner().invoke(program, arguments, env={"TRACKER_DATABASE_URL": database_url})
        assert done.exit_code == 0, done.output
        return done.output

    rest = name.replace("r.", "r-to-mend.")
    assert f"1 row is not loaded; mend {rest}, then load it with the same map" in run(name)
    assert [each["id"] for each in state(database)["agreement"]] == ["1"]
    if name.endswith("xlsx"):
        book = openpyxl.load_workbook(rest)
        table = [[str(cell.value or "") for cell in line] for line in book.worksheets[0].iter_rows()]
        column = table[0].index("체결일") + 1
        book.worksheets[0].cell(2, column).value = "2020. 8. 31."
        book.save(rest)
    else:
        table = list(csv.reader(io.StringIO(Path(rest).read_text("utf-8-sig"))))
        Path(rest).write_text(Path(rest).read_text("utf-8-sig").replace("8월쯤", "2020. 8. 31.", 1), "utf-8")
    assert len(table) == 2
    assert table[0][-1] == "적재되지 않은 이유"
    assert "`8월쯤` is not a date" in table[1][-1]
    assert "not loaded" not in run(rest)
    assert [each["id"] for each in state(database)["agreement"]] == ["1", "2"]


def test_equal_faults_are_one_line_with_a_count(database: Database, database_url: str) -> None:
    rows = [{**DRONE, "관리번호": str(number)} for number in range(40)]
    Path("map.yaml").write_text(map_for(rows).partition("defaults")[0], "utf-8")
    arguments = ["load", sheet(rows), "--map", "map.yaml"]
    done = CliRunner().invoke(program, arguments, env={"TRACKER_DATABASE_URL": database_url})
    assert done.exit_code == 3
    assert (
        "a.csv:2:1: `kind` is missing (40 times: a.csv:2:1, a.csv:3:1, a.csv:4:1, …)"
        in done.output.splitlines()
    )
