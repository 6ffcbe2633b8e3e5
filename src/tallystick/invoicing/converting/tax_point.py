"""
The day that decides the tax and the exchange rate of a line.

    in arrears    the last local day of its service period, in the payer's zone
    in advance    the day on which its document is issued
"""

from datetime import date, timedelta

from tallystick.invoicing.basis import Basis
from tallystick.invoicing.due import is_in_advance
from tallystick.kernel import Period, time_zone
from tallystick.pricing import Price

_TICK = timedelta(microseconds=1)


def tax_point(basis: Basis, price: Price, period: Period, *, issue_on: date) -> date:
    """Return the tax point of a price for a service period, on a document issued on a day."""
    return issue_on if is_in_advance(price) else last_local_day(basis, period)


def last_local_day(basis: Basis, period: Period) -> date:
    """Return the payer's local day in which the last instant of a half-open period lies."""
    (zone,) = basis.zones_of([period])
    return (period.end - _TICK).astimezone(time_zone(zone)).date()
