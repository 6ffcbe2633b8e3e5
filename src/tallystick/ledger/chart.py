"""
The chart of accounts: what may be debited and credited, and on which side each kind grows.

A chart name is ``kind:owner``, for example ``receivable:acme`` (what acme owes) or ``revenue:cpu``.
The owner part may itself hold colons; only the first one separates.

    kind              normal side   meaning
    receivable        debit         what a payer owes for issued documents
    revenue           credit        earned: the service period lies behind
    deferred_revenue  credit        invoiced in advance, not yet earned

Tax, cash, discount and credit accounts join this table with the subjects that need them.
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
    REVENUE = "revenue"
    DEFERRED_REVENUE = "deferred_revenue"


_KINDS = {kind.value: kind for kind in AccountKind}
_NORMAL_SIDE = {
    AccountKind.RECEIVABLE: Side.DEBIT,
    AccountKind.REVENUE: Side.CREDIT,
    AccountKind.DEFERRED_REVENUE: Side.CREDIT,
}


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
    return _NORMAL_SIDE[kind]
