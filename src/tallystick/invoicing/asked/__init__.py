"""What a document asks of usage: one question per price, and the detail that its model needs."""

from tallystick.invoicing.asked.carried import (
    Brought,
    attribution_of,
    brought_into,
    charged,
    items_behind,
    parts_before,
    quantity_of_part,
    row_without_usage,
    usage_before,
    usage_of,
)
from tallystick.invoicing.asked.detailed import (
    Asking,
    detailed_rows,
    folding,
    looked_back,
    parts_by_group,
    whole_rows,
)
from tallystick.invoicing.asked.questions import (
    Asked,
    Measured,
    Question,
    answer,
    asked,
    measured,
    narrowed,
    questions,
)

__all__ = [
    "Asked",
    "Asking",
    "Brought",
    "Measured",
    "Question",
    "answer",
    "asked",
    "attribution_of",
    "brought_into",
    "charged",
    "detailed_rows",
    "folding",
    "items_behind",
    "looked_back",
    "measured",
    "narrowed",
    "parts_before",
    "parts_by_group",
    "quantity_of_part",
    "questions",
    "row_without_usage",
    "usage_before",
    "usage_of",
    "whole_rows",
]
