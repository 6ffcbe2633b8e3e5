"""Use cases by which a person charges or gives up: sell once, order a line, write off."""

from tallystick.app.invoicing.selling.bill_one_off import BillOneOff, bill_one_off
from tallystick.app.invoicing.selling.order_line import (
    LineState,
    OrderedLine,
    OrderLine,
    TakeLineBack,
    list_lines,
    order_line,
    take_line_back,
)
from tallystick.app.invoicing.selling.top_up import ToppedUp, TopUpCredit, top_up_credit
from tallystick.app.invoicing.selling.write_off import WriteOff, WrittenOff, write_off

__all__ = [
    "BillOneOff",
    "LineState",
    "OrderLine",
    "OrderedLine",
    "TakeLineBack",
    "TopUpCredit",
    "ToppedUp",
    "WriteOff",
    "WrittenOff",
    "bill_one_off",
    "list_lines",
    "order_line",
    "take_line_back",
    "top_up_credit",
    "write_off",
]
