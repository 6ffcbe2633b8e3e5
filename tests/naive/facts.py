"""What a random year is made of: plain facts, in fractions, that say nothing of the product."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

ZERO = Fraction(0)
_PUBLISHED = date(2025, 12, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """How long a period is: whole months, or whole weeks."""

    months: int = 0
    weeks: int = 0

    @property
    def days(self) -> int:
        """Return how long it is, roughly: enough to tell the shorter of two."""
        return self.months * 30 + self.weeks * 7


MONTH = Every(months=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Up to and with a bound (None: without end) each unit costs ``unit``, the tier ``flat``."""

    up_to: Fraction | None
    unit: Fraction
    flat: Fraction = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """
    A price: what it multiplies and when it falls due.

    ``of`` is "once" (a fee), "seats" (a fee for each of a quantity), "usage", or "bound" (what
    other prices come to, together); ``model`` is "flat", "unit", "graduated", "volume",
    "stairstep" or "package" (of ``size`` units); ``included`` units of usage are free in a whole
    period.  A bound is over the prices ``over``, all others where it names none.
    ``every``: the price has periods of its own.
    """

    key: str
    of: str
    model: str = "flat"
    tiers: tuple[Tier, ...] = ()
    size: Fraction = Fraction(1)
    included: Fraction = ZERO
    advance: bool = False
    every: Every | None = None
    over: tuple[str, ...] = ()
    least: Fraction | None = None
    most: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A plan: its rates by period, and how parts of one are charged: day, second or none."""

    name: str
    rates: tuple[Rate, ...]
    mode: str = "day"
    every: Every = MONTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    What is other from an instant on; None stays. ``known``: from which run of billing on.

    ``extras``: how many times an offer is taken beside the contract's own from here on.
    """

    at: datetime
    known: int = 0
    offer: Offer | None = None
    seats: int | None = None
    paused: bool | None = None
    restart: bool = False
    extras: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A quantity, known from a run of billing on; ``corrected``: another one, from a later one."""

    at: datetime
    quantity: Fraction
    known: int = 0
    corrected: tuple[int, Fraction] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """
    A coupon: so many percent, or an amount, off documents that fall due in a time.

    ``keys``: of these prices only. ``times``: of so many documents; None: of all. ``used_up``: what
    one document leaves of the amount is kept for the next.
    """

    name: str
    at: datetime
    until: datetime | None = None
    percent: Fraction | None = None
    amount: Fraction = ZERO
    times: int | None = None
    used_up: bool = False
    keys: tuple[str, ...] = ()
    known: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """After a run an invoice is taken back, and billed anew or not; ``pick`` says which one."""

    run: int
    pick: int
    anew: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """After a run so many percent of what is left of a line of an invoice are given back."""

    run: int
    pick: int
    line: int
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """
    A contract: where, since when, on which offer, what changed, what was used, which tax.

    ``runs``: when billing runs besides; ``exchange``: rates into the contract's currency, of which
    one is published every fifth day, over and over; none where prices are in its own;
    ``thresholds``: amounts of usage, and whether they recur.
    """

    zone: ZoneInfo
    start: datetime
    calendar: bool
    offer: Offer
    extra: Offer | None = None
    changes: tuple[Change, ...] = ()
    uses: tuple[Use, ...] = ()
    gifts: tuple[Gift, ...] = ()
    voids: tuple[Void, ...] = ()
    credits: tuple[Credit, ...] = ()
    runs: tuple[datetime, ...] = ()
    trial_end: datetime | None = None
    end: datetime | None = None
    end_known: int = 0
    tax: Fraction | None = None
    tax_inside: bool = False
    exchange: tuple[Fraction, ...] = ()
    thresholds: tuple[tuple[Fraction, bool], ...] = ()

    @property
    def published(self) -> list[tuple[date, Fraction]]:
        """Return the rates of exchange by the day on which they were published."""
        rates = self.exchange
        days = range(170) if rates else ()
        return [(_PUBLISHED + timedelta(days=5 * at), rates[at % len(rates)]) for at in days]
