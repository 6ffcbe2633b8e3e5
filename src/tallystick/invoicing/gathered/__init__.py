"""Consolidated documents: which drafts come together, what they make, and their sections."""

from tallystick.invoicing.gathered.consolidating import Drafted, consolidated
from tallystick.invoicing.gathered.gathering import (
    Gathered,
    GatheringFacts,
    falls_due_at,
    gather,
    is_too_little,
    least_invoice,
)
from tallystick.invoicing.gathered.parts import (
    consolidated_id,
    kept_sections,
    of_contract,
    previous_of,
    section_claims,
    section_id,
    sections_of,
    with_lines,
)

__all__ = [
    "Drafted",
    "Gathered",
    "GatheringFacts",
    "consolidated",
    "consolidated_id",
    "falls_due_at",
    "gather",
    "is_too_little",
    "kept_sections",
    "least_invoice",
    "of_contract",
    "previous_of",
    "section_claims",
    "section_id",
    "sections_of",
    "with_lines",
]
