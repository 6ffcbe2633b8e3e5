"""Webhooks: where they go, how they are signed, and who sends them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from tallystick.app.webhooks.health import WebhookHealth, WebhookState
from tallystick.kernel import Outcome

JSON = "application/json"
OVERLAP = timedelta(days=1)
WEBHOOKS_MAX = 20


class WebhookFormat(StrEnum):
    """
    How an address is told.

    ``fact``: type, timestamp, workspace and data.  ``slack``: ``{"text": ...}`` for people, as
    Slack and chats that are compatible with it take it.
    """

    FACT = "fact"
    SLACK = "slack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """
    An address that is told of what happens in a workspace.

    Attributes:
        topics: of what; empty: of everything.
        version: of its secret, from 1; the one before signs too for a day after a change.
        removed_at: from when on it is told nothing; None: it stands.
        disabled_at: from when on it is not called, as its calls failed; None: it is.
        health: what its last calls came to.
    """

    id: str
    url: str
    topics: tuple[str, ...]
    version: int
    created_at: datetime
    rotated_at: datetime | None = None
    removed_at: datetime | None = None
    format: WebhookFormat = WebhookFormat.FACT
    disabled_at: datetime | None = None
    health: WebhookHealth = field(default_factory=WebhookHealth)

    @property
    def state(self) -> WebhookState:
        """Return how it is doing."""
        if self.disabled_at is not None:
            return WebhookState.DISABLED
        return WebhookState.FAILING if self.health.failures else WebhookState.HEALTHY

    def wants(self, topic: str) -> bool:
        """Tell whether it is told of a topic."""
        return self.removed_at is None and (not self.topics or topic in self.topics)

    def versions_at(self, now: datetime) -> tuple[int, ...]:
        """Return the versions of the secret that sign at an instant, the newest first."""
        both = self.rotated_at is not None and now < self.rotated_at + OVERLAP
        return (self.version, self.version - 1) if both else (self.version,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """
    One call of a webhook.

    Attributes:
        id: the same for every attempt; receivers tell repeats by it.
        body: JSON.
        secrets: one signature is made with each.
        media_type: of the body.
    """

    id: str
    url: str
    body: bytes
    secrets: tuple[bytes, ...]
    media_type: str = JSON


class WebhookCaller(Protocol):
    """Makes calls."""

    def call(self, call: Call, *, at: datetime) -> Outcome[None]:
        """
        Send a call and wait for its answer.

        Problems:
            not_allowed: the address is none that may be called, such as one of this network.
            not_taken: the answer was no success, or none came.
            gone: it answered that it is called no more (410).
        """
        ...


class WebhookStore(Protocol):
    """The webhooks of one workspace."""

    def lock(self) -> None:
        """Wait for other transactions that add one; keep them waiting."""
        ...

    def add(self, webhook: Webhook) -> None:
        """Add one."""
        ...

    def find(self, id: str, *, hold: bool = False) -> Webhook | None:
        """Return one, removed ones too; with ``hold`` keep others from changing it."""
        ...

    def list_webhooks(self) -> tuple[Webhook, ...]:
        """Return those that stand, by id; never more than `WEBHOOKS_MAX`."""
        ...

    def change(self, webhook: Webhook) -> bool:
        """Keep the version of its secret, and whether it stands; False: it was removed before."""
        ...

    def keep_health(self, webhook: Webhook) -> None:
        """Keep how it is doing, and whether it is disabled."""
        ...
