"""
Taxes in a document's canonical JSON.

The document lists each tax once, with what its lines bear of it together; a line names a tax by its
place in that list, from 0. What carries no tax has none of these fields.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from tallystick.catalog import TaxCategory
from tallystick.kernel import EXACT, Currency, Misuse, Money, parse_decimal, plain
from tallystick.tax import AppliedTax, LineTax, TaxSubtotal


class LineTaxDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a line bears of the tax at a place of the document's list; money in major units."""

    tax: int
    money: str


class TaxDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tax, the net of the lines that bear it, and what it comes to; ``rate`` is percent."""

    tax: str
    country: str
    region: str
    category: TaxCategory
    rate: str
    inclusive: bool
    reason: str
    reason_code: str
    net: str
    money: str


def wire_from_subtotal(subtotal: TaxSubtotal) -> TaxDocument:
    """Return what a document says of one tax, as it is written."""
    applied = subtotal.applied
    return TaxDocument(
        tax=applied.tax,
        country=applied.country,
        region=applied.region,
        category=applied.category,
        rate=plain(applied.rate),
        inclusive=applied.inclusive,
        reason=applied.reason,
        reason_code=applied.reason_code,
        net=plain(subtotal.net.decimal),
        money=plain(subtotal.money.decimal),
    )


def wire_from_line_taxes(
    taxes: Sequence[LineTax], listed: Sequence[TaxSubtotal]
) -> list[LineTaxDocument]:
    """Return what a line bears, by the places of a document's taxes."""
    places = {one.applied: place for place, one in enumerate(listed)}
    return [
        LineTaxDocument(tax=places[one.applied], money=plain(one.money.decimal)) for one in taxes
    ]


def applied_from_wire(wire: TaxDocument) -> AppliedTax:
    """
    Return a tax as it was written.

    Raises:
        Misuse: its rate is no number.
    """
    return AppliedTax(
        tax=wire.tax,
        country=wire.country,
        region=wire.region,
        category=wire.category,
        rate=parse_decimal(wire.rate),
        inclusive=wire.inclusive,
        reason=wire.reason,
        reason_code=wire.reason_code,
    )


def line_taxes_from_wire(
    wires: Sequence[LineTaxDocument], listed: Sequence[AppliedTax], unit: Currency
) -> tuple[LineTax, ...]:
    """
    Return what a line bears, as it was written.

    Raises:
        Misuse: the list has no such place, or the money has more places than the currency.
    """
    taxes = []
    for wire in wires:
        if not 0 <= wire.tax < len(listed):
            raise Misuse(f"the document lists no tax at place {wire.tax}")
        taxes.append(LineTax(applied=listed[wire.tax], money=_money(wire.money, unit)))
    return tuple(taxes)


def _money(text: str, unit: Currency) -> Money:
    minor = parse_decimal(text).scaleb(unit.exponent, context=EXACT)
    if minor != minor.to_integral_value():
        raise Misuse(f"{text} has more places than {unit.code}")
    return Money(minor=int(Decimal(minor)), currency=unit)
