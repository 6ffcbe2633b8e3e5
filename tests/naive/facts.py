"""What a random year is made of: plain facts, in fractions, that say nothing of the product."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

ZERO = Fraction(0)


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

    ``of`` is "once" (a fee), "seats" (a fee for each of a quantity) or "usage"; ``model`` is
    "flat", "unit", "graduated", "volume", "stairstep" or "package" (of ``size`` units);
    ``included`` units of usage are free in a whole month.
    """

    key: str
    of: str
    model: str
    tiers: tuple[Tier, ...]
    size: Fraction = Fraction(1)
    included: Fraction = ZERO
    advance: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A plan: its rates by month, and how parts of a month are charged: day, second or none."""

    name: str
    rates: tuple[Rate, ...]
    mode: str = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is other from an instant on; None stays. ``known``: from which run of billing on."""

    at: datetime
    known: int = 0
    offer: Offer | None = None
    seats: int | None = None
    paused: bool | None = None
    restart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A quantity, known from a run of billing on; ``corrected``: another one, from a later one."""

    at: datetime
    quantity: Fraction
    known: int = 0
    corrected: tuple[int, Fraction] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A contract: where, since when, on which offer, what changed, what was used, which tax."""

    zone: ZoneInfo
    start: datetime
    anchor_day: int
    offer: Offer
    changes: tuple[Change, ...] = ()
    uses: tuple[Use, ...] = ()
    trial_end: datetime | None = None
    end: datetime | None = None
    end_known: int = 0
    tax: Fraction | None = None
    tax_inside: bool = False
