"""Webhooks: addresses that are told of what happens, in signed calls."""

from tallystick.app.webhooks.enable import (
    DisableWebhook,
    EnableWebhook,
    ReplayedWebhook,
    ReplayWebhook,
    enable_webhook,
    replay_webhook,
)
from tallystick.app.webhooks.health import WebhookHealth, WebhookState
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
    "DisableWebhook",
    "EnableWebhook",
    "ReplayWebhook",
    "ReplayedWebhook",
    "Webhook",
    "WebhookCaller",
    "WebhookFormat",
    "WebhookHealth",
    "WebhookSecrets",
    "WebhookState",
    "WebhookStore",
    "add_webhook",
    "change_webhook",
    "enable_webhook",
    "list_webhooks",
    "replay_webhook",
    "shown",
]
