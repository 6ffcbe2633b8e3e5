"""A contract whose payer holds credit, billed as time goes on; what is taken is recorded."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from tallystick.credits import (
    CreditHistory,
    Grant,
    GrantKey,
    GrantKind,
    Recurrence,
    Scope,
    Treatment,
    balance,
)
from tallystick.invoicing import Invoice, as_billed, asked_at, credit_movements
from tallystick.kernel import AccountKey, PriceKey, currency
from tests.invoicing.contract import Contract, day

USD = currency("USD")


def grant(
    amount: str,
    *prices: str,
    key: str = "welcome",
    since: str = "2026-01-01",
    until: str | None = None,
    recurs: Recurrence | None = None,
) -> Grant:
    """Return a grant that lowers lines."""
    return Grant(
        key=GrantKey(key),
        account=AccountKey("a"),
        kind=GrantKind.PROMOTIONAL,
        treatment=Treatment.DISCOUNT,
        amount=Decimal(amount),
        of=USD,
        scope=Scope(prices=tuple(map(PriceKey, prices))),
        given_at=day(since),
        effective_at=day(since),
        expires_at=None if until is None else day(until),
        recurs=recurs,
    )


def give(contract: Contract, *grants: Grant) -> None:
    """Let the payer of a contract hold grants."""
    contract.basis = replace(contract.basis, credits=CreditHistory(grants=grants))


def bill(contract: Contract, through: datetime, *, asks: bool = False) -> list[Invoice]:
    """
    Bill what is due, and record what each document takes of credit and brings back.

    ``asks``: credit that stands as it is issued may be used, too.
    """
    if asks:
        contract.basis = asked_at(contract.basis, through)
    before = tuple(contract.documents)
    made = contract.bill(through)
    record(contract, made, before)
    return made


def record(contract: Contract, made: Sequence[Invoice], before: Sequence[Invoice]) -> None:
    """Record what documents take and bring back, on those before."""
    history = contract.basis.credits or CreditHistory()
    for index, document in enumerate(made):
        billed = as_billed((*before, *made[:index]))
        for movement in credit_movements(document, contract.basis, billed=billed):
            history = history.moved(movement)
    contract.basis = replace(contract.basis, credits=history)


def left(contract: Contract, at: str) -> str:
    """Return what the payer's credit comes to at an instant."""
    history = contract.basis.credits or CreditHistory()
    return f"{balance(history, day(at), USD):f}"
