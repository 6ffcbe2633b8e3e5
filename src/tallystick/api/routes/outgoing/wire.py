"""Webhooks over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from tallystick.app.webhooks import ChangedWebhook, WebhookFormat


class NewWebhook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address to be told; without `topics` of everything, as `slack` in words for a chat."""

    url: Annotated[str, msgspec.Meta(examples=["https://example.com/hooks/tallystick"])]
    topics: Annotated[tuple[str, ...], msgspec.Meta(examples=[["invoice.issued"]])] = ()
    format: WebhookFormat = WebhookFormat.FACT


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
        secret=changed.secret,
    )
