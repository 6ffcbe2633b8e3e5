"""
What is owed for what a paid grant still holds, in money.

    10,000 request sold for 80.00 EUR:  4,000 left are owed 32.00 EUR

What something took out of a grant is worth what was owed before it less what is owed after it, so
that all of it together comes to exactly what was paid, whatever the parts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tallystick.credits.grant import Grant, GrantKey
from tallystick.credits.history import CreditHistory
from tallystick.credits.standing import standing
from tallystick.kernel import EXACT, Amount, Money, settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgone:
    """What went out of a paid grant, in money: used or transferred, and lapsed."""

    used: Money
    lapsed: Money


def outgone(history: CreditHistory, at: datetime) -> Mapping[GrantKey, Outgone]:
    """
    Return what went out of each paid grant by an instant, all its lots together.

    What was used is counted first, so that uses and lapses add up to what was paid less what is
    owed for the rest. Movements after the instant count as used: they were recorded.
    """
    used: dict[GrantKey, Decimal] = {}
    lapsed: dict[GrantKey, Decimal] = {}
    for lot, _, change in history.changes():
        used[lot.grant] = EXACT.subtract(used.get(lot.grant, Decimal(0)), change)
    for one in standing(history, at):
        for lapse in one.lapses:
            lost = lapsed.get(lapse.lot.grant, Decimal(0))
            lapsed[lapse.lot.grant] = EXACT.add(lost, lapse.amount)
    found: dict[GrantKey, Outgone] = {}
    for grant in history.grants:
        unused = EXACT.subtract(grant.amount, used.get(grant.key, Decimal(0)))
        left = EXACT.subtract(unused, lapsed.get(grant.key, Decimal(0)))
        whole, before, after = (worth(grant, each) for each in (grant.amount, unused, left))
        if whole is not None and before is not None and after is not None:
            found[grant.key] = Outgone(used=whole - before, lapsed=before - after)
    return found


def worth(grant: Grant, left: Decimal) -> Money | None:
    """
    Return what is owed for so much of a grant, settled half away from zero; None if promotional.

    Example:
        >>> from tallystick.credits.grant import GrantKey, GrantKind, Treatment
        >>> from tallystick.kernel import AccountKey, currency, instant, unit
        >>> at = instant("2026-01-01T00:00:00Z")
        >>> bundle = Grant(key=GrantKey("b"), account=AccountKey("acme"), kind=GrantKind.PAID,
        ...     treatment=Treatment.UNITS, amount=Decimal(3), of=unit("request"), given_at=at,
        ...     effective_at=at, sold_for=Money(minor=1000, currency=currency("EUR")))
        >>> [str(worth(bundle, Decimal(left))) for left in (3, 2, 1, 0)]
        ['10.00 EUR', '6.67 EUR', '3.33 EUR', '0.00 EUR']
    """
    paid = grant.price_paid
    if paid is None:
        return None
    exact = EXACT.divide(EXACT.multiply(paid.decimal, left), grant.amount)
    return settle(Amount(value=exact, currency=paid.currency))
