"""Works of a billing run: what it is asked, drafting, and billing payers alone or together."""

from tallystick.app.invoicing.running.billing import bill_payers
from tallystick.app.invoicing.running.drafting import Drafting, Prepared
from tallystick.app.invoicing.running.gathered import GatheredDrafts
from tallystick.app.invoicing.running.run import Run, RunBilling
from tallystick.app.invoicing.running.side_by_side import ALONE_MAX, TOGETHER, each_payer

__all__ = [
    "ALONE_MAX",
    "TOGETHER",
    "Drafting",
    "GatheredDrafts",
    "Prepared",
    "Run",
    "RunBilling",
    "bill_payers",
    "each_payer",
]
