"""Calls of webhooks over HTTP."""

from tallystick.integrations.webhooks.calling import HttpWebhookCaller, signed_headers

__all__ = ["HttpWebhookCaller", "signed_headers"]
