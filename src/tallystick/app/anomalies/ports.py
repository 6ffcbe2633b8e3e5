"""Patterns of usage, investigations of what is not as it was, and what both ask of a store."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeAlias

import msgspec

from tallystick.forecasting import Pattern
from tallystick.kernel import AccountKey, MeterKey

Evidence: TypeAlias = Mapping[str, object]
"""What speaks for it: JSON values by name, quantities as exact texts."""


class InvestigationState(StrEnum):
    """Whether somebody said what came of it."""

    OPEN = "open"
    RESOLVED = "resolved"


class Investigation(msgspec.Struct, frozen=True, kw_only=True):
    """
    Usage that is not as it was, to be looked into.

    Attributes:
        id: follows from what found it, so that it is opened once.
        resource: key of the meter or feature that was used.
        reason: for people.
        evidence: as `Evidence`.
        severity: ``warning``, or ``critical`` where something is restricted.
        source: who found it: ``usage`` for what is found here, else the source of the trigger.
        restriction: id of the restriction that protects; empty: none does.
        alert: id of the usage alert.
    """

    id: str
    account: str
    resource: str
    reason: str
    evidence: Evidence
    severity: str
    source: str
    opened_at: datetime
    restriction: str = ""
    alert: str = ""
    trace_id: str = ""


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an investigation, who says so, and when."""

    response: str
    resolved_by: str
    resolved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigationRecord:
    """An investigation, its place among all, and what came of it."""

    number: int
    investigation: Investigation
    resolution: Resolution | None = None

    @property
    def state(self) -> InvestigationState:
        """Return whether it is open."""
        if self.resolution is None:
            return InvestigationState.OPEN
        return InvestigationState.RESOLVED


class InvestigationStore(Protocol):
    """The investigations of one workspace; they are added and never change."""

    def open(self, investigation: Investigation) -> bool:
        """Add an investigation; False: it is there already."""
        ...

    def load(self, id: str) -> InvestigationRecord | None:
        """Return an investigation."""
        ...

    def page(
        self,
        *,
        before: int | None,
        limit: int,
        account: AccountKey | None = None,
        state: InvestigationState | None = None,
    ) -> tuple[InvestigationRecord, ...]:
        """Return investigations, the latest first, those with a lower number."""
        ...

    def resolve(self, id: str, resolution: Resolution) -> bool:
        """Add what came of an investigation; False: it was resolved before."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPattern:
    """
    What is remembered of the usage of an account by a meter.

    Attributes:
        next_hour: beginning of the hour that is judged next.
        most: the highest quantity of that hour that is not told; None: too little is known, or it
            was told already.
    """

    account: AccountKey
    meter: MeterKey
    pattern: Pattern
    next_hour: datetime
    most: Decimal | None = None


class PatternStore(Protocol):
    """The patterns of one workspace."""

    def due(self, meter: MeterKey, *, hour: datetime, limit: int) -> tuple[KeptPattern, ...]:
        """Return patterns that were not judged through an hour yet, by account, for change."""
        ...

    def known(self, meter: MeterKey, accounts: Iterable[AccountKey]) -> frozenset[AccountKey]:
        """Return those of the accounts of which there is a pattern."""
        ...

    def is_watched(self, meter: MeterKey, *, hour: datetime) -> bool:
        """Tell whether any pattern says what is too much in an hour."""
        ...

    def beyond(
        self, meter: MeterKey, used: Mapping[AccountKey, Decimal], *, hour: datetime
    ) -> tuple[KeptPattern, ...]:
        """Return the patterns of which more was used in an hour than they allow, for change."""
        ...

    def save(self, patterns: Sequence[KeptPattern]) -> None:
        """Insert or replace patterns."""
        ...

    def drop(self, meter: MeterKey, accounts: Iterable[AccountKey]) -> None:
        """Forget the patterns of accounts."""
        ...
