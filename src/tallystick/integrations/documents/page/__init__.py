"""A document's page: every text of it, worded and formatted, for whatever sets or shows it."""

from tallystick.integrations.documents.page.content import (
    LineText,
    Page,
    PartyText,
    StepText,
    SumText,
)
from tallystick.integrations.documents.page.wording import page_of

__all__ = ["LineText", "Page", "PartyText", "StepText", "SumText", "page_of"]
