"""What leaves the system: to whom."""

from tallystick.storage.postgres.outgoing.webhooks import PostgresWebhooks

__all__ = ["PostgresWebhooks"]
