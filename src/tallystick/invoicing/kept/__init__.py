"""Parts of a basis as they are kept: canonical JSON, and back."""

from tallystick.invoicing.kept.contract import (
    SubscriptionDocument,
    Unreadable,
    contract_document,
    contract_from_wire,
    read_part,
    read_prices,
)

__all__ = [
    "SubscriptionDocument",
    "Unreadable",
    "contract_document",
    "contract_from_wire",
    "read_part",
    "read_prices",
]
