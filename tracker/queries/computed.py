"""What is computed and never stored: schedule, freshness, disagreement, and statuses as of a day.

All of it is SQL, so that the database filters and sorts by it. "Today" is a parameter; in its place may
stand any day. Up to today the statuses that clauses carry are right; as of an earlier day they are computed
from the follow-ups that were effective (reviews: checked) by then. Dates count by their latest day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    tuple_,
)

from tracker import codes
from tracker.codes import Label
from tracker.models import Agreement, Clause, Field, FollowUp, Quote, Resource, table_of
from tracker.models.columns import Day
from tracker.queries.days import AddMonths, DaysBetween, LocalDay, MonthsCover, NextDay, key_of
from tracker.queries.json_sql import ByCodePoint

AS_OF_PARAMETERS = (
    "today",
    "soon",
    "today_key",
    "covers_1",
    "covers_2",
    "zone_shift",
    "same_day_from",
    "same_day_to",
)
"""The parameters that the expressions here take, in the order of ``AsOf.values``."""
LEAST_FRESH = ("very_stale", "stale", "never", "fresh")
"""Every code of freshness, the least fresh first."""

TODAY: ColumnElement[str] = bindparam("today", type_=Day)
_SOON: ColumnElement[str] = bindparam("soon", type_=Day)
_SETTLED = codes.statuses_in("outcome", "excluded", "dropped")

_clause = table_of(Clause)
_agreement = table_of(Agreement)
_follow_up = table_of(FollowUp)


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day as of which a reader asks: today, unless the reader names another."""

    day: str
    explicit: bool
    """Whether the reader named the day: agreements signed later are then left out."""
    is_historical: bool
    """Whether the day has passed: statuses are then computed from the follow-ups of that time."""
    values: tuple[Any, ...]
    """The values of ``AS_OF_PARAMETERS``."""


@lru_cache(256)
def as_of_day(today: str, time_zone: str, day: str | None = None) -> AsOf:
    """Return a day with all that statements need of it; today where none is named. Days are ISO text."""
    as_of = date.fromisoformat(day or today)
    soon = min(as_of, date.max - timedelta(codes.DAYS_SOON)) + timedelta(codes.DAYS_SOON)
    key = key_of(as_of.year, as_of.month, as_of.day)
    text = as_of.isoformat()
    years = (_covering(as_of, 1), _covering(as_of, 2))
    values = (text, soon.isoformat(), key, *years, *_zone(time_zone, as_of))
    return AsOf(text, day is not None, text < today, values)


def _covering(day: date, years: int) -> str:
    """Return the first day that reaches a day in so many years; 28 February reaches no 29th."""
    if day.year <= years:
        return date.min.isoformat()
    try:
        return day.replace(year=day.year - years).isoformat()
    except ValueError:
        return date(day.year - years, 3, 1).isoformat()


def _zone(time_zone: str, day: date) -> tuple[str, str, str]:
    """Return a zone's standard offset as both engines read it, and when its day is that of UTC.

    Standard, since with summer time a recording would change its day twice a year.
    """
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(time_zone))
    minutes = ((noon.utcoffset() or timedelta()) - (noon.dst() or timedelta())) // timedelta(minutes=1)
    first, last = (0, 24 * 60 - 1 - minutes) if minutes >= 0 else (-minutes, 24 * 60 - 1)
    return f"{minutes:+d} minutes", _clock(first), _clock(last)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def one_of(column: ColumnElement[Any], members: tuple[str, ...]) -> ColumnElement[bool]:
    """Return whether a column holds one of these codes, which stand in the statement itself."""
    return column.in_([_code(member) for member in members])


def _code(text: str) -> ColumnElement[str]:
    assert "'" not in text
    return literal_column(f"'{text}'", String)


@dataclass(frozen=True, eq=False)
class Standing:
    """Clauses and where they stand: what to select from, and what their statuses are read from."""

    joined: FromClause
    """Clauses, each with its agreement."""
    alone: FromClause
    """Clauses without their agreements, where only statuses are read."""
    reported_status: ColumnElement[Any]
    verified_status: ColumnElement[Any]
    status: ColumnElement[Any]
    met_on: ColumnElement[Any]
    reviewed_on: ColumnElement[Any]
    reported_effective: ColumnElement[Any]
    """The latest day on which the report that counts took effect."""
    verified_checked: ColumnElement[Any]
    """The day on which someone looked, of the verification that counts."""

    @property
    def disagreement(self) -> ColumnElement[bool]:
        """Whether evidence, looked at since the report took effect, shows something else than the report."""
        return case(
            (self._nothing_to_compare, false()),
            else_=self.verified_checked >= self.reported_effective,
        )

    @property
    def awaiting_verification(self) -> ColumnElement[bool]:
        """Whether a report stands that nobody has held against evidence since."""
        return case(
            (self.reported_status.is_(None), false()),
            (self.verified_status.is_(None), true()),
            (self._nothing_to_compare, false()),
            else_=self.verified_checked < self.reported_effective,
        )

    @property
    def _nothing_to_compare(self) -> ColumnElement[bool]:
        reported, verified = self.reported_status, self.verified_status
        return or_(
            reported.is_(None),
            verified.is_(None),
            reported == verified,
            and_(one_of(reported, codes.MET), one_of(verified, codes.MET)),
        )

    @property
    def schedule(self) -> ColumnElement[str]:
        """Where a clause stands to its due date."""
        due, latest = _clause.c.due, _clause.c.due_latest
        return case(
            (due.is_(None), _code("no_deadline")),
            (
                self.met_on.is_not(None),
                case((self.met_on > latest, _code("met_late")), else_=_code("met_on_time")),
            ),
            (one_of(self.status, _SETTLED), _code("closed")),
            (latest < TODAY, _code("overdue")),
            (latest <= _SOON, _code("due_soon")),
            else_=_code("not_due"),
        )

    @property
    def overdue(self) -> ColumnElement[bool]:
        """Whether a clause is neither settled nor met, and its due date has passed."""
        return and_(_clause.c.due_latest < TODAY, not_(one_of(self.status, _SETTLED)))

    @property
    def overdue_since(self) -> ColumnElement[str]:
        """The first day on which a clause was overdue."""
        return case((self.overdue, NextDay(_clause.c.due_latest)), else_=null())

    @property
    def slippage_days(self) -> ColumnElement[int]:
        """By how many days the due date was moved since it was first set."""
        return DaysBetween(_clause.c.first_due_latest, _clause.c.due_latest)

    @property
    def next_review_on(self) -> ColumnElement[str]:
        """The last day of the interval that runs from the last review."""
        return AddMonths(self._review_base, _agreement.c.review_every_months)

    @property
    def freshness(self) -> ColumnElement[str]:
        """How many review intervals have passed since the last review, or since signing."""
        return self._by_freshness({name: _code(name) for name in LEAST_FRESH})

    @property
    def stale(self) -> ColumnElement[bool]:
        """Whether a review is due."""
        return not_(self._within(1))

    @property
    def least_fresh(self) -> ColumnElement[str]:
        """A text for each clause that needs reviews; the least names the least fresh and its next review."""
        order = self._by_freshness({name: _code(str(number)) for number, name in enumerate(LEAST_FRESH)})
        review = func.coalesce(cast(self.next_review_on, String(10)), _code("~"))
        released = one_of(self.status, codes.RELEASED)
        return ByCodePoint(case((released, null()), else_=order.concat(review)))

    def _by_freshness(self, values: Mapping[str, ColumnElement[str]]) -> ColumnElement[str]:
        within = case((self.reviewed_on.is_(None), values["never"]), else_=values["fresh"])
        return case((self._within(1), within), (self._within(2), values["stale"]), else_=values["very_stale"])

    @property
    def _review_base(self) -> ColumnElement[str]:
        recorded = LocalDay(_agreement.c.created_at)
        return func.coalesce(self.reviewed_on, _agreement.c.signed_on_latest, recorded, type_=Day)

    def _within(self, intervals: int) -> ColumnElement[bool]:
        return MonthsCover(self._review_base, _agreement.c.review_every_months, intervals)


@cache
def standing(*, historical: bool) -> Standing:
    """Return clauses with their statuses: as stored, or computed as of a day that has passed."""
    # An outer join, so that SQLite goes through clauses in their order and looks agreements up.
    joined = _clause.outerjoin(_agreement, _agreement.c.id == _clause.c.agreement)
    return _as_computed(joined) if historical else _as_stored(joined)


def _as_stored(joined: FromClause) -> Standing:
    stored = _clause.c
    return Standing(
        joined,
        _clause,
        stored.reported_status,
        stored.verified_status,
        stored.status,
        stored.met_on,
        stored.reviewed_on,
        _current("reported", "effective_on_latest", historical=False),
        _current("verified", "checked_on", historical=False),
    )


def _as_computed(joined: FromClause) -> Standing:
    aliases = {track: _follow_up.alias(track) for track in codes.TRACK}
    alone: FromClause = _clause
    for track, alias in aliases.items():
        # A clause without a status of a track today never had one: most need no search.
        ever = _clause.c[f"{track}_status"].is_not(None)
        current = and_(ever, alias.c.id == _current(track, "id", historical=True))
        joined, alone = joined.outerjoin(alias, current), alone.outerjoin(alias, current)
    reported, verified = aliases["reported"].c, aliases["verified"].c
    status = func.coalesce(verified.status, reported.status, _code(codes.NOT_ASSESSED))
    deciding = case((verified.id.is_not(None), _code("verified")), else_=_code("reported"))
    look = _follow_up.alias("look")
    reviewed = (
        select(func.max(look.c.checked_on))
        .where(look.c.clause == _clause.c.id, look.c.checked_on <= TODAY)
        .correlate(_clause)
        .scalar_subquery()
    )
    return Standing(
        joined,
        alone,
        reported.status,
        verified.status,
        status,
        case((one_of(status, codes.MET), _met_on(deciding, aliases.values())), else_=null()),
        case((_clause.c.reviewed_on.is_not(None), reviewed), else_=null()),
        reported.effective_on_latest,
        verified.checked_on,
    )


def _current(track: str, column: str, *, historical: bool) -> ColumnElement[Any]:
    """Return a column of the follow-up that says a track's current status (see ``services.statuses``)."""
    one = _follow_up.alias("one")
    query = select(one.c[column]).where(
        one.c.clause == _clause.c.id, one.c.track == _code(track), _counts(one, historical=historical)
    )
    if historical:
        query = query.where(one.c.effective_on_latest <= TODAY)
    return _last(query, one).correlate(_clause).scalar_subquery()


def _last(query: Select[Any], follow_up: FromClause) -> Select[Any]:
    """Let a query of follow-ups return the last of them only."""
    last_first = (column.desc() for column in follow_up_order(follow_up))
    return query.order_by(*last_first).limit(literal_column("1")).offset(literal_column("0"))


def _counts(one: FromClause, *, historical: bool) -> ColumnElement[bool]:
    """Return whether a follow-up counts: a search that found nothing no longer does once someone looked again."""
    again = _follow_up.alias("again")
    looked: Select[Any] = select(literal_column("1")).where(
        again.c.clause == one.c.clause,
        again.c.track == one.c.track,
        tuple_(again.c.checked_on, again.c.recorded_at) > tuple_(one.c.checked_on, one.c.recorded_at),
    )
    if historical:
        looked = looked.where(again.c.effective_on_latest <= TODAY)
    return or_(one.c.status != _code("no_evidence"), not_(exists(looked.correlate(one))))


def _met_on(deciding: ColumnElement[str], aliases: Iterable[FromClause]) -> ColumnElement[str]:
    """Return the effective day of the first follow-up in the unbroken run of met ones that ends the track."""
    one, other = _follow_up.alias("one"), _follow_up.alias("other")
    broken: Select[Any] = select(literal_column("1")).where(
        other.c.clause == one.c.clause,
        other.c.track == one.c.track,
        other.c.effective_on_latest <= TODAY,
        not_(one_of(other.c.status, codes.MET)),
        _counts(other, historical=True),
        tuple_(*follow_up_order(other)) > tuple_(*follow_up_order(one)),
    )
    return (
        select(func.min(one.c.effective_on_latest))
        .where(
            one.c.clause == _clause.c.id,
            one.c.track == deciding,
            one.c.effective_on_latest <= TODAY,
            one_of(one.c.status, codes.MET),
            not_(exists(broken.correlate(one))),
        )
        .correlate(_clause, *aliases)
        .scalar_subquery()
    )


def follow_up_order(follow_up: FromClause) -> tuple[ColumnElement[Any], ...]:
    """Return the order in which follow-ups count."""
    order = follow_up.c
    return order.effective_on_latest, order.checked_on, order.recorded_at, order.id


FIELDS: dict[type[Resource], dict[str, Field]] = {
    Clause: {
        "schedule": Field(
            "code", "where it stands to its due date", True, codelist=codes.SCHEDULE,
            label=Label("Schedule", "기한 상태"),
        ),
        "overdue_since": Field(
            "day", "the first day on which it was overdue", label=Label("Overdue since", "기한 경과일")
        ),
        "slippage_days": Field(
            "number", "by how many days its due date was moved since it was first set", low=-(2**31),
            label=Label("Days moved", "기한 변경 일수"),
        ),
        "freshness": Field(
            "code", "how long ago someone looked", True, codelist=codes.FRESHNESS,
            label=Label("State of review", "점검 상태"),
        ),
        "next_review_on": Field(
            "day", "by when someone has to look again", label=Label("Review by", "점검 기한")
        ),
        "disagreement": Field(
            "flag", "whether evidence shows something else than the report", True,
            label=Label("Report and evidence differ", "자체보고와 검증 불일치"),
        ),
        "awaiting_verification": Field(
            "flag", "whether a report waits to be verified", True,
            label=Label("Reported, not yet verified", "자체보고 후 검증 대기"),
        ),
    },
    Agreement: {
        "expired": Field("flag", "whether its end has passed", True, label=Label("Expired", "만료"))
    },
    FollowUp: {
        "confirms": Field(
            "flag", "whether it says the same again as the one before it", True,
            label=Label("Confirms", "재확인"),
        )
    },
}  # fmt: skip
"""What readers see beside the stored fields of each kind of resource, in order."""


def expression(model: type[Resource], name: str, *, historical: bool) -> ColumnElement[Any]:
    """Return the SQL of a field, stored or computed, as it is read as of a day."""
    if model is Clause and hasattr(clauses := standing(historical=historical), name):
        computed: ColumnElement[Any] = getattr(clauses, name)
        return computed
    if model is Agreement and name == "expired":
        return and_(_agreement.c.ends_latest < TODAY, one_of(_agreement.c.lifecycle, ("pending", "active")))
    if model is FollowUp and name == "confirms":
        return _confirms()
    return table_of(model).c[name]


def source_of(model: type[Resource], *, historical: bool) -> FromClause:
    """Return what the fields of a resource are selected from."""
    return standing(historical=historical).joined if model is Clause else table_of(model)


def existed(model: type[Resource], *, explicit: bool) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a resource existed on the day asked for; without an explicit day, none.

    An agreement exists from its signing, with its clauses and quotes; a follow-up from when it took effect.
    """
    if not explicit:
        return ()
    signed = or_(_agreement.c.signed_on_latest.is_(None), _agreement.c.signed_on_latest <= TODAY)
    if model in (Agreement, Clause):
        return (signed,)
    if model is Quote:
        agreement = table_of(Quote).c.agreement
        return (exists().where(_agreement.c.id == agreement, signed).correlate(table_of(Quote)),)
    if model is FollowUp:
        of_signed = exists().where(
            _clause.c.id == _follow_up.c.clause, _agreement.c.id == _clause.c.agreement, signed
        )
        return (_follow_up.c.effective_on_latest <= TODAY, of_signed.correlate(_follow_up))
    return ()


def _confirms() -> ColumnElement[bool]:
    before = _follow_up.alias("before")
    query = select(before.c.status).where(
        before.c.clause == _follow_up.c.clause,
        before.c.track == _follow_up.c.track,
        tuple_(*follow_up_order(before)) < tuple_(*follow_up_order(_follow_up)),
    )
    return _follow_up.c.status == _last(query, before).correlate(_follow_up).scalar_subquery()
