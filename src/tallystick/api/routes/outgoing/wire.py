"""Webhooks over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from tallystick.app.webhooks import ChangedWebhook, WebhookFormat, WebhookHealth, WebhookState
from tallystick.kernel import plain


class NewWebhook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address to be told; without `topics` of everything, as `slack` in words for a chat."""

    url: Annotated[str, msgspec.Meta(examples=["https://example.com/hooks/tallystick"])]
    topics: Annotated[tuple[str, ...], msgspec.Meta(examples=[["invoice.issued"]])] = ()
    format: WebhookFormat = WebhookFormat.FACT


class HealthAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the last calls came to.

    `failures` in a row, `success_share` of the last `calls` (100 at most), `problem` of the last
    that failed.
    """

    last_success_at: datetime | None
    last_failure_at: datetime | None
    failing_since: datetime | None
    failures: int
    calls: int
    success_share: str | None
    problem: str


class ReplayOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From when on what was given up is told again."""

    since: Annotated[datetime, msgspec.Meta(tz=True, examples=["2026-03-14T00:00:00Z"])]


class WebhookAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook; `secret` is shown where it was just made, else empty."""

    id: str
    url: str
    topics: tuple[str, ...]
    version: int
    created_at: datetime
    rotated_at: datetime | None
    removed_at: datetime | None
    format: WebhookFormat
    state: WebhookState
    disabled_at: datetime | None
    health: HealthAnswer
    secret: str


def wire_from_webhook(changed: ChangedWebhook) -> WebhookAnswer:
    """Return a webhook as it goes over the wire."""
    webhook = changed.webhook
    return WebhookAnswer(
        id=webhook.id,
        url=webhook.url,
        topics=webhook.topics,
        version=webhook.version,
        created_at=webhook.created_at,
        rotated_at=webhook.rotated_at,
        removed_at=webhook.removed_at,
        format=webhook.format,
        state=webhook.state,
        disabled_at=webhook.disabled_at,
        health=_wire_from_health(webhook.health),
        secret=changed.secret,
    )


def _wire_from_health(health: WebhookHealth) -> HealthAnswer:
    share = health.success_share
    return HealthAnswer(
        last_success_at=health.last_success_at,
        last_failure_at=health.last_failure_at,
        failing_since=health.failing_since,
        failures=health.failures,
        calls=len(health.recent),
        success_share=None if share is None else plain(share),
        problem=health.problem,
    )
