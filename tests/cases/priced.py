"""Prices and usages as documents, for the case tables that put amounts through rating."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from tallystick.kernel import EXACT, Done, settle
from tallystick.pricing import Charge, Price, price_from_document, rate, usage_from_document

Tiers = Sequence[tuple[str | None, str, str]]


def price(document: Mapping[str, object]) -> Price:
    """Read a price the way a catalog does."""
    outcome = price_from_document({"key": "tested", "currency": "USD"} | dict(document))
    assert isinstance(outcome, Done), outcome
    return outcome.value


def tiers(rows: Tiers) -> list[dict[str, object]]:
    """Return the documents of tiers given as (bound, unit price, flat)."""
    names = ("up_to", "unit_price", "flat")
    return [dict(zip(names, row, strict=True)) for row in rows]


def charge(document: Mapping[str, object], usage: Mapping[str, object]) -> Charge:
    """Rate a usage by a price, both as documents."""
    outcome = usage_from_document(dict(usage))
    assert isinstance(outcome, Done), outcome
    return rate(price(document), outcome.value.quantity, detail=outcome.value.detail)


def amount(document: Mapping[str, object], usage: Mapping[str, object]) -> Decimal:
    """Return the exact amount of a usage."""
    return charge(document, usage).amount.value


def cents(document: Mapping[str, object], usage: Mapping[str, object]) -> int:
    """Return the amount of a usage, settled to cents."""
    return settle(charge(document, usage).amount).minor


def differences(totals: Sequence[Decimal]) -> list[Decimal]:
    """Return each amount as it is given: one by one from running totals."""
    before = [Decimal(0), *totals]
    return [EXACT.subtract(later, earlier) for earlier, later in zip(before, totals, strict=False)]
