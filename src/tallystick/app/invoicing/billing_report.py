"""What a billing run tells: how far it is, and what it did."""

from dataclasses import dataclass
from datetime import datetime

from tallystick.kernel import AccountKey, InvoiceId, Problem


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
    """

    through: datetime
    position: int
    accounts: int
    issued: tuple[InvoiceId, ...]
    parked: tuple[tuple[AccountKey, Problem], ...]
    held: int = 0
