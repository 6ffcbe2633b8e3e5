"""
A grant: credit that an account was given, and under which terms it may be used.

    welcome   promotional   20.00 EUR      before tax       until March 31
    deposit   paid         500.00 EUR      after tax        never expires
    bundle    paid      10,000 request     before rating    until December 31, sold for 80.00 EUR
    monthly   promotional   50.00 EUR      before tax       each month, 100.00 may roll over

A **treatment** says where on an invoice a grant counts (the project's semantics, "Order on an
invoice"):

    units          before rating: the quantity is lowered
    discount       before tax: the price is lowered, and the tax with it
    prepaid_taxed  tax was charged at the top-up; what it pays bears none any more
    payment        after tax: it pays what is owed

Promotional money is a discount unless said otherwise; for paid money the treatment decides whose
tax is due when, so it is always said. What a grant holds over time is found in `lots`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType, TypeAlias

from tallystick.kernel import (
    EXACT,
    AccountKey,
    Currency,
    Interval,
    MeterKey,
    Money,
    PlanKey,
    PriceKey,
    Problem,
    Unit,
)

GrantKey = NewType("GrantKey", str)
Holding: TypeAlias = Currency | Unit
PRIORITY_DEFAULT = 50
PRIORITY_MAX = 1000


class GrantKind(StrEnum):
    """Whether money was received for it."""

    PAID = "paid"
    PROMOTIONAL = "promotional"


class Treatment(StrEnum):
    """Where on an invoice it counts."""

    UNITS = "units"
    DISCOUNT = "discount"
    PREPAID_TAXED = "prepaid_taxed"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """
    What credit is to be used for: a price, its plan, and the meter of the price if any.

    ``holders``: the accounts whose credit may be used; None: any.
    """

    price: PriceKey
    plan: PlanKey | None = None
    meter: MeterKey | None = None
    holders: frozenset[AccountKey] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """
    What a grant may be used for; each list that is not empty must hold what is asked for.

    Example:
        >>> gpu = Scope(prices=(PriceKey("gpu"),))
        >>> gpu.covers(Use(price=PriceKey("gpu"))), gpu.covers(Use(price=PriceKey("cpu")))
        (True, False)
    """

    prices: tuple[PriceKey, ...] = ()
    plans: tuple[PlanKey, ...] = ()
    meters: tuple[MeterKey, ...] = ()

    def covers(self, use: Use) -> bool:
        """Tell whether it may be used so."""
        return (
            (not self.prices or use.price in self.prices)
            and (not self.plans or use.plan in self.plans)
            and (not self.meters or use.meter in self.meters)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """
    That a grant comes anew at each boundary of an interval, and what of the old rolls over.

    Attributes:
        interval: from one time to the next.
        anchor: the local date from which the boundaries are counted.
        zone: IANA name of the zone whose midnight counts.
        rollover_max: how much of what was left may stay behind a boundary in all, in what the grant
            holds; what is above it lapses, the oldest first. 0: nothing; None: everything.
        rollover_lasts: how long after its own period something stays; None: as long as the grant.
    """

    interval: Interval
    anchor: date
    zone: str = "UTC"
    rollover_max: Decimal | None = Decimal(0)
    rollover_lasts: Interval | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """
    Credit that an account was given.

    Attributes:
        kind: paid or promotional.
        treatment: where on an invoice it counts.
        amount: what it holds, each time anew if it recurs; above 0, in major units of a currency or
            in a unit.
        of: the currency, ISO 4217 or declared, or the unit of quantity.
        priority: 0 to 1,000; the smaller is used first.
        scope: what it may be used for.
        given_at: when it was given; may lie after ``effective_at``.
        effective_at: from this instant it may be used.
        expires_at: from this instant it may not; None: it does not expire.
        recurs: whether it comes anew; None: it is given once.
        sold_for: what was received for the whole of it, in money; None where nothing was, or where
            it is the amount itself.
        legal_entity: who was paid for it and owes it in its books; documents of others take nothing
            of it. Empty for a promotional one that is good for all.
        origin: the grant of another account that it was transferred from; empty: none.
        name: as documents call it; empty: its key.
    """

    key: GrantKey
    account: AccountKey
    kind: GrantKind
    treatment: Treatment
    amount: Decimal
    of: Holding
    priority: int = PRIORITY_DEFAULT
    scope: Scope = Scope()
    given_at: datetime
    effective_at: datetime
    expires_at: datetime | None = None
    recurs: Recurrence | None = None
    sold_for: Money | None = None
    legal_entity: str = ""
    origin: str = ""
    name: str = ""

    def serves(self, use: Use) -> bool:
        """Tell whether it may be used so: by its scope, and by whose it is."""
        is_open = use.holders is None or self.account in use.holders
        return is_open and self.scope.covers(use)

    @property
    def price_paid(self) -> Money | None:
        """Return what was received for it in money; None for a promotional one."""
        if self.kind is GrantKind.PROMOTIONAL or self.sold_for is not None:
            return self.sold_for
        return whole_money(self.amount, self.of) if isinstance(self.of, Currency) else None


def whole_money(amount: Decimal, of: Currency) -> Money | None:
    """
    Return a sum in whole minor units, or None where it has more places than its currency.

    Example:
        >>> from tallystick.kernel import currency
        >>> str(whole_money(Decimal("1.50"), currency("EUR")))
        '1.50 EUR'
        >>> whole_money(Decimal("0.001"), currency("EUR")) is None
        True
    """
    minor = amount.scaleb(of.exponent, context=EXACT)
    whole = minor.to_integral_value()
    return Money(minor=int(whole), currency=of) if whole == minor else None


def default_treatment(kind: GrantKind, of: Holding) -> Treatment | None:
    """
    Return where a grant counts if nobody said so; None where somebody must.

    Example:
        >>> from tallystick.kernel import currency
        >>> default_treatment(GrantKind.PROMOTIONAL, currency("EUR")).value
        'discount'
        >>> default_treatment(GrantKind.PAID, currency("EUR")) is None
        True
    """
    if isinstance(of, Unit):
        return Treatment.UNITS
    return Treatment.DISCOUNT if kind is GrantKind.PROMOTIONAL else None


def grant_problems(grant: Grant) -> tuple[Problem, ...]:
    """
    Return everything that a grant contradicts itself in; empty means that it may be given.

    Problems:
        wrong_value: with the field concerned.
        already_expired: it expires no later than it is given or takes effect.

    Example:
        >>> from tallystick.kernel import currency, instant
        >>> at = instant("2026-01-01T00:00:00Z")
        >>> odd = Grant(key=GrantKey("g"), account=AccountKey("acme"), kind=GrantKind.PAID,
        ...     treatment=Treatment.UNITS, amount=Decimal("0.001"), of=currency("EUR"),
        ...     given_at=at, effective_at=at, expires_at=at)
        >>> [problem.field for problem in grant_problems(odd)]
        ['treatment', 'amount', 'legal_entity', 'expires_at']
    """
    faults = (*_treatment_faults(grant), *_amount_faults(grant), *_recurrence_faults(grant))
    found = [
        Problem(code="wrong_value", message=f'"{field}" {message}', field=field)
        for field, message in faults
    ]
    if grant.expires_at is not None and grant.expires_at <= max(grant.given_at, grant.effective_at):
        message = '"expires_at" must lie ahead, and after "effective_at"'
        found.append(Problem(code="already_expired", message=message, field="expires_at"))
    return tuple(found)


def _treatment_faults(grant: Grant) -> Iterator[tuple[str, str]]:
    if (grant.treatment is Treatment.UNITS) is not isinstance(grant.of, Unit):
        yield "treatment", 'is "units" for a quantity, and another one for money'
    if grant.treatment is Treatment.PREPAID_TAXED and grant.kind is GrantKind.PROMOTIONAL:
        yield "treatment", '"prepaid_taxed" is for what was paid'
    if not 0 <= grant.priority <= PRIORITY_MAX:
        yield "priority", f"must be 0 to {PRIORITY_MAX}"


def _amount_faults(grant: Grant) -> Iterator[tuple[str, str]]:
    if not grant.amount > 0:
        yield "amount", "must be above 0"
    elif isinstance(grant.of, Currency) and whole_money(grant.amount, grant.of) is None:
        yield "amount", f"has more places than {grant.of.code}"
    sold = grant.sold_for
    if grant.kind is GrantKind.PROMOTIONAL and sold is not None:
        yield "sold_for", "belongs to what was paid; leave it out"
    if grant.kind is GrantKind.PAID and isinstance(grant.of, Unit) and sold is None:
        yield "sold_for", "must say what was received for the quantity"
    if grant.kind is GrantKind.PAID and not grant.legal_entity:
        yield "legal_entity", "must say who was paid"
    if sold is not None and sold.minor < 0:
        yield "sold_for", "must not be negative"


def _recurrence_faults(grant: Grant) -> Iterator[tuple[str, str]]:
    if grant.recurs is None:
        return
    if grant.kind is GrantKind.PAID:
        yield "recurs", "is for promotional grants; what is sold is sold each time"
    most = grant.recurs.rollover_max
    if most is not None and most < 0:
        yield "recurs.rollover_max", "must not be negative"
    if grant.recurs.rollover_lasts is not None and most == 0:
        yield "recurs.rollover_lasts", "needs something that rolls over"
