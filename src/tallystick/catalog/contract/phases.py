"""
Instants that a contract names by counting its billing periods: phases, and the end of a term.

    monthly by calendar, from March 15      after 1: April 1       after 3: June 1
    monthly by anniversary, from March 15   after 1: April 15      after 3: June 15

The first period counts, however short it is.  They are counted by the plan and zone with which the
contract begins, and become instants when they are read.
"""

from dataclasses import dataclass
from datetime import date, datetime

from tallystick.catalog.fields import FLAG, WHOLE, Fields
from tallystick.catalog.plan import Alignment, PlanVersion
from tallystick.catalog.subscription import Term
from tallystick.kernel import Misuse, boundary, calendar_anchor, index_at, time_zone

PERIODS_MAX = 1_200


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What the periods of a contract are counted by; ``plan`` is None where it is not known."""

    start: datetime
    anchor: date
    plan: PlanVersion | None
    zone: str

    def after(self, periods: int) -> datetime | None:
        """
        Return the instant at which so many billing periods are over; None where there is none.

        >>> from tallystick.catalog import Proration
        >>> from tallystick.kernel import Interval, IntervalUnit, PlanKey, instant
        >>> monthly = PlanVersion(plan=PlanKey("pro"), version=1, name="Pro", currency="EUR",
        ...     interval=Interval(count=1, of=IntervalUnit.MONTH), alignment=Alignment.CALENDAR,
        ...     proration=Proration.DAY, prices=())
        >>> counted = Counted(start=instant("2026-03-15T00:00:00Z"), anchor=date(2026, 3, 15),
        ...     plan=monthly, zone="UTC")
        >>> print(counted.after(3).date())
        2026-06-01
        """
        if self.plan is None or periods > PERIODS_MAX:
            return None
        anchor, interval = self.anchor, self.plan.interval
        if self.plan.alignment is Alignment.CALENDAR:
            anchor = calendar_anchor(self.start.astimezone(time_zone(self.zone)).date(), interval)
        try:
            first = index_at(self.start, anchor=anchor, interval=interval, zone=self.zone)
            return boundary(anchor, interval, first + periods, self.zone)
        except Misuse:  # beyond all calendars
            return None


def read_term(fields: Fields) -> Term | None:
    """Read for how long a contract is agreed on: periods, whether it renews, days of notice."""
    if not fields.has("term"):
        return None
    inner = fields.inside("term")
    term = Term(
        periods=inner.read("periods", WHOLE),
        renews=inner.read_or("renews", FLAG, default=False),
        notice_days=inner.read_or("notice_days", WHOLE, 0),
    )
    if term.periods > PERIODS_MAX:
        inner.note("wrong_value", f'"periods" must be 1 to {PERIODS_MAX}', "periods")
    if term.notice_days and not term.renews:
        message = '"notice_days" is said of a term that renews; one that does not ends by itself'
        inner.note("wrong_value", message, "notice_days")
    inner.finish()
    return term
