"""What use cases of entitlements ask of the store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tallystick.accounts import Account
from tallystick.catalog import Feature, PlanVersion
from tallystick.entitlements import ManualGrant, Restriction
from tallystick.kernel import AccountKey, PlanKey
from tallystick.subscriptions import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """That a grant or restriction ends: at which instant, why, by whom, recorded when."""

    at: datetime
    reason: str
    ended_by: str
    recorded_at: datetime


class StandingStore(Protocol):
    """What decides what accounts of one workspace may use, beside grants and restrictions."""

    def load_lines(
        self, accounts: Iterable[AccountKey]
    ) -> Mapping[AccountKey, tuple[Account, ...]]:
        """Return accounts that are known, each with those above it to the root, nearest first."""
        ...

    def load_contracts(self, accounts: Iterable[AccountKey]) -> tuple[Subscription, ...]:
        """Return the subscriptions of accounts, in the order of their own keys."""
        ...

    def load_features(self, keys: Iterable[str] | None = None) -> Mapping[str, Feature]:
        """Return features by key, or all."""
        ...

    def load_granting(
        self, named: Iterable[tuple[PlanKey, int]] | None = None
    ) -> tuple[PlanVersion, ...]:
        """Return plan versions, or all, for what they grant: without their prices."""
        ...


class EntitlementStore(Protocol):
    """
    What accounts of one workspace were granted and held to; facts are added and never change.

    What ended earlier than it was meant to has that instant as its end.
    """

    def load_grants(self, accounts: Iterable[AccountKey]) -> tuple[ManualGrant, ...]:
        """Return what accounts were granted by hand, in the order of recording."""
        ...

    def load_restrictions(self, accounts: Iterable[AccountKey]) -> tuple[Restriction, ...]:
        """Return what accounts were held to, in the order of recording."""
        ...

    def hold(self, account: AccountKey) -> int:
        """
        Keep others from adding to an account until this commits; return a new number.

        Each number is handed out once for the account.
        """
        ...

    def find_grant(self, id_: str) -> ManualGrant | None:
        """Return a grant."""
        ...

    def find_restriction(self, id_: str) -> Restriction | None:
        """Return a restriction."""
        ...

    def add_grant(self, grant: ManualGrant, *, at: datetime) -> None:
        """Add a grant, recorded at an instant; its account and feature are known."""
        ...

    def end_grant(self, id_: str, ending: Ending) -> None:
        """Add that a grant ends; of several ends the earliest counts."""
        ...

    def add_restriction(self, restriction: Restriction, *, by: str, at: datetime) -> None:
        """Add a restriction, recorded at an instant; its account and feature are known."""
        ...

    def end_restriction(self, id_: str, ending: Ending) -> None:
        """Add that a restriction ends; of several ends the earliest counts."""
        ...
