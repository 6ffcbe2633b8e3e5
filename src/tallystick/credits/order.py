"""
What a caller says about a grant, read into one: every fault is told with its field.

    {"account": "acme", "amount": "20.00", "currency": "EUR", "expires_at": "2026-04-01T00:00:00Z"}

is promotional money, used before tax, from now until April.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec

from tallystick.credits.grant import (
    PRIORITY_DEFAULT,
    Grant,
    GrantKey,
    GrantKind,
    Holding,
    Scope,
    Treatment,
    default_treatment,
    grant_problems,
    whole_money,
)
from tallystick.credits.wire import RecurrenceDocument, recurrence_from_wire
from tallystick.kernel import (
    AccountKey,
    Currency,
    Done,
    MeterKey,
    Misuse,
    Money,
    Outcome,
    PlanKey,
    PriceKey,
    Problem,
    Refused,
    currency,
    custom_currency,
    instant,
    is_key,
    parse_decimal,
    unit,
)

T = TypeVar("T")
NAME_LENGTH_MAX = 200


class GrantOrder(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """
    A grant as a caller orders it.

    Attributes:
        account: who holds it.
        amount: what it holds, in ``currency`` or ``unit``; give one of them.
        kind: ``promotional`` or ``paid``.
        treatment: ``discount``, ``prepaid_taxed``, ``payment`` or ``units``; empty: by its kind,
            which a paid one of money does not have.
        exponent: places of a currency that is none of ISO 4217.
        priority: 0 to 1,000; the smaller is used first.
        prices, plans, meters: what it may be used for; none: anything.
        effective_at: empty: now.
        expires_at: empty: never.
        recurs: that it comes anew.
        sold_for: of a paid one, what was received, in ``sold_currency``; empty: its amount.
        legal_entity: whose books owe what was paid; empty: the only one.
        key: names the grant; empty: one is made.
        name: as documents call it; empty: its key.
    """

    account: str
    amount: str
    currency: str = ""
    unit: str = ""
    kind: str = "promotional"
    treatment: str = ""
    exponent: int | None = None
    priority: int = PRIORITY_DEFAULT
    prices: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    meters: tuple[str, ...] = ()
    effective_at: str = ""
    expires_at: str = ""
    recurs: RecurrenceDocument | None = None
    sold_for: str = ""
    sold_currency: str = ""
    legal_entity: str = ""
    key: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """
    What an order is read with.

    Attributes:
        key: of the grant, where the order names none.
        at: the present.
        units: countable units that the catalog declares.
    """

    key: str
    at: datetime
    units: Collection[str] = ()


def grant_of(order: GrantOrder, known: Ordered) -> Outcome[Grant]:
    """
    Return the grant that was ordered.

    Problems:
        wrong_value: with the field concerned.
        treatment_missing: paid money must say where on an invoice it counts.
        already_expired: see `grant_problems`.

    Example:
        >>> order = GrantOrder(account="acme", amount="20.00", currency="EUR", kind="paid")
        >>> known = Ordered(key="g1", at=instant("2026-01-01T00:00:00Z"))
        >>> grant_of(order, known).problems[0].code
        'treatment_missing'
    """
    reading = _Reading(order, known)
    made = reading.grant()
    problems = (*reading.problems, *(() if made is None else grant_problems(made)))
    return Done(made) if made is not None and not problems else Refused(problems)


def holding_of(order: "GrantOrder | HoldingNames", units: Collection[str] = ()) -> Holding:
    """
    Return the currency or the unit that is named.

    Raises:
        Misuse: none of them or both, or one that is not known.
    """
    if bool(order.currency) is bool(order.unit):
        raise Misuse('say "currency" or "unit", and one of them')
    if order.unit:
        return unit(order.unit, units)
    if order.exponent is not None:
        return custom_currency(order.currency, order.exponent)
    return currency(order.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingNames:
    """A currency, with its places if it is none of ISO 4217, or a unit, by name."""

    currency: str = ""
    unit: str = ""
    exponent: int | None = None


class _Reading:
    """An order being read, and what is wrong with it."""

    def __init__(self, order: GrantOrder, known: Ordered) -> None:
        self._order, self._known = order, known
        self.problems: list[Problem] = []

    def grant(self) -> Grant | None:
        """Return what was ordered; None where a field cannot be read."""
        order, at = self._order, self._known.at
        of = self._read("currency", lambda: holding_of(order, self._known.units))
        kind = self._read("kind", lambda: GrantKind(order.kind))
        amount = self._read("amount", lambda: parse_decimal(order.amount))
        treatment = None if of is None or kind is None else self._treatment(kind, of)
        starts = self._instant("effective_at") or at
        ends = self._instant("expires_at")
        recurs = order.recurs
        again = None
        if recurs is not None:
            again = self._read("recurs", lambda: recurrence_from_wire(recurs))
        sold = None if of is None else self._sold(of)
        self._names()
        if self.problems or of is None or kind is None or amount is None or treatment is None:
            return None
        return Grant(
            key=GrantKey(order.key or self._known.key),
            account=AccountKey(order.account),
            kind=kind,
            treatment=treatment,
            amount=amount,
            of=of,
            priority=order.priority,
            scope=Scope(
                prices=tuple(map(PriceKey, order.prices)),
                plans=tuple(map(PlanKey, order.plans)),
                meters=tuple(map(MeterKey, order.meters)),
            ),
            given_at=at,
            effective_at=starts,
            expires_at=ends,
            recurs=again,
            sold_for=sold,
            legal_entity=order.legal_entity,
            name=order.name,
        )

    def _treatment(self, kind: GrantKind, of: Holding) -> Treatment | None:
        if self._order.treatment:
            return self._read("treatment", lambda: Treatment(self._order.treatment))
        found = default_treatment(kind, of)
        if found is None:
            message = (
                'paid money says where on an invoice it counts: "treatment" is discount (before '
                "tax), prepaid_taxed (its tax is paid with it) or payment (after tax)"
            )
            problem = Problem(code="treatment_missing", message=message, field="treatment")
            self.problems.append(problem)
        return found

    def _sold(self, of: Holding) -> Money | None:
        order = self._order
        if not order.sold_for:
            return None
        code = order.sold_currency or (of.code if isinstance(of, Currency) else "")
        return self._read("sold_for", lambda: _money(order.sold_for, code))

    def _instant(self, field: str) -> datetime | None:
        text = str(getattr(self._order, field))
        return self._read(field, lambda: instant(text)) if text else None

    def _names(self) -> None:
        order = self._order
        keys = [*order.prices, *order.plans, *order.meters, order.key or self._known.key]
        if not all(map(is_key, keys)):
            self._note("key", "a key has 1 to 128 of A-Z a-z 0-9 . _ : @ / -")
        if len(order.name) > NAME_LENGTH_MAX or not order.name.isprintable():
            self._note("name", f"a name has at most {NAME_LENGTH_MAX} printable characters")

    def _read(self, field: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except (Misuse, ValueError) as error:
            self._note(field, str(error))
            return None

    def _note(self, field: str, message: str) -> None:
        self.problems.append(Problem(code="wrong_value", message=message, field=field))


def _money(text: str, code: str) -> Money:
    money = whole_money(parse_decimal(text), currency(code))
    if money is None:
        raise Misuse(f"{text} has more places than {code}")
    return money
