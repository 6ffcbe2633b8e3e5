"""What is due now against what was settled before, key by key, and what accounts for it."""

from tallystick.invoicing.differing.difference import Difference, differences
from tallystick.invoicing.differing.history import Place
from tallystick.invoicing.differing.reached import reached_after
from tallystick.invoicing.differing.reopened import (
    issued_at,
    rebilled_documents,
    reopened_documents,
    replaced_at,
)

__all__ = [
    "Difference",
    "Place",
    "differences",
    "issued_at",
    "reached_after",
    "rebilled_documents",
    "reopened_documents",
    "replaced_at",
]
