"""
What is owed for what a paid grant still holds, in money.

    10,000 request sold for 80.00 EUR:  4,000 left are owed 32.00 EUR

What something took out of a grant is worth what was owed before it less what is owed after it, so
that all of it together comes to exactly what was paid, whatever the parts.
"""

from decimal import Decimal

from tallystick.credits.grant import Grant
from tallystick.kernel import EXACT, Amount, Money, settle


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
