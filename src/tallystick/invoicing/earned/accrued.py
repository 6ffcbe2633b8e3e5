"""
What usage and fees in arrears have earned by a day, before a document charges them.

Usage is earned when it is used: what it comes to by the end of a day is rated as a whole, and the
day has earned what it added to that.  A fee in arrears is earned by the days of its period; what is
missing to a minimum on the last of them, when it is known.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from tallystick.invoicing.basis import Basis
from tallystick.invoicing.earned.booked_days import service_dates
from tallystick.invoicing.invoice import Invoice
from tallystick.invoicing.line import Line, LineKey, LineKind
from tallystick.kernel import EXACT, Amount, Money, settle, time_zone
from tallystick.pricing import SpendPrice

_MOMENT = timedelta(microseconds=1)


def is_in_arrears(basis: Basis, key: LineKey) -> bool:
    """Tell whether a key is charged behind its service: usage, or a fee that says so."""
    price = basis.price_of(key)
    return price is not None and (price.meter is not None or price.cadence == "arrears")


def accrued_lines(basis: Basis, draft: Invoice, *, by: datetime) -> Iterator[Money]:
    """
    Yield what each line in arrears of a period's draft has earned by an instant, net of taxes.

    Args:
        basis: the contract.
        draft: the document of the period, measured up to that instant.
        by: the instant, the end of a day of the period.
    """
    for line in draft.lines:
        if line.kind is LineKind.DERIVED and is_in_arrears(basis, line.key):
            yield _part(line, basis, by)


def _part(line: Line, basis: Basis, by: datetime) -> Money:
    price = basis.price_of(line.key)
    if line.measurement is not None or line.key.period.end <= by:
        return line.net
    if price is not None and isinstance(price.model, SpendPrice):
        return line.net - line.net
    days = service_dates(line.key.period, basis.zone)
    last = (by - _MOMENT).astimezone(time_zone(basis.zone)).date()
    share = Fraction(sum(day <= last for day in days), len(days))
    exact = Fraction(line.net.decimal) * share
    value = EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return settle(Amount(value=value, currency=line.net.currency))
