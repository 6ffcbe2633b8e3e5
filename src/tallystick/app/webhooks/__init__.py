"""Webhooks: addresses that are told of what happens, in signed calls."""

from tallystick.app.webhooks.manage import (
    AddWebhook,
    ChangedWebhook,
    ChangeWebhook,
    add_webhook,
    change_webhook,
    list_webhooks,
)
from tallystick.app.webhooks.ports import (
    JSON,
    Call,
    Webhook,
    WebhookCaller,
    WebhookFormat,
    WebhookStore,
)
from tallystick.app.webhooks.secrets import WebhookSecrets, shown

__all__ = [
    "JSON",
    "AddWebhook",
    "Call",
    "ChangeWebhook",
    "ChangedWebhook",
    "Webhook",
    "WebhookCaller",
    "WebhookFormat",
    "WebhookSecrets",
    "WebhookStore",
    "add_webhook",
    "change_webhook",
    "list_webhooks",
    "shown",
]
