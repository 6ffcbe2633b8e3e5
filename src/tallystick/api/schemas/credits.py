"""Credit over the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tallystick.app.credits import CreditBalance, HeldGrant
from tallystick.credits import (
    GrantDocument,
    GrantOrder,
    Holding,
    Transaction,
    wire_from_grant,
)
from tallystick.kernel import Currency, plain


class PaidGrantOrder(GrantOrder, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A grant as it is ordered; of a paid one `cash` says where the money lies."""

    cash: str = "bank"


class GrantItem(msgspec.Struct, frozen=True, kw_only=True):
    """A grant, what is left of it now, and when it was voided if it was."""

    grant: GrantDocument
    left: str
    voided_at: datetime | None


class CreditVoidOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a grant is voided."""

    reason: str


class DebitOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is taken, of a `currency` or of a `unit`; `key` names the debit."""

    account: str
    key: str
    amount: str
    currency: str = ""
    unit: str = ""
    exponent: int | None = None
    price: str = ""
    at: datetime | None = None
    source: str = ""


class GiveBackOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is brought back of the movement `of`; `price` is that of the debit."""

    account: str
    key: str
    of: str
    amount: str
    price: str = ""
    source: str = ""


class TransferOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Credit that goes to another account; of one `grant`, or of any in burn order."""

    account: str
    to: str
    amount: str
    currency: str = ""
    unit: str = ""
    exponent: int | None = None
    grant: str = ""


class LotItem(msgspec.Struct, frozen=True, kw_only=True):
    """A lot that holds something."""

    grant: str
    number: int
    left: str
    of: str
    expires_at: datetime | None


class TotalItem(msgspec.Struct, frozen=True, kw_only=True):
    """What may be used of one currency or unit."""

    of: str
    available: str


class BalanceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an account may use at an instant; lots in the order in which they are used."""

    account: str
    at: datetime
    totals: tuple[TotalItem, ...]
    lots: tuple[LotItem, ...]


class TransactionItem(msgspec.Struct, frozen=True, kw_only=True):
    """A change of one lot; what went is negative."""

    at: datetime
    kind: str
    amount: str
    of: str
    grant: str
    number: int
    key: str
    source: str


def wire_from_held(held: HeldGrant) -> GrantItem:
    """Write a grant with what is left of it."""
    return GrantItem(
        grant=wire_from_grant(held.grant), left=plain(held.left), voided_at=held.voided_at
    )


def wire_from_balance(balance: CreditBalance) -> BalanceAnswer:
    """Write a balance."""
    return BalanceAnswer(
        account=balance.account,
        at=balance.at,
        totals=tuple(
            TotalItem(of=_name(of), available=plain(amount)) for of, amount in balance.totals
        ),
        lots=tuple(
            LotItem(
                grant=one.lot.grant.key,
                number=one.lot.id.number,
                left=plain(one.left),
                of=_name(one.lot.grant.of),
                expires_at=one.ends_at,
            )
            for one in balance.lots
        ),
    )


def wire_from_transaction(one: Transaction) -> TransactionItem:
    """Write a transaction."""
    return TransactionItem(
        at=one.at,
        kind=one.kind.value,
        amount=plain(one.amount),
        of=_name(one.of),
        grant=one.grant,
        number=one.number,
        key=one.key,
        source=one.source,
    )


def _name(of: Holding) -> str:
    return of.code if isinstance(of, Currency) else of.name
