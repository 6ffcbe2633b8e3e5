"""
Plans and price books: what is sold, at which prices.

A published plan version never changes: a subscription names plan and version, and what it was
sold is what it is billed. A price book holds prices that several plans share; a plan version that
names one takes all its prices at the version that was the newest when the plan version was
published, and keeps them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tallystick.catalog.features import Entitlement
from tallystick.kernel import Interval, PlanKey, PriceKey
from tallystick.pricing import Price


class Alignment(StrEnum):
    """Where periods begin: at calendar boundaries, or at the subscription's own anchor."""

    CALENDAR = "calendar"
    ANNIVERSARY = "anniversary"


class Proration(StrEnum):
    """How a part of a period is charged: by local days, by seconds, or always in full."""

    DAY = "day"
    SECOND = "second"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBook:
    """
    A version of a set of prices in one currency.

    It is for plan versions published at or after ``effective_at``.
    """

    key: str
    version: int
    currency: str
    effective_at: datetime
    prices: tuple[Price, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookReference:
    """The price book version from which a plan version took the prices named in ``prices``."""

    key: str
    version: int
    prices: tuple[PriceKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """
    An amount of usage at which an invoice is due within a period.

    Attributes:
        amount: of all usage since the contract began, in major units of the plan's currency.
        recurring: whether it is passed again with each such amount more, above the highest
            threshold that is not.
    """

    amount: Decimal
    recurring: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVersion:
    """
    A version of a plan; ``prices`` holds all that apply, those of its price book first.

    ``prices_include_tax`` says whether they hold their taxes already (gross prices).  An ``add_on``
    is taken beside another plan only: one of ``adds_to``, or any where that is empty.  Where
    ``at_period_end`` holds, usage of a period that changed is billed whole, at the version in force
    at its end, where the meter does not add.  At ``thresholds`` of usage an invoice is due before
    the period is over.  ``product`` is the key of what it belongs to, empty for none;
    ``entitlements`` say what may be used, in the order of the features.  ``payment_days`` is how
    long its documents may be paid, by payers that have no term of their own; None: as long as the
    legal entity gives.  ``policy_form`` is how the quota policy was written of which it was made;
    it is no part of what the plan is.
    """

    plan: PlanKey
    version: int
    name: str
    currency: str
    interval: Interval
    alignment: Alignment
    prices: tuple[Price, ...]
    proration: Proration
    price_book: BookReference | None = None
    prices_include_tax: bool = False
    add_on: bool = False
    adds_to: tuple[PlanKey, ...] = ()
    at_period_end: bool = False
    thresholds: tuple[Threshold, ...] = ()
    product: str = ""
    entitlements: tuple[Entitlement, ...] = ()
    payment_days: int | None = None
    policy_form: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @property
    def sort_key(self) -> str:
        """Give the text by which plan versions are listed: versions of a plan in their order."""
        return f"{self.plan}@{self.version:09d}"
