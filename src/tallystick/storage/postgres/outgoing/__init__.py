"""What leaves the system, to whom; and what others say that starts workflows."""

from tallystick.storage.postgres.outgoing.triggers import (
    PostgresTriggerDirectory,
    PostgresTriggers,
)
from tallystick.storage.postgres.outgoing.webhooks import PostgresWebhooks

__all__ = ["PostgresTriggerDirectory", "PostgresTriggers", "PostgresWebhooks"]
