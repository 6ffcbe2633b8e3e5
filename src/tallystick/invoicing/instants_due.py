"""
When something may fall due of a contract: the instants at which a billing run has to look.

    from January 10, calendar months, a trial until January 20, another plan from February 10

    January 10, January 20, February 1, February 10, March 1, ...

At some of them nothing is billed in the end (no fee runs in a trial); between two of them nothing
falls due by time alone.
"""

from datetime import datetime

from tallystick.invoicing.basis import Basis


def instants_due(basis: Basis, *, after: datetime, through: datetime) -> tuple[datetime, ...]:
    """
    Return the instants in (after, through] at which documents may fall due, ascending.

    They are the beginnings and ends of billing periods and of what the contract says in a row:
    trials, pauses, phases, plans, quantities, its end.
    """
    found = {
        at
        for period in basis.billing_periods(through=through)
        for at in (period.span.start, period.span.end)
    }
    for segment in basis.segments():
        found |= {segment.start, segment.end or segment.start}
    end = basis.subscription.end
    found |= set() if end is None else {end}
    return tuple(sorted(at for at in found if after < at <= through))
