"""Usage that was sealed before its events were removed: what it is, and how it is written down."""

from tallystick.invoicing.sealed.content import rows_from_content, sealed_content
from tallystick.invoicing.sealed.usage import (
    ProofLevel,
    SealedUsage,
    sealed_measured,
    sealed_windows,
)

__all__ = [
    "ProofLevel",
    "SealedUsage",
    "rows_from_content",
    "sealed_content",
    "sealed_measured",
    "sealed_windows",
]
