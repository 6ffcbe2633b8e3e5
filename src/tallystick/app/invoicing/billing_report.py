"""What a billing run tells: how far it is, what it did, and what it told before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from tallystick.app.command import Caller, remember, remembered
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import AccountKey, Done, InvoiceId, Outcome, Problem, Refused, WorkspaceId

Units = Callable[[WorkspaceId], UnitOfWork]


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingProgress:
    """How far a run is, after each payer."""

    account: AccountKey
    accounts_done: int
    accounts: int
    issued: int
    parked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingReport:
    """
    What a run did.

    Attributes:
        position: the log position that was billed.
        issued: documents issued, in order.
        parked: accounts not billed, with the first reason of each.
        held: how many drafts wait for a review.
        waiting: how many came to less than the least invoice, and wait for the next documents.
    """

    through: datetime
    position: int
    accounts: int
    issued: tuple[InvoiceId, ...]
    parked: tuple[tuple[AccountKey, Problem], ...]
    held: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerBilled:
    """What a run did for one payer; `held` and `waiting` as of the whole run."""

    issued: tuple[InvoiceId, ...] = ()
    held: int = 0
    waiting: int = 0


def told_before(
    command: object, caller: Caller, units: Units, *, otherwise: BillingReport | None = None
) -> Outcome[BillingReport] | None:
    """Return what stands under the caller's key; None if nothing does, and then keep a report."""
    if caller.idempotency_key is None:
        return None
    with units(caller.workspace) as uow:
        told = remembered(uow, caller, command)
        if isinstance(told, Refused):
            return told
        if told.value is not None:
            return Done(msgspec.json.decode(told.value, type=BillingReport))
        if otherwise is not None:
            remember(uow, caller, command, msgspec.json.encode(otherwise))
            uow.commit()
        return None
