"""A document's page: every text of it, worded and formatted, for whatever sets or shows it."""

from tallystick.integrations.documents.page.content import (
    ChartText,
    LineText,
    Page,
    PartyText,
    StepText,
    SumText,
)
from tallystick.integrations.documents.page.wording import (
    COLOUR,
    item_text,
    measure_text,
    origin_notes,
    page_of,
    unit_text,
)

__all__ = [
    "COLOUR",
    "ChartText",
    "LineText",
    "Page",
    "PartyText",
    "StepText",
    "SumText",
    "item_text",
    "measure_text",
    "origin_notes",
    "page_of",
    "unit_text",
]
