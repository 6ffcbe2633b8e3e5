"""Billing period boundaries as Lago's public suite observed them."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from tallystick.accounts import ZoneChange
from tallystick.catalog import Alignment, DocumentDate, IssueRules, PlanVersion, Proration
from tallystick.invoicing import (
    Due,
    Purpose,
    document_date,
    due_date,
    due_documents,
    issue_date,
    issued_from,
)
from tallystick.kernel import (
    AccountKey,
    Interval,
    IntervalUnit,
    Period,
    PlanKey,
    SubscriptionKey,
    calendar_anchor,
    instant,
    period_at,
    time_zone,
)
from tallystick.subscriptions import Subscription, periods
from tests.invoicing.world import BASIS, ENTITY, drafted, the_invoice
from tests.notation import CaseBook, Check, Otherwise, Reason, Row, numbers
from tests.tally import row_tests

FILE = "lago-periods.md"
NEW_YORK = "America/New_York"
MOMENT = timedelta(microseconds=1)

WEEK = Interval(count=1, of=IntervalUnit.WEEK)
MONTH = Interval(count=1, of=IntervalUnit.MONTH)
QUARTER = Interval(count=1, of=IntervalUnit.QUARTER)
YEAR = Interval(count=1, of=IntervalUnit.YEAR)

MONTHLY = PlanVersion(
    plan=PlanKey("pro"),
    version=1,
    name="Pro",
    currency="EUR",
    interval=MONTH,
    alignment=Alignment.CALENDAR,
    prices=(),
    proration=Proration.DAY,
)
SUBSCRIPTION = Subscription(
    key=SubscriptionKey("s"),
    account=AccountKey("a"),
    plan=MONTHLY.plan,
    version=1,
    legal_entity="main",
    start=instant("2021-12-31T15:00:00Z"),
    anchor=date(2022, 1, 1),
)

_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d(?::\d\d)?)Z)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question for a period: intervals from an anchor (None: the calendar's) in a zone."""

    interval: Interval
    anchor: str | None = None
    zone: str = "UTC"

    def containing(self, at: datetime) -> Period:
        """Return the period that runs at an instant ("advance", "terminated", "current")."""
        local = at.astimezone(time_zone(self.zone)).date()
        anchor = (
            date.fromisoformat(self.anchor)
            if self.anchor
            else calendar_anchor(local, self.interval)
        )
        return period_at(at, anchor=anchor, interval=self.interval, zone=self.zone)

    def before(self, at: datetime) -> Period:
        """Return the last period that had ended at an instant ("arrears")."""
        return self.containing(self.containing(at).start - MOMENT)


def midnight(day: str, zone: str) -> datetime:
    """Return local midnight of a day, in UTC."""
    return datetime.fromisoformat(day).replace(tzinfo=time_zone(zone)).astimezone(UTC)


def expected_ends(text: str, zone: str) -> tuple[datetime | None, datetime | None]:
    """Return start and end (half-open) that a cell writes as "from A to B", "A..B", "..B"."""
    start = end = None
    for match in _STAMP.finditer(text):
        day, clock = match.groups()
        ends = "to" in text[: match.start()] or ".." in text[: match.start()]
        if clock:
            at = datetime.fromisoformat(f"{day}T{clock}+00:00")
            at += timedelta(seconds=1) if ends else timedelta(0)
        else:
            following = date.fromisoformat(day) + timedelta(days=1)
            at = midnight(following.isoformat() if ends else day, zone)
        if ends:
            end = at
        else:
            start = at
    return start, end


def assert_period(period: Period, text: str, zone: str) -> None:
    """Compare the ends that the cell gives; what it leaves open is open."""
    start, end = expected_ends(text, zone)
    assert start is not None or end is not None, text
    assert start in (None, period.start)
    assert end in (None, period.end)


def instants(row: Row) -> list[datetime]:
    """Return the instants in the row's ``at`` cell; a bare day is its midnight in UTC."""
    stamps = _STAMP.findall(row["at"])
    assert stamps, row["at"]
    return [instant(f"{day}T{clock or '00:00'}:00Z") for day, clock in stamps]


def arrears(asked: Asked) -> Check:
    """The row expects the period that has just ended."""

    def check(row: Row) -> None:
        for at in instants(row):
            assert_period(asked.before(at), row["expected"], asked.zone)

    return check


def running(asked: Asked) -> Check:
    """The row expects the period that runs: advance, termination, current usage."""

    def check(row: Row) -> None:
        for at in instants(row):
            assert_period(asked.containing(at), row["expected"], asked.zone)

    return check


def check_next_end(row: Row) -> None:
    """The next end lies at local midnight, after the change to summer time in New York."""
    at = instant("2022-03-07T00:00:00Z")
    in_utc, in_new_york = row["expected"].split("(NY: ")
    assert_period(Asked(interval=MONTH).containing(at), f"to {in_utc}", "UTC")
    local = Asked(interval=MONTH, zone=NEW_YORK).containing(at)
    assert_period(local, f"to {in_new_york}", NEW_YORK)


def check_clamped_end(row: Row) -> None:
    """A quarter from January 30 ends before April 30; the row gives no year, any will do."""
    assert (row["at"], row["expected"]) == ("Apr 30", "to Apr 29")
    for year in (2021, 2022, 2024):
        period = quarterly(f"{year}-01-30").before(midnight(f"{year}-04-30", "UTC"))
        assert_period(period, f"to {year}-04-29", "UTC")


def check_tokyo(row: Row) -> None:
    """A window begins where the one before has ended, at Tokyo's midnight."""
    start, end = row["usage window"].split(" .. ")
    period = Asked(interval=MONTH, zone="Asia/Tokyo").containing(instant("2022-02-10T00:00:00Z"))
    assert_period(period, f"from {start} to {end}", "Asia/Tokyo")


def check_moved(row: Row) -> None:
    """A payer that moved in January: the next window leads from the old zone to the new one."""
    start, end = row["usage window"].split(" .. ")
    moved = ZoneChange(zone="America/Los_Angeles", at=instant("2022-01-20T00:00:00Z"))
    january, february, *_ = periods(
        SUBSCRIPTION,
        [MONTHLY],
        "Asia/Tokyo",
        through=instant("2022-03-15T00:00:00Z"),
        zone_changes=(moved,),
    )
    assert january.end == february.start
    assert_period(february, f"from {start} to {end}", "America/Los_Angeles")


def check_net_terms(row: Row) -> None:
    """A document is due its net days after issue; being overdue from the next day is dunning's."""
    assert (row["case"], row["expected"][:9]) == ("issued Jan 1, net term 2 days", "due Jan 3")
    assert due_date(date(2022, 1, 1), payment_days=2) == date(2022, 1, 3)


def days(*asked: tuple[Interval, str | None, str]) -> Check:
    """The whole periods around these days have as many local days as the row says."""

    def check(row: Row) -> None:
        counted = []
        for interval, anchor, day in asked:
            period = Asked(interval=interval, anchor=anchor).containing(midnight(day, "UTC"))
            counted.append((period.end.date() - period.start.date()).days)
        assert counted == numbers(row["days"])[: len(asked)]

    return check


def quarterly(anchor: str) -> Asked:
    """Ask for quarters from an anchor."""
    return Asked(interval=QUARTER, anchor=anchor)


def issued_at(ends: date, rules: IssueRules) -> tuple[datetime, date]:
    """Return when the document of a month is issued, and the day that stands on it."""
    entity = replace(ENTITY, zone="UTC", issuing=rules)
    end = datetime(ends.year, ends.month, ends.day, tzinfo=UTC)
    period = Period(start=(end - MOMENT).replace(day=1, hour=0, minute=0, second=0), end=end)
    period = replace(period, start=period.start.replace(microsecond=0))
    basis = replace(BASIS, issuer=entity)
    due = Due(period=period, purpose=Purpose.PERIOD, at=end)
    instant_of_issue = issued_from(basis, due)
    document = replace(the_invoice(drafted([])), period=period)
    today = issue_date(instant_of_issue, entity)
    return instant_of_issue, document_date(entity, document, today=today, zone="UTC")


def check_grace(row: Row) -> None:
    """A draft may be made when the period is over; it is issued after the days of grace."""
    assert row["expected"] == "draft from Mar 1, finalised Mar 4"
    at, _ = issued_at(date(2022, 3, 1), IssueRules(grace_days=int(row.number("case"))))
    assert at == instant("2022-03-04T00:00:00Z")
    monthly = replace(BASIS, issuer=replace(ENTITY, issuing=IssueRules(grace_days=3)))
    due = due_documents(monthly, through=instant("2026-03-01T00:00:00Z"))
    assert due[-1].at == instant("2026-03-01T00:00:00Z")


def check_issue_date(row: Row) -> None:
    """The day on the document is that of its issue, or kept: before or behind the period's end."""
    kept = {
        "start of next period": DocumentDate.NEXT_PERIOD,
        "end of current period": DocumentDate.PERIOD_END,
    }[row["anchor setting"]]
    dated = kept if row["adjustment setting"] == "keep" else DocumentDate.ISSUE
    rules = IssueRules(grace_days=int(row.number("grace days")), dated=dated)
    _, day = issued_at(date(2022, 11, 1), rules)
    assert f"{day:%b} {day.day}" == row["issue date"]


CHECKS: dict[str, Check] = {
    "PD-001": arrears(Asked(interval=MONTH)),
    "PD-002": running(Asked(interval=MONTH)),
    "PD-003": arrears(Asked(interval=MONTH, zone=NEW_YORK)),
    "PD-005": running(Asked(interval=MONTH)),
    "PD-006": check_next_end,
    "PD-030": days((MONTH, None, "2022-02-10")),
    "PD-031": days((MONTH, None, "2020-02-10")),
    "PD-032": days((MONTH, "2022-02-02", "2022-02-10"), (MONTH, "2020-02-02", "2020-02-10")),
    "PD-033": days((MONTH, "2024-01-10", "2024-03-20")),
    "PD-034": days((WEEK, None, "2022-02-10")),
    "PD-035": days((QUARTER, None, "2022-05-01"), (QUARTER, None, "2020-02-01")),
    "PD-036": days((QUARTER, "2020-02-02", "2020-02-02"), (QUARTER, "2021-02-02", "2021-02-02")),
    "PD-037": days((QUARTER, "2024-01-15", "2024-04-15")),
    "PD-038": days((YEAR, None, "2021-06-01"), (YEAR, None, "2020-06-01")),
    "PD-039": days((YEAR, "2020-02-02", "2020-02-02")),
    "PD-040": days((YEAR, "2020-02-29", "2024-02-29")),
    "PD-041": days((YEAR, "2024-01-01", "2024-01-01")),
    "PD-042": days((YEAR, "2024-03-15", "2024-03-15")),
    "PD-060": arrears(Asked(interval=QUARTER)),
    "PD-061": arrears(Asked(interval=QUARTER, zone=NEW_YORK)),
    "PD-062": running(Asked(interval=QUARTER)),
    "PD-063": arrears(quarterly("2021-02-02")),
    "PD-064": arrears(quarterly("2021-02-02")),
    "PD-065": running(quarterly("2021-02-02")),
    "PD-066": arrears(quarterly("2021-02-28")),
    "PD-067": running(quarterly("2021-05-30")),
    "PD-068": running(quarterly("2021-02-28")),
    "PD-069": running(quarterly("2021-01-31")),
    "PD-070": running(quarterly("2023-04-06")),
    "PD-071": arrears(quarterly("2021-11-30")),
    "PD-072": check_clamped_end,
    "PD-073": arrears(quarterly("2021-10-01")),
    "PD-110": check_tokyo,
    "PD-120": check_net_terms,
    "PD-111": check_moved,
    "PD-121": check_grace,
    **dict.fromkeys((f"PD-{number}" for number in range(122, 127)), check_issue_date),
}
LEFT_OUT: dict[str, Reason] = {
    "PD-004": Otherwise(sentence="Usage and entitlement always switch at the instant."),
}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
