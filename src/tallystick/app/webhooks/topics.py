"""What a webhook may ask to hear."""

from tallystick.app.facts import FACTS
from tallystick.invoicing import DocumentType

TOPICS = frozenset(
    {
        *FACTS,
        *(f"{document}.issued" for document in DocumentType),
        "catalog.applied",
        "entitlement.changed",
        "payer.changed",
        "subscription.changed",
        "upgrade.offered",
        "usage.insight",
        "usage_alert.escalated",
        "webhook.disabled",
    }
)
"""The published facts, and what else is told as it happens."""
