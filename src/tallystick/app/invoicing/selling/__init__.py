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
from tallystick.app.invoicing.selling.top_up_rule import (
    SetTopUpRule,
    TopUpDue,
    TopUpReport,
    TopUpState,
    read_top_up_rule,
    set_top_up_rule,
    top_up_due,
)
from tallystick.app.invoicing.selling.write_off import WriteOff, WrittenOff, write_off

__all__ = [
    "BillOneOff",
    "LineState",
    "OrderLine",
    "OrderedLine",
    "SetTopUpRule",
    "TakeLineBack",
    "TopUpCredit",
    "TopUpDue",
    "TopUpReport",
    "TopUpState",
    "ToppedUp",
    "WriteOff",
    "WrittenOff",
    "bill_one_off",
    "list_lines",
    "order_line",
    "read_top_up_rule",
    "set_top_up_rule",
    "take_line_back",
    "top_up_credit",
    "top_up_due",
    "write_off",
]
