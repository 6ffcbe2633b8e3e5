"""What a person orders to be issued: facts that no event shows, kept with the basis."""

from tallystick.invoicing.orders.order import (
    CreditedLine,
    CreditKind,
    CreditOrder,
    Disposition,
    Order,
    SaleOrder,
    SoldLine,
    VoidOrder,
)

__all__ = [
    "CreditKind",
    "CreditOrder",
    "CreditedLine",
    "Disposition",
    "Order",
    "SaleOrder",
    "SoldLine",
    "VoidOrder",
]
