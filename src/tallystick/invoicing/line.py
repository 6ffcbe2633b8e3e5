"""
A line of an invoice: what was used or sold, what it costs exactly, and what it settles to.

A **derived** line follows from facts and is known by its `LineKey`: which price of which
subscription, for which service period, for which values of the dimensions the price is grouped by.
A **manual** line was entered by a person.

    key                          exact          settled before   money
    cpu, January                 12.3456 USD    0.00             12.35
    cpu, January, corrected      14.0000 USD    12.35            1.65

Only the whole is ever settled, so original and correction add up to what one invoice with all facts
would have said.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from tallystick.credits import GrantKey, LotId, Part
from tallystick.currency import DatedRate
from tallystick.kernel import (
    EXACT,
    Amount,
    InvoiceId,
    MeterKey,
    Money,
    Period,
    PriceKey,
    SubscriptionKey,
    derived_id,
    instant_text,
    settle,
)
from tallystick.pricing import Charge
from tallystick.tax import LineTax, net_of


class LineKind(StrEnum):
    """Derived from facts, or entered by a person."""

    DERIVED = "derived"
    MANUAL = "manual"


# Begins the origin of a step that credit of a grant took off: credit:GRANT:LOT.
CREDIT_ORIGIN = "credit:"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineKey:
    """
    What a derived line is for.

    Attributes:
        subscription: whose contract.
        price: which of its prices.
        period: the service period, half-open.
        group: the values of the price's ``group_by``, in that order; empty without one.
    """

    subscription: SubscriptionKey
    price: PriceKey
    period: Period
    group: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the price, its group and the period, for messages."""
        group = f" ({', '.join(self.group)})" if self.group else ""
        return f"{self.price}{group} in {self.period}"

    @property
    def identity(self) -> tuple[str, str, datetime, tuple[str, ...]]:
        """Return what stays the same when a contract's end moves: all but the end of the period."""
        return (self.subscription, self.price, self.period.start, self.group)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """
    How a line's quantity was found.

    Attributes:
        meter: which meter.
        window: the part of the service period that was measured, half-open; all of it once the
            period is over.
        quantity: in the meter's own unit, before conversion into the price's.
        events: how many events it rests on, unreadable and carried-in ones included.
        digest: the order-free digest of exactly these events (`metering.Evidence`); positions are
            left out, so that the same facts make the same document in whatever order they came.
            Empty in a preview, which has no evidence.
        unmeterable: how many events held no readable value; they count when the cause is mended.
        gap_seconds: seconds of a level beyond its hold limit, for the reader to see.
    """

    meter: MeterKey
    window: Period
    quantity: Decimal
    events: int
    digest: str
    unmeterable: int = 0
    gap_seconds: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    One settled line.

    Attributes:
        id: follows from the document and the key; the same on every machine.
        quantity: in ``unit``, the price's unit; 1 for a flat fee.
        charge: how ``exact`` came about, step by step; None for a manual line.
        exact: the exact price of the whole key with all facts known now.
        settled_before: what issued documents already settled for the key.
        money: ``settle(exact) - settled_before``.
        share: the part of a whole period that the service period is (17/31), applied to fees and
            allowances.
        attribution: digest of whose usage counts and when the contract runs within the service
            period, see `Basis.attribution`.
        position: the log position up to which facts were known.
        taxes: what it bears of each tax; none where the document carries no tax.
    """

    id: str
    kind: LineKind
    key: LineKey
    description: str
    quantity: Decimal
    unit: str
    charge: Charge | None
    exact: Amount
    settled_before: Money
    money: Money
    share: Fraction
    measurement: Measurement | None
    attribution: str
    position: int
    taxes: tuple[LineTax, ...] = ()

    @property
    def conversion(self) -> DatedRate | None:
        """Return the rate by which its charge was converted; None where it needed none."""
        if self.charge is None or self.charge.conversion is None:
            return None
        return self.charge.conversion.dated

    @property
    def taken_off(self) -> Money:
        """Return what coupons and bounds of the whole document take off the whole key."""
        return taken_off_of(self.charge, self.exact)

    @property
    def net(self) -> Money:
        """Return its money without the taxes that its price holds."""
        return net_of(self.money, self.taxes)


def taken_off_of(charge: Charge | None, exact: Amount) -> Money:
    """Return by how much less a whole settles for the steps that come from the whole document."""
    kept = exact.value
    for step in () if charge is None else charge.steps:
        kept = EXACT.subtract(kept, step.amount) if step.origin else kept
    return settle(Amount(value=kept, currency=exact.currency)) - settle(exact)


def credit_of(charge: Charge | None) -> tuple[Part, ...]:
    """Return what credit took off a whole key, in the order of its steps, in whole minor units."""
    found = []
    for step in () if charge is None else charge.steps:
        if step.origin.startswith(CREDIT_ORIGIN) and charge is not None:
            grant, _, number = step.origin.removeprefix(CREDIT_ORIGIN).rpartition(":")
            taken = settle(Amount(value=EXACT.minus(step.amount), currency=charge.amount.currency))
            lot = LotId(grant=GrantKey(grant), number=int(number))
            found.append(Part(lot=lot, amount=taken.decimal))
    return tuple(found)


def line_id(document: InvoiceId, key: LineKey) -> str:
    """Return the id of a derived line: it follows from the document and the key alone."""
    return derived_id(
        "line", document, key.subscription, key.price, instant_text(key.period.start), *key.group
    )


def description_of(
    names: tuple[str, ...], key: LineKey, *, corrected: bool = False, by_hand: bool = False
) -> str:
    """
    Return what a line says it is for: price, group, and whether it corrects a closed period.

    Args:
        names: the dimensions by which the price is grouped, in the order of the key's values.
        key: of the line.
        corrected: whether an issued document has charged the price and period before.
        by_hand: whether its amount was set by hand.
    """
    pairs = zip(names, key.group, strict=False)
    group = ", ".join(f"{name} {value or '(none)'}" for name, value in pairs)
    text = f"{key.price} ({group})" if group else str(key.price)
    text = f"{text}, set by hand" if by_hand else text
    return f"{text}, corrected" if corrected else text
