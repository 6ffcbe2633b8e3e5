"""
Lots: what a grant holds, by the time at which it came.

A grant that is given once is one lot. One that recurs is a lot for each period: the first from the
instant at which the grant takes effect, with the whole amount, each next one from a boundary. A lot
whose rest does not roll over ends with its period; one whose rest does lives on behind it, bounded
by the cap (`standing`).

    50.00 EUR each month from January 10 (anchor January 1), nothing rolls over

        lot 0   January 10 to February 1    50.00
        lot 1   February 1 to March 1       50.00

**Burn order**: the smaller priority; then what expires sooner, what never does last; then
promotional before paid; then the older. A void does not change the order, since nobody knew of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from tallystick.credits.grant import Grant, GrantKey, GrantKind, Recurrence
from tallystick.kernel import Period, boundary, period_at, time_zone

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LotId:
    """A grant, and the how manieth of its lots: 0 is the first."""

    grant: GrantKey
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """
    What a grant holds from an instant on.

    Attributes:
        grant: whose it is.
        place: the place of the grant among those of its account, the oldest first.
        starts_at: from this instant it may be used.
        expires_at: from this instant it may not, by the terms of the grant; None: never.
    """

    id: LotId
    grant: Grant
    place: int
    starts_at: datetime
    expires_at: datetime | None

    @property
    def amount(self) -> Decimal:
        """Return what it holds at first, in what the grant holds."""
        return self.grant.amount

    @property
    def order(self) -> tuple[int, datetime, bool, int, int]:
        """Return what lots are sorted by: the one to burn first comes first."""
        return (
            self.grant.priority,
            self.expires_at or _NEVER,
            self.grant.kind is GrantKind.PAID,
            self.place,
            self.id.number,
        )


def lots_of(grant: Grant, *, through: datetime, place: int = 0) -> tuple[Lot, ...]:
    """
    Return the lots of a grant that have started at an instant, in order of their start.

    Example:
        >>> from datetime import date
        >>> from tallystick.credits.grant import Treatment
        >>> from tallystick.kernel import AccountKey, Interval, IntervalUnit, currency, instant
        >>> start = instant("2026-01-10T00:00:00Z")
        >>> monthly = Recurrence(interval=Interval(count=1, of=IntervalUnit.MONTH),
        ...                      anchor=date(2026, 1, 1))
        >>> grant = Grant(key=GrantKey("g"), account=AccountKey("acme"), amount=Decimal(50),
        ...     of=currency("EUR"), kind=GrantKind.PROMOTIONAL, treatment=Treatment.DISCOUNT,
        ...     given_at=start, effective_at=start, recurs=monthly)
        >>> through = instant("2026-03-01T00:00:00Z")
        >>> [f"{lot.starts_at:%m-%d}" for lot in lots_of(grant, through=through)]
        ['01-10', '02-01', '03-01']
    """
    if grant.effective_at > through:
        return ()
    spans: Sequence[Period | None] = [None]
    if grant.recurs is not None:
        spans = tuple(_periods(grant, grant.recurs, through=through))
    return tuple(
        Lot(
            id=LotId(grant=grant.key, number=number),
            grant=grant,
            place=place,
            starts_at=grant.effective_at if span is None else span.start,
            expires_at=_end(grant, span),
        )
        for number, span in enumerate(spans)
    )


def next_lot_at(grant: Grant, *, after: datetime) -> datetime | None:
    """Return the first instant after another at which a lot of a grant starts; None: never more."""
    if grant.effective_at > after:
        return grant.effective_at
    if grant.recurs is None:
        return None
    upcoming = _around(after, grant.recurs).end
    return None if grant.expires_at is not None and upcoming >= grant.expires_at else upcoming


def _periods(grant: Grant, recurs: Recurrence, *, through: datetime) -> Iterator[Period]:
    """Yield the periods of a grant until one starts after an instant, or when it has expired."""
    period = Period(start=grant.effective_at, end=_around(grant.effective_at, recurs).end)
    while period.start <= through and (grant.expires_at or _NEVER) > period.start:
        yield period
        period = _around(period.end, recurs)


def _around(at: datetime, recurs: Recurrence) -> Period:
    return period_at(at, anchor=recurs.anchor, interval=recurs.interval, zone=recurs.zone)


def _end(grant: Grant, span: Period | None) -> datetime | None:
    """Return when a lot expires: with the grant, with its period, or how long the rest stays."""
    ends = [grant.expires_at]
    if grant.recurs is not None and span is not None:
        lasts = grant.recurs.rollover_lasts
        if grant.recurs.rollover_max == 0:
            ends.append(span.end)
        elif lasts is not None:
            day = span.end.astimezone(time_zone(grant.recurs.zone)).date()
            ends.append(boundary(day, lasts, 1, grant.recurs.zone))
    return min((end for end in ends if end is not None), default=None)
