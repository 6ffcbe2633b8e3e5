"""A document's page: every text of it, worded and formatted, for whatever sets or shows it."""

from tallystick.integrations.documents.page.content import (
    LineText,
    Page,
    PartyText,
    StepText,
    SumText,
)
from tallystick.integrations.documents.page.wording import origin_notes, page_of

__all__ = ["LineText", "Page", "PartyText", "StepText", "SumText", "origin_notes", "page_of"]
