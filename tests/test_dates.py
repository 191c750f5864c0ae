"""Partial dates: bounds worked out by hand, by brute force over the calendar, and by the edtf package."""

from __future__ import annotations

import io
import random
import re
import warnings
from calendar import isleap
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Self

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyparsing.warnings import PyparsingWarning

from tracker import dates
from tracker.dates import NotADate, NotAnInstant, NotAZone, PartialDate, add_months, parse, parse_day

with warnings.catch_warnings():
    # The grammar of edtf 5.0.2 makes pyparsing warn, and only where warnings are errors: `-W error` turns
    # pyparsing's diagnostics on. Nothing else is silenced.
    warnings.simplefilter("ignore", PyparsingWarning)
    from edtf import parse_edtf
    from edtf.parser.edtf_exceptions import EDTFParseException

steady = settings(derandomize=True, deadline=None)  # The same examples in every run, on any machine.

Bounds = tuple[str | None, str | None]


# --- bounds


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2020", "2020-01-01", "2020-12-31"),
        ("2020-08", "2020-08-01", "2020-08-31"),
        ("2021-02", "2021-02-01", "2021-02-28"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("2020-08-31", "2020-08-31", "2020-08-31"),
        ("0001-01-01", "0001-01-01", "0001-01-01"),
        ("9999", "9999-01-01", "9999-12-31"),
    ],
)
def test_a_date_spans_all_its_days(text: str, earliest: str, latest: str) -> None:
    assert parse(text) == PartialDate(text, earliest, latest)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("202X", "2020-01-01", "2029-12-31"),
        ("20XX", "2000-01-01", "2099-12-31"),
        ("20X5", "2005-01-01", "2095-12-31"),
        ("202X-02", "2020-02-01", "2029-02-28"),
        ("2020-XX", "2020-01-01", "2020-12-31"),
        ("2020-XX-XX", "2020-01-01", "2020-12-31"),
        ("2020-08-XX", "2020-08-01", "2020-08-31"),
        ("2020-1X", "2020-10-01", "2020-12-31"),
        ("2020-0X", "2020-01-01", "2020-09-30"),
        ("2020-X1", "2020-01-01", "2020-11-30"),
        ("2020-08-3X", "2020-08-30", "2020-08-31"),
        ("2020-08-0X", "2020-08-01", "2020-08-09"),
        ("2020-02-X9", "2020-02-09", "2020-02-29"),
        ("2021-02-X9", "2021-02-09", "2021-02-19"),
    ],
)
def test_an_unknown_digit_stands_for_every_digit_that_gives_a_day(
    text: str, earliest: str, latest: str
) -> None:
    assert parse(text) == PartialDate(text, earliest, latest)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2020-XX-31", "2020-01-31", "2020-12-31"),
        ("2020-X1-31", "2020-01-31", "2020-01-31"),
        ("2020-0X-31", "2020-01-31", "2020-08-31"),
        ("2020-X2-30", "2020-12-30", "2020-12-30"),
        ("2021-X2-29", "2021-12-29", "2021-12-29"),
        ("2020-X2-29", "2020-02-29", "2020-12-29"),
    ],
)
def test_an_unknown_month_is_one_that_has_the_day(text: str, earliest: str, latest: str) -> None:
    assert parse(text) == PartialDate(text, earliest, latest)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("202X-02-29", "2020-02-29", "2028-02-29"),
        ("20X0-02-29", "2000-02-29", "2080-02-29"),
        ("1X00-02-29", "1200-02-29", "1600-02-29"),
        ("202X-X2-29", "2020-02-29", "2029-12-29"),
    ],
)
def test_29_february_of_an_unknown_year_is_in_a_leap_year(text: str, earliest: str, latest: str) -> None:
    assert parse(text) == PartialDate(text, earliest, latest)


def test_the_31st_of_an_unknown_month_and_year_has_no_bounds() -> None:
    assert parse("XXXX-XX-31") == PartialDate("XXXX-XX-31", None, None)


@pytest.mark.parametrize("text", ["XXXX", "XXXX-08", "XXXX-08-31", "XXXX-02-29", "XXXX-1X-3X", "XXXX?"])
def test_a_wholly_unknown_year_has_no_bounds(text: str) -> None:
    assert parse(text) == PartialDate(text, None, None)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("000X", "0001-01-01", "0009-12-31"),
        ("XXX0", "0010-01-01", "9990-12-31"),
        ("0X00-01-01", "0100-01-01", "0900-01-01"),
        ("000X-02-29", "0004-02-29", "0008-02-29"),
    ],
)
def test_an_unknown_year_is_never_the_year_0(text: str, earliest: str, latest: str) -> None:
    assert parse(text) == PartialDate(text, earliest, latest)


@pytest.mark.parametrize("qualifier", ["?", "~", "%"])
@pytest.mark.parametrize("text", ["2020", "2020-08", "2020-08-31", "202X", "2020-XX-31"])
def test_a_qualifier_stays_in_the_text_and_moves_no_bound(text: str, qualifier: str) -> None:
    plain = parse(text)
    assert parse(text + qualifier) == PartialDate(text + qualifier, plain.earliest, plain.latest)


# --- intervals


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2020/2021", "2020-01-01", "2021-12-31"),
        ("2020-08-31/2021-02", "2020-08-31", "2021-02-28"),
        ("2020?/2021-XX-30~", "2020-01-01", "2021-12-30"),
        ("2020/2020", "2020-01-01", "2020-12-31"),
        ("2020-12/202X", "2020-12-01", "2029-12-31"),
        ("XXXX-08/2020", None, "2020-12-31"),
        ("2020/XXXX-08", "2020-01-01", None),
        ("XXXX-12/XXXX-01", None, None),
    ],
)
def test_an_interval_runs_from_its_first_days_start_to_its_last_days_end(
    text: str, earliest: str | None, latest: str | None
) -> None:
    assert parse(text) == PartialDate(text, earliest, latest)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2020-08-31/..", "2020-08-31", None),
        ("2020-08-31/", "2020-08-31", None),
        ("2020~/..", "2020-01-01", None),
        ("../2020", None, "2020-12-31"),
        ("/2020", None, "2020-12-31"),
        ("XXXX/..", None, None),
    ],
)
def test_an_open_or_unknown_end_has_no_bound(text: str, earliest: str | None, latest: str | None) -> None:
    assert parse(text) == PartialDate(text, earliest, latest)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2020/2020-03", "2020-01-01", "2020-03-31"),
        ("2020-12/2020", "2020-12-01", "2020-12-31"),
        ("2020-12-05/2020-1X-0X", "2020-12-05", "2020-12-09"),
        ("2020-08-31/2020-08-31", "2020-08-31", "2020-08-31"),
    ],
)
def test_an_interval_may_end_in_the_period_that_it_begins_in(text: str, earliest: str, latest: str) -> None:
    assert parse(text) == PartialDate(text, earliest, latest)


# --- refusals


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2021/2020", "`2021/2020` begins after it ends; write the earlier date first"),
        ("203X/202X", "`203X/202X` begins after it ends; write the earlier date first"),
        (
            "2020-08-31/2020-08-30",
            "`2020-08-31/2020-08-30` begins after it ends; write the earlier date first",
        ),
        ("../..", "`../..` has no date at either end; write one, such as `2020/..`"),
        ("/", "`/` has no date at either end; write one, such as `2020/..`"),
        ("../", "`../` has no date at either end; write one, such as `2020/..`"),
        ("/..", "`/..` has no date at either end; write one, such as `2020/..`"),
        (
            "2020/08/31",
            "`2020/08/31` has its parts between slashes; write `2020-08-31`",
        ),
    ],
)
def test_an_interval_that_cannot_be_is_refused(text: str, message: str) -> None:
    assert refusal(text) == message


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2021-02-29", "2021-02"),
        ("1900-02-29", "1900-02"),
        ("2020-04-31", "2020-04"),
        ("2020-08-32", "2020-08"),
        ("2020-08-00", "2020-08"),
        ("2021-02-3X", "2021-02"),
        ("202X-02-30", "202X-02"),
        ("2XX1-02-29", "2XX1-02"),
        ("XXXX-02-30", "XXXX-02"),
        ("XXXX-04-31", "XXXX-04"),
        ("2020-X4-31", "2020-X4"),
        ("2020-08-4X", "2020-08"),
    ],
)
def test_a_day_that_no_calendar_has_is_refused(text: str, month: str) -> None:
    assert refusal(text) == f"`{text}` is not in the calendar; write `{month}` if the day is not known"


@pytest.mark.parametrize("text", ["2020-13", "2020-00", "2020-2X", "2020-9X-XX", "XXXX-99"])
def test_a_month_that_does_not_exist_is_refused(text: str) -> None:
    assert refusal(text) == f"`{text}` has a month that does not exist; months run from `01` to `12`"


@pytest.mark.parametrize("text", ["0000", "0000-01", "0000-01-01", "0000?"])
def test_the_year_0_is_refused(text: str) -> None:
    assert refusal(text) == f"`{text}` is not in the calendar; years run from `0001` to `9999`"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("2020-21", "is a season"),
        ("2020-41", "is a season"),
        ("[2020,2021]", "is a set of dates"),
        ("{2020,2021}", "is a set of dates"),
        ("[..2020]", "is a set of dates"),
        ("2020,2021", "is a set of dates"),
        ("Y12020", "is a long or rounded year"),
        ("Y2E4", "is a long or rounded year"),
        ("2E4", "is a long or rounded year"),
        ("2020S2", "is a long or rounded year"),
        ("2020-08-31T10:00:00Z", "has a time of day"),
        ("2020-08-31T10", "has a time of day"),
        ("-2020", "is before the year 1"),
        ("-202X-08", "is before the year 1"),
        ("2020-?08", "has a qualifier before its end"),
        ("?2020-08", "has a qualifier before its end"),
        ("2020?-08", "has a qualifier before its end"),
        ("2020?~", "has a qualifier before its end"),
        ("202x", "has a small x"),
        ("2020-xx-31", "has a small x"),
        ("2020..2021", "is not an interval"),
        ("12020", "is not a date"),
        ("20", "is not a date"),
        ("2020-8-31", "is not a date"),
        ("20200831", "is not a date"),
        ("2020-", "is not a date"),
        ("2020-08-31-01", "is not a date"),
        ("soon", "is not a date"),
        ("NO", "is not a date"),
    ],
)
def test_what_is_not_a_partial_date_is_refused_by_its_name(text: str, reason: str) -> None:
    assert refusal(text).startswith(f"`{text}` {reason}; write ")


@pytest.mark.parametrize(
    "text", [" 2020", "2020 ", "2020\n", "\t2020", "2020 -08", "2020\u00a0", "2020/ 2021"]
)
def test_space_is_never_trimmed(text: str) -> None:
    assert refusal(text).endswith(" has a space in it; write the date without")


@pytest.mark.parametrize(
    "text", ["\uff12\uff10\uff12\uff10", "٢٠٢٠", "2020\u201008", "2020年", "\ufeff2020", "2020-08-3\uff11"]
)
def test_only_ascii_is_read(text: str) -> None:
    assert "has characters other than the digits 0 to 9 and plain signs" in refusal(text)


def test_a_refusal_names_the_end_of_the_interval_that_is_wrong() -> None:
    assert refusal("2020/2021-02-29").startswith("`2021-02-29` is not in the calendar")


def test_a_refusal_quotes_no_more_than_40_characters() -> None:
    assert refusal("9" * 1_000_000).startswith("`" + "9" * 40 + "…` is not a date")


# --- days


@pytest.mark.parametrize("text", ["2020-08-31", "2020-02-29", "0001-01-01", "9999-12-31"])
def test_a_full_day_is_given_back(text: str) -> None:
    assert parse_day(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2020",
        "2020-08",
        "2020-08-XX",
        "2020-08-31?",
        "20200831",
        "2020-W36-1",
        "\uff12020-08-31",
        "2020-08-31\n",
    ],
)
def test_anything_but_a_full_day_is_refused(text: str) -> None:
    with pytest.raises(
        NotADate, match=r"is not a full day; write year, month and day, such as `2020-08-31`$"
    ):
        parse_day(text)


@pytest.mark.parametrize("text", ["2021-02-29", "2020-04-31", "2020-13-01", "2020-00-01", "0000-01-01"])
def test_a_full_day_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(NotADate, match=f"^`{text}` is not in the calendar; write a day that is$"):
        parse_day(text)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2020-08-31", 6, "2021-02-28"),
        ("2019-08-31", 6, "2020-02-29"),
        ("2020-02-29", 12, "2021-02-28"),
        ("2020-02-29", 48, "2024-02-29"),
        ("2020-08-31", 0, "2020-08-31"),
        ("2020-11-15", 1, "2020-12-15"),
        ("2020-12-15", 1, "2021-01-15"),
        ("2020-03-31", -1, "2020-02-29"),
        ("2020-01-31", -2, "2019-11-30"),
        ("9999-11-30", 1, "9999-12-30"),
        ("0001-02-28", -1, "0001-01-28"),
    ],
)
def test_months_are_added_by_the_calendar_and_end_in_their_month(day: str, months: int, later: str) -> None:
    assert add_months(day, months) == later


@pytest.mark.parametrize(("day", "months"), [("9999-12-01", 1), ("0001-01-31", -1), ("2020-08-31", 10**18)])
def test_months_do_not_leave_the_calendar(day: str, months: int) -> None:
    with pytest.raises(NotADate, match=f"^that many months from `{day}` leave the calendar; "):
        add_months(day, months)


def test_months_are_added_to_real_days_only() -> None:
    with pytest.raises(NotADate, match="is not in the calendar"):
        add_months("2021-02-29", 1)


# --- now


def test_today_is_the_day_in_the_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_the_clock(monkeypatch, datetime(2020, 8, 31, 15, 30, tzinfo=UTC))
    assert [dates.today(zone) for zone in ("UTC", "Asia/Seoul", "America/New_York")] == [
        "2020-08-31",
        "2020-09-01",
        "2020-08-31",
    ]


@pytest.mark.parametrize(
    "zone", ["", "Asia", "Asia/Gwangju", "../UTC", "/etc/passwd", "\0", "x" * 5000, "\ud800"]
)
def test_a_zone_that_is_not_known_is_refused(zone: str) -> None:
    with pytest.raises(NotAZone, match=r"is not a time zone; write a name such as `Asia/Seoul`$"):
        dates.today(zone)


@pytest.mark.parametrize(
    ("microsecond", "text"),
    [
        (0, "2020-08-31T15:30:00.000000Z"),
        (7, "2020-08-31T15:30:00.000007Z"),
        (120000, "2020-08-31T15:30:00.120000Z"),
    ],
)
def test_now_always_has_six_digits(monkeypatch: pytest.MonkeyPatch, microsecond: int, text: str) -> None:
    stop_the_clock(monkeypatch, datetime(2020, 8, 31, 15, 30, 0, microsecond, tzinfo=UTC))
    assert dates.utc_now() == text


def test_now_is_an_instant_that_reads_back_as_itself() -> None:
    now = dates.utc_now()
    assert dates.parse_instant(now) == now


# --- instants


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2020-08-31T10:00:00Z", "2020-08-31T10:00:00.000000Z"),
        ("2020-08-31t10:00:00z", "2020-08-31T10:00:00.000000Z"),
        ("2020-08-31T10:00:00+09:00", "2020-08-31T01:00:00.000000Z"),
        ("2020-08-31T10:00:00-03:30", "2020-08-31T13:30:00.000000Z"),
        ("2020-09-01T00:30:00+09:00", "2020-08-31T15:30:00.000000Z"),
        ("2020-12-31T23:59:59-00:01", "2021-01-01T00:00:59.000000Z"),
        ("2020-08-31T10:00:00-00:00", "2020-08-31T10:00:00.000000Z"),
        ("2020-08-31T10:00:00.5Z", "2020-08-31T10:00:00.500000Z"),
        ("2020-08-31T10:00:00.000001+00:00", "2020-08-31T10:00:00.000001Z"),
        ("0001-01-01T09:00:00+09:00", "0001-01-01T00:00:00.000000Z"),
    ],
)
def test_an_instant_is_given_in_utc(text: str, utc: str) -> None:
    assert dates.parse_instant(text) == utc


def test_digits_past_the_microsecond_are_cut_not_rounded() -> None:
    assert dates.parse_instant("2020-08-31T23:59:59.999999999Z") == "2020-08-31T23:59:59.999999Z"


@pytest.mark.parametrize("text", ["2020-08-31T10:00:00", "2020-08-31T10:00:00.5"])
def test_an_instant_without_offset_is_refused(text: str) -> None:
    with pytest.raises(NotAnInstant, match=r"has no offset; write `Z` for UTC, or one such as `\+09:00`"):
        dates.parse_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2020-08-31",
        "2020-08-31T10:00Z",
        "2020-08-31 10:00:00Z",
        "2020-08-31T10:00:00 09:00",
        "2020-08-31T10:00:00+0900",
        "2020-08-31T10:00:00+09",
        "2020-08-31T10:00:00+24:00",
        "2020-08-31T10:00:00+09:60",
        "2020-08-31T10:00:00.Z",
        "2020-08-31T10:00:00,5Z",
        "2020-08-31T24:00:00Z",
        "2016-12-31T23:59:60Z",
        "20200831T100000Z",
        "\uff12020-08-31T10:00:00Z",
        "2020-08-31T10:00:00Z\n",
        "2020-08-31T10:00:00ZZ",
    ],
)
def test_what_is_not_an_instant_is_refused(text: str) -> None:
    with pytest.raises(NotAnInstant, match=r"is not an instant; write a day, a time from `00:00:00` to"):
        dates.parse_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "2021-02-29T10:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+09:00",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_an_instant_outside_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(NotAnInstant, match="is on no day of the calendar"):
        dates.parse_instant(text)


# --- properties

SIGNS = "0123456789X-/.?~% xT:Z+[]{},YES"
DATES = st.from_regex(
    r"(?:[0X][0-9X]|20|19)[0-9X]{2}(?:-[01X][0-9X](?:-[0-3X][0-9X])?)?[?~%]?", fullmatch=True
)
TEXTS = st.one_of(
    DATES,
    st.tuples(st.sampled_from(["", ".."]) | DATES, st.sampled_from(["", ".."]) | DATES).map("/".join),
    st.text(SIGNS, max_size=25),
)


@steady
@given(TEXTS)
def test_the_earliest_day_is_never_after_the_latest_and_both_are_real(text: str) -> None:
    try:
        read = parse(text)
    except NotADate:
        return
    assert read.text == text
    ends = [parse_day(day) for day in (read.earliest, read.latest) if day is not None]
    assert ends == sorted(ends)


@steady
@given(st.dates())
def test_any_day_bounds_itself(day: date) -> None:
    text = day.isoformat()
    assert parse(text) == PartialDate(text, text, text)
    assert parse_day(text) == text


@steady
@given(st.text() | st.text(SIGNS) | TEXTS)
@example("2020\u2028")
@example("\ud800")
@example("`'\"\\")
def test_garbage_is_refused_in_one_line_and_never_breaks_anything(text: str) -> None:
    for read, refused in ((parse, NotADate), (parse_day, NotADate), (dates.parse_instant, NotAnInstant)):
        message = ""
        try:
            read(text)
        except refused as error:
            message = str(error)
        assert len(message.splitlines()) <= 1
        assert message == "" or "; " in message, "a refusal says what would be accepted"


@steady
@given(st.datetimes(), st.timedeltas(timedelta(minutes=-1439), timedelta(minutes=1439)))
def test_an_instant_stays_the_same_whatever_its_offset(local: datetime, offset: timedelta) -> None:
    sign, minutes = ("-" if offset < timedelta(0) else "+"), abs(offset) // timedelta(minutes=1)
    text = f"{local.isoformat(timespec='microseconds')}{sign}{minutes // 60:02}:{minutes % 60:02}"
    try:
        utc = datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        return
    assert dates.parse_instant(text) == utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


DAYS_OF_THE_2020S = [(date(2020, 1, 1) + timedelta(days=number)).isoformat() for number in range(3653)]


@steady
@given(st.from_regex(r"202[0-9X]-[01X][0-9X]-[0-3X][0-9X]", fullmatch=True))
def test_the_bounds_are_the_first_and_last_day_of_all_that_fit(text: str) -> None:
    fitting = [day for day in DAYS_OF_THE_2020S if re.fullmatch(text.replace("X", "."), day)]
    assert bounds(text) == ((fitting[0], fitting[-1]) if fitting else "refused")


# --- the edtf package as an oracle

COMPARED = 2500  # At 4 to 5 ms each: nearly all the time this file takes.


@dataclass(frozen=True)
class Difference:
    """A kind of text that edtf 5.0.2 reads differently, and why ours is the answer we want."""

    reason: str
    applies: Callable[[str], bool]
    examples: tuple[str, ...]


def matching(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.search(pattern, text) is not None


def has_unknown_digits_beyond_its_grammar(text: str) -> bool:
    level_1 = r"[0-9]([0-9]{2}|[0-9]X|XX)X[?~%]?|[0-9]{4}-(XX|[0-9]{2}-XX|XX-XX)[?~%]?"
    return "X" in text and re.search(r"[?~%]|\.\.", text) is not None and re.fullmatch(level_1, text) is None


def puts_29_february_in_a_common_year(text: str) -> bool:
    start, _, end = text.partition("/")
    first, last = start.replace("X", "0"), (end or start).replace("X", "9")
    return any(day[4:10] == "-02-29" and not isleap(int(day[:4])) for day in (first, last))


def begins_after_it_ends(text: str) -> bool:
    start, slash, end = text.partition("/")
    if slash == "" or "" in (start.strip("."), end.strip(".")):
        return False
    if "refused" in (bounds(start), bounds(end)):
        return False
    first, last = bounds(start)[0], bounds(end)[1]
    return first is not None and last is not None and first > last


# Whatever both refuse is no difference. The first that applies gives a text its reason.
DIFFERENCES = {
    "space": Difference(
        "it trims; a text is kept as given, so it must be right as given",
        matching(r"\s"),
        (" 2020", "2020-08 ", "2020/2021\n"),
    ),
    "kinds not taken": Difference(
        "seasons, sets, long, rounded and negative years and times have no place in a register of agreements",
        matching(r"(^|/)[0-9]{4}-(2[1-9]|3[0-9]|4[01])|[\[{YST?~%]\d|S|T|^-"),
        (
            "2020-21",
            "2020-29",
            "2020/2021-21",
            "[2020,2021]",
            "{2020,2021}",
            "Y12020",
            "-2020",
            "2020S2",
            "2020-08-31T10:00:00Z",
            "2020-?08",
        ),
    ),
    "wholly unknown year": Difference(
        "it answers 0000 to 9999; a date that can be in any year is never overdue, so it has no bounds",
        matching(r"(^|/)XXXX"),
        ("XXXX", "XXXX-08", "XXXX-08-31", "XXXX-XX-31", "XXXX/2020", "2020/XXXX"),
    ),
    "year 0": Difference(
        "it counts a year 0, which no SQL date has",
        matching(r"^[0X]{4}|/0000"),
        ("0000", "0000-01-01", "000X", "0X00-08", "0000/2020", "../0000"),
    ),
    "unknown end": Difference(
        "it invents an end ten years off; what is not known has no bound",
        matching(r"^/|/$"),
        ("2020/", "/2020", "2020-08-31/", "/2020-08-31?"),
    ),
    "single unknown digit": Difference(
        "it breaks (AttributeError, ValueError) on a month or day of which one digit is known",
        matching(r"-([0-9]X|X[0-9])"),
        ("2020-1X", "2020-0X-15", "2020-08-3X", "202X-08-0X", "2020-08-3X/2021"),
    ),
    "unknown digits with more": Difference(
        "its grammar has no qualifier after most unknown digits, and none of them beside `..`",
        has_unknown_digits_beyond_its_grammar,
        ("20X0?", "202X-08~", "2020-XX-30%", "202X/..", "../2020-XX", "202X?/2021"),
    ),
    "unknown month in an interval": Difference(
        "it breaks (AttributeError) on YYYY-XX at either end of an interval",
        matching(r"/[0-9]{4}-XX$|^[0-9]{4}-XX/"),
        ("2020-XX/2021", "2019/2020-XX"),
    ),
    "29 February of a common year": Difference(
        "it gives every February 29 days, in the first and last year of an unknown one too",
        puts_29_february_in_a_common_year,
        (
            "2021-02-29",
            "1900-02-29?",
            "2021-02-29/2022",
            "2020/2021-02-29",
            "2021-02-29/..",
            "202X-02-29",
            "2XX1-02-29",
        ),
    ),
    "day that its month lacks": Difference(
        "it does not compare day and month where a digit of the year is unknown",
        matching(r"[0-9X]*X[0-9X]*-(02-3[01]|(04|06|09|11)-31)"),
        ("202X-02-30", "20XX-04-31", "2XX1-11-31", "202X-06-31/2030"),
    ),
    "begins after it ends": Difference(
        "it takes an interval that ends before it begins",
        begins_after_it_ends,
        ("2021/2020", "2020-08-31/2020-08-30", "203X/202X"),
    ),
}


def test_bounds_agree_with_edtf_apart_from_the_listed_differences() -> None:
    texts = edtf_values(COMPARED)
    answers = {text: (bounds(text), bounds_by_edtf(text)) for text in texts}
    unlisted = {t: pair for t, pair in answers.items() if pair[0] != pair[1] and difference(t) is None}
    assert unlisted == {}
    stale = {
        t: difference(t) for t, pair in answers.items() if pair[0] == pair[1] != "refused" and difference(t)
    }
    assert stale == {}, "edtf now agrees, or the category is too wide"
    agreed = [t for t, pair in answers.items() if pair[0] == pair[1] != "refused"]
    assert len(agreed) > 1500, "the comparison says something only where both give bounds"


def test_the_values_compared_with_edtf_meet_every_listed_difference() -> None:
    met = Counter(difference(text) for text in edtf_values(COMPARED))
    assert {name for name in DIFFERENCES if met[name] < 5} == set()


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, listed in DIFFERENCES.items() for text in listed.examples]
)
def test_a_listed_difference_from_edtf_is_still_there(name: str, text: str) -> None:
    assert difference(text) == name
    assert bounds(text) != bounds_by_edtf(text), DIFFERENCES[name].reason


def difference(text: str) -> str | None:
    return next((name for name, listed in DIFFERENCES.items() if listed.applies(text)), None)


def bounds(text: str) -> Bounds | str:
    try:
        read = parse(text)
    except NotADate:
        return "refused"
    return read.earliest, read.latest


def bounds_by_edtf(text: str) -> Bounds | str:
    """Return edtf's strict bounds; an open end, which it gives as an infinity, as None."""
    try:
        with redirect_stdout(io.StringIO()):  # It prints before it breaks.
            read = parse_edtf(text)
            ends = read.lower_strict(), read.upper_strict()
    except (EDTFParseException, AttributeError, TypeError, ValueError):  # The last three are how it breaks.
        return "refused"
    earliest, latest = (
        None if isinstance(end, float) else "{:04}-{:02}-{:02}".format(*end[:3]) for end in ends
    )
    return earliest, latest


def edtf_values(count: int) -> list[str]:
    """Return so many different values, the same in every run: mostly plain, with every listed difference."""
    chance = random.Random(20200831)
    values: dict[str, None] = {}
    while len(values) < count:
        shape = chance.choices(
            ["{0}", "{0}/{1}", "{0}/..", "../{0}", "{0}/", "/{0}", " {0}"], [75, 12, 4, 4, 2, 2, 1]
        )
        values[shape[0].format(a_date(chance), a_date(chance))] = None
    return list(values)


def a_date(chance: random.Random) -> str:
    year = f"{chance.randint(1, 9999):04}" if chance.random() < 0.3 else f"{chance.randint(1890, 2110)}"
    if chance.random() < 0.2:
        year = chance.choice(["202X", "20XX", "2XXX", "20X0", "2XX1", "1X00", "XXX4", "XXXX", "000X", "0000"])
    month = (
        chance.choice(["XX", "1X", "X2", "00", "13", "21"])
        if chance.random() < 0.2
        else f"{chance.randint(1, 12):02}"
    )
    day = (
        chance.choice(["XX", "XX", "3X", "X9", "00", "32"])
        if chance.random() < 0.2
        else f"{chance.randint(1, 31):02}"
    )
    if chance.random() < 0.1:
        month, day = chance.choice([("02", "29"), ("02", "30"), ("06", "31")])
    precision = chance.choice([1, 2, 3, 3])
    qualifier = chance.choice("?~%") if chance.random() < 0.1 else ""
    return "-".join([year, month, day][:precision]) + qualifier


def refusal(text: str) -> str:
    """Return the sentence with which the text is refused."""
    with pytest.raises(NotADate) as caught:
        parse(text)
    return str(caught.value)


def stop_the_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    stopped = now.timestamp()

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(stopped, tz)

    monkeypatch.setattr(dates, "datetime", Stopped)
