"""
The chart of accounts: what may be debited and credited, and on which side each kind grows.

A chart name is ``kind:owner``, for example ``receivable:acme`` (what acme owes) or ``revenue:cpu``.
The owner part may itself hold colons; only the first one separates.

    kind                 normal side   owner          meaning
    receivable           debit         payer          what a payer owes for issued documents
    cash                 debit         where it lies  money received, as at a bank or a provider
    write_off            debit         payer          receivables that will never be paid
    currency_position    debit         currency       what is held in a foreign currency, against
                                                      its value in the books' own
    revenue              credit        price          earned: the service lies behind
    deferred_revenue     credit        price          invoiced in advance, not yet earned
    tax                  credit        tax and place  charged on documents, owed to an authority, as
                                                      ``tax:VAT:DE``
    customer_credit      credit        payer          paid or given back, not yet used
    prepaid_credit       credit        payer          credit that was sold and is not yet used
    breakage             credit        payer          earned by credit that expired, was void or was
                                                      given up: income without a service
    exchange_difference  credit        currency       gains by other rates at payment; losses are
                                                      debits

The normal side is the one on which a balance usually grows; nothing forbids the other.
"""

from enum import StrEnum

from tallystick.kernel import Misuse


class Side(StrEnum):
    """Debits are written as positive amounts, credits as negative ones."""

    DEBIT = "debit"
    CREDIT = "credit"


class AccountKind(StrEnum):
    """What a chart account stands for."""

    RECEIVABLE = "receivable"
    CASH = "cash"
    WRITE_OFF = "write_off"
    CURRENCY_POSITION = "currency_position"
    REVENUE = "revenue"
    DEFERRED_REVENUE = "deferred_revenue"
    TAX = "tax"
    CUSTOMER_CREDIT = "customer_credit"
    PREPAID_CREDIT = "prepaid_credit"
    BREAKAGE = "breakage"
    EXCHANGE_DIFFERENCE = "exchange_difference"


_KINDS = {kind.value: kind for kind in AccountKind}
_DEBIT_KINDS = frozenset(
    {
        AccountKind.RECEIVABLE,
        AccountKind.CASH,
        AccountKind.WRITE_OFF,
        AccountKind.CURRENCY_POSITION,
    }
)


def chart_name(kind: AccountKind, owner: str) -> str:
    """
    Return the chart name of an owner's account.

    Raises:
        Misuse: the owner is empty.

    Example:
        >>> chart_name(AccountKind.RECEIVABLE, "acme")
        'receivable:acme'
    """
    if not owner:
        msg = f"a {kind} account needs an owner"
        raise Misuse(msg)
    return f"{kind}:{owner}"


def kind_of(name: str) -> AccountKind | None:
    """
    Return the kind that a chart name begins with, or None where the chart has no such account.

    Example:
        >>> kind_of("revenue:cpu").value, kind_of("petty_cash:me"), kind_of("revenue")
        ('revenue', None, None)
    """
    kind, _, owner = name.partition(":")
    return _KINDS.get(kind) if owner else None


def normal_side(kind: AccountKind) -> Side:
    """
    Return the side on which an account of this kind grows.

    Example:
        >>> normal_side(AccountKind.RECEIVABLE).value
        'debit'
    """
    return Side.DEBIT if kind in _DEBIT_KINDS else Side.CREDIT
