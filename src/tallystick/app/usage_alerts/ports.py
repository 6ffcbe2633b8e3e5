"""What usage alerts ask of their store."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from tallystick.kernel import AccountKey, Period
from tallystick.thresholds import WatchState

WatchKey = tuple[str, str, str]
"""
An account, what of it is watched, and by which rule; empty for the rule of whoever declares none.

What is watched is a feature; of money see `app.readings`.
"""


class AlertKind(StrEnum):
    """Why somebody is told."""

    THRESHOLD = "threshold"
    ENFORCED = "enforced"
    ANOMALY = "anomaly"


class UsageAlert(msgspec.Struct, frozen=True, kw_only=True):
    """
    What passed a threshold, met a limit, or is not as it was.

    Attributes:
        id: follows from what it tells, so that it is told once.
        kind: ``threshold``, ``enforced`` or ``anomaly``.
        severity: ``info``, ``warning`` or ``critical``.
        feature: its key; of an anomaly the key of the meter or feature; of spend the key of the
            contract, of a budget that of the rule, of credit its currency or unit.
        thresholds: names of those that were passed at once; empty for other kinds.
        action: what became of use: ``throttle``, ``limit_reached``; ``restricted`` of an anomaly
            against which something was restricted; else empty.
        value, limit: exact texts; the limit is null where there is none.
        percent: of the limit, with one decimal; null where there is none.
        starts_at, ends_at: of the window in which it counts; null where there is none.
        message: for people.
        watched: ``usage``, ``spend``, ``budget`` or ``credit``.
        currency: of money, or the unit of credit; else empty.
        projected: what is expected at the end of the period, or of credit in 30 days, as an exact
            text; null where nothing was projected.
        reached_on: the local day on which the limit is expected to be reached, in ISO 8601.
        group: the group in which it is told with others; empty: by itself.
        notifies: whether the account itself is written to; what overage says may be that it is not.
        rule: the key of the alert rule by which it is told; empty where none is declared.
    """

    id: str
    account: str
    feature: str
    kind: str
    severity: str
    message: str
    opened_at: datetime
    thresholds: tuple[str, ...] = ()
    action: str = ""
    value: str = ""
    limit: str | None = None
    percent: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    trace_id: str = ""
    rule: str = ""
    group: str = ""
    notifies: bool = True
    watched: str = "usage"
    currency: str = ""
    projected: str | None = None
    reached_on: str | None = None


class ResponseKind(StrEnum):
    """What people did about an alert."""

    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class AlertResponse(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of an alert, by whom, and when."""

    kind: str
    response: str
    responded_by: str
    responded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRecord:
    """An alert, its place among all, and what people said of it, in order."""

    number: int
    alert: UsageAlert
    responses: tuple[AlertResponse, ...] = ()

    @property
    def state(self) -> str:
        """Return ``open``, ``acknowledged`` or ``resolved``."""
        kinds = {response.kind for response in self.responses}
        if ResponseKind.RESOLVED.value in kinds:
            return ResponseKind.RESOLVED.value
        return ResponseKind.ACKNOWLEDGED.value if kinds else "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertGroup:
    """
    Alerts of a rule that are told at once.

    Attributes:
        account: whose alerts; empty: those of all.
        ends_at: when it is told, and what comes then begins another.
    """

    id: str
    rule: str
    account: str
    ends_at: datetime


class AlertGroupStore(Protocol):
    """The groups of alerts of one workspace that are not told yet."""

    def join(self, begun: AlertGroup, *, at: datetime) -> AlertGroup:
        """
        Return the group that stands for a rule and account at an instant, else what begins.

        It is held until the transaction ends.
        """
        ...

    def close(self, id: str) -> None:
        """Wait for whoever joins a group, and let nobody join it any more."""
        ...

    def members(self, id: str, *, limit: int) -> tuple[AlertRecord, ...]:
        """Return alerts of a group, the first so many."""
        ...

    def count(self, id: str) -> int:
        """Return how many alerts a group has."""
        ...


class DeclinedLetters(msgspec.Struct, frozen=True, kw_only=True):
    """An address, in small letters, that is sent no letters on usage; since when, and who said."""

    address: str
    declined_at: datetime
    declined_by: str


class DeclinedStore(Protocol):
    """The addresses of one workspace that decline letters on usage."""

    def add(self, new: DeclinedLetters) -> DeclinedLetters:
        """Note an address; return what stands of it."""
        ...

    def take_back(self, address: str) -> DeclinedLetters | None:
        """Forget an address; return what stood of it."""
        ...

    def among(self, addresses: Collection[str]) -> frozenset[str]:
        """Return which of some addresses decline, in small letters."""
        ...

    def page(self, *, after: str, limit: int) -> tuple[DeclinedLetters, ...]:
        """Return addresses in order, those after the given one."""
        ...


class UsageAlertStore(Protocol):
    """What was told of the usage of one workspace; ``groups``: what is to be told at once."""

    @property
    def declined(self) -> DeclinedStore:
        """Return who wants no letters."""
        ...

    @property
    def groups(self) -> AlertGroupStore:
        """Return the groups of alerts that are not told yet."""
        ...

    def states(self, keys: Iterable[WatchKey]) -> Mapping[WatchKey, WatchState]:
        """Return what was told of counters so far; whoever asks holds the counters."""
        ...

    def save_states(self, states: Mapping[WatchKey, WatchState]) -> None:
        """Keep what was told."""
        ...

    def count_states(self, rule: str) -> int:
        """Return of how many counters it is known what was told by a rule."""
        ...

    def end_rule(self, rule: str) -> None:
        """Delete an alert rule, and forget what was told by it."""
        ...

    def open(self, alerts: Sequence[UsageAlert]) -> tuple[UsageAlert, ...]:
        """Add alerts; return those that were not there."""
        ...

    def page(
        self, *, before: int | None, limit: int, account: AccountKey | None = None
    ) -> tuple[AlertRecord, ...]:
        """Return alerts, the latest first, those with a lower number."""
        ...

    def opened(
        self, period: Period, *, limit: int, account: AccountKey | None = None
    ) -> tuple[AlertRecord, ...]:
        """Return the first alerts that were opened in a period, in order."""
        ...

    def load(self, id: str) -> AlertRecord | None:
        """Return one alert."""
        ...

    def respond(self, id: str, response: AlertResponse) -> None:
        """Add what was said of an alert; of each kind once."""
        ...
