"""
Taxes as they stand on lines: which one, at which rate, and how much of it a line bears.

A rate is percent. A tax is *inclusive* where the price holds it already.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tallystick.catalog import TaxCategory
from tallystick.kernel import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedTax:
    """
    A tax that a line bears; lines that bear equal ones are taxed together.

    Attributes:
        tax: its name, such as ``VAT``.
        country: to which it is owed; empty where none is.
        region: the part of the country; empty: all of it.
        category: of EN 16931.
        rate: percent.
        inclusive: whether the price holds it already.
        reason: why nothing is charged; empty where something is.
        reason_code: the same from the VATEX code list; empty: none.
    """

    tax: str
    country: str
    region: str = ""
    category: TaxCategory
    rate: Decimal
    inclusive: bool = False
    reason: str = ""
    reason_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTax:
    """How much of a tax falls on a line, in minor units; negative on what is given back."""

    applied: AppliedTax
    money: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSubtotal:
    """
    What a document says of one tax (EN 16931, BG-23).

    Attributes:
        net: the sum of the net lines that bear it (BT-116).
        money: the tax itself (BT-117).
    """

    applied: AppliedTax
    net: Money
    money: Money


def net_of(money: Money, taxes: Iterable[LineTax]) -> Money:
    """
    Return a line's money without the taxes that its price holds.

    Example:
        >>> from tallystick.kernel import currency
        >>> eur = currency("EUR")
        >>> vat = AppliedTax(tax="VAT", country="DE", category=TaxCategory.STANDARD,
        ...                  rate=Decimal(19), inclusive=True)
        >>> held = LineTax(applied=vat, money=Money(minor=190, currency=eur))
        >>> str(net_of(Money(minor=1190, currency=eur), [held]))
        '10.00 EUR'
    """
    inside = [tax.money for tax in taxes if tax.applied.inclusive]
    return money - sum(inside, Money(minor=0, currency=money.currency))


def gross_of(money: Money, taxes: Iterable[LineTax]) -> Money:
    """Return a line's money with the taxes that come on top of its price."""
    on_top = [tax.money for tax in taxes if not tax.applied.inclusive]
    return money + sum(on_top, Money(minor=0, currency=money.currency))


def subtotals(lines: Iterable[tuple[Money, tuple[LineTax, ...]]]) -> tuple[TaxSubtotal, ...]:
    """
    Return what lines bear of each tax, in the order in which the lines first name it.

    Args:
        lines: the money of each, with its taxes.
    """
    found: dict[AppliedTax, tuple[Money, Money]] = {}
    for money, taxes in lines:
        net, nothing = net_of(money, taxes), Money(minor=0, currency=money.currency)
        for one in taxes:
            so_far = found.get(one.applied, (nothing, nothing))
            found[one.applied] = (so_far[0] + net, so_far[1] + one.money)
    return tuple(
        TaxSubtotal(applied=applied, net=net, money=money)
        for applied, (net, money) in found.items()
    )
