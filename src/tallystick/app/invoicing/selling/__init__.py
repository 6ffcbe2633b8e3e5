"""Use cases around single documents: sell something once, give a receivable up."""

from tallystick.app.invoicing.selling.bill_one_off import BillOneOff, bill_one_off
from tallystick.app.invoicing.selling.write_off import WriteOff, WrittenOff, write_off

__all__ = ["BillOneOff", "WriteOff", "WrittenOff", "bill_one_off", "write_off"]
