"""What a document asks of usage: one question per price, and the detail that its model needs."""

from tallystick.invoicing.asked.detailed import (
    Asking,
    detailed_rows,
    folding,
    parts_by_group,
    priced_rows,
    whole_rows,
)
from tallystick.invoicing.asked.questions import (
    Measured,
    Question,
    answer,
    measured,
    narrowed,
    questions,
)

__all__ = [
    "Asking",
    "Measured",
    "Question",
    "answer",
    "detailed_rows",
    "folding",
    "measured",
    "narrowed",
    "parts_by_group",
    "priced_rows",
    "questions",
    "whole_rows",
]
