"""What use cases of credit ask of the store."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tallystick.credits import (
    Booking,
    BookingKind,
    CreditHistory,
    Grant,
    GrantKey,
    Movement,
    TakenStep,
    TopUpDocument,
    Void,
)
from tallystick.kernel import AccountKey


class CreditStore(Protocol):
    """The credit of one workspace's accounts; facts are added and never change."""

    def hold(self, account: AccountKey) -> int:
        """
        Keep others from adding to an account's credit until this commits; return a new number.

        Each number is handed out once for the account. Whoever takes numbers of documents or holds
        books does it behind this.
        """
        ...

    def load(self, account: AccountKey) -> CreditHistory:
        """Return all facts about an account's credit."""
        ...

    def find(self, grant: GrantKey) -> Grant | None:
        """Return a grant."""
        ...

    def purses(self, payers: Collection[AccountKey]) -> Mapping[AccountKey, Sequence[AccountKey]]:
        """
        Return by payer which accounts were ever given credit that its documents may use.

        That is itself, and those below it that are not invoiced themselves; payers of whom there is
        none are left out.
        """
        ...

    def add_grant(self, grant: Grant) -> None:
        """Add a grant; its account is held."""
        ...

    def add_void(self, account: AccountKey, void: Void, *, at: datetime) -> None:
        """Add a void, recorded at an instant; the account is held."""
        ...

    def add_movement(self, account: AccountKey, movement: Movement, *, at: datetime) -> None:
        """Add a movement, recorded at an instant; the account is held."""
        ...

    def booked(self, account: AccountKey) -> Mapping[tuple[GrantKey, BookingKind], int]:
        """Return what was booked of each grant, in minor units; none of zero."""
        ...

    def book(self, booking: Booking) -> None:
        """Note what an entry moved; the account is held."""
        ...


class CreditEndings(Protocol):
    """When sold credit of one workspace ends, and what may be left to book of it."""

    def ended(self, by: datetime) -> list[AccountKey]:
        """
        Return accounts of which sold credit may have lapsed by an instant unbooked, by key.

        Each movement of a grant that has ended, and each void, puts its account among them.
        """
        ...

    def endings(self, after: datetime, through: datetime) -> list[datetime]:
        """Return the instants at which sold credit ends, behind the first and up to the last."""
        ...

    def close_ended(self, account: AccountKey, *, by: datetime) -> None:
        """Note that all is booked of what ended by an instant; the account is held."""
        ...


class TopUpStore(Protocol):
    """The rules by which credit is bought by itself, and what they did."""

    def rule(self, account: AccountKey) -> TopUpDocument | None:
        """Return the rule that was set last; None where none counts."""
        ...

    def ruled(self) -> list[AccountKey]:
        """Return the accounts for which a rule counts, by key."""
        ...

    def set_rule(
        self, account: AccountKey, document: TopUpDocument | None, *, at: datetime
    ) -> None:
        """Set a rule, or None for none; the account's credit is held."""
        ...

    def steps(self, account: AccountKey) -> tuple[TakenStep, ...]:
        """Return what rules of an account did, in order."""
        ...

    def add_step(self, account: AccountKey, step: TakenStep) -> None:
        """Add what a rule did; the account's credit is held."""
        ...
