"""One-off documents: what was sold once, as its order says."""

from tallystick.invoicing.sales.checking import sale_problems
from tallystick.invoicing.sales.drafting import (
    Parties,
    SaleFacts,
    draft_sale,
    is_one_off,
    one_off_basis,
)
from tallystick.invoicing.sales.lines import sold_lines

__all__ = [
    "Parties",
    "SaleFacts",
    "draft_sale",
    "is_one_off",
    "one_off_basis",
    "sale_problems",
    "sold_lines",
]
