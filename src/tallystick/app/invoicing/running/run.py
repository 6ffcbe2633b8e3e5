"""What a billing run is asked to do, and what all its payers share."""

from dataclasses import dataclass
from datetime import datetime

from tallystick.app.command import Caller
from tallystick.app.invoicing.gathering import GatheringPayers
from tallystick.app.invoicing.ports import BillingSources
from tallystick.catalog import Catalog
from tallystick.kernel import AccountKey, SubscriptionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBilling:
    """
    Issue all documents due by an instant.

    Attributes:
        through: the instant; None: now. The future is refused.
        position: the log position that must count; None: the last durable one.
        account: bill this subscriber's payer only; None: everybody.
        hold: draft all that is due, days of grace or not, and leave it to be reviewed; runs after
            this one leave it too, until it is approved or rejected.
    """

    through: datetime | None = None
    position: int | None = None
    account: AccountKey | None = None
    hold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """
    What all payers of a run share.

    Attributes:
        definitions: the catalog's, as they stood when the run began.
        repairs: how many repairs of the projection had begun then.
        at: when the run began.
        held: the contracts of which drafts were held for a review then.
        gathering: whose documents come together, or wait.
        moving: the contracts that several payers are billed for.
    """

    command: RunBilling
    caller: Caller
    sources: BillingSources
    definitions: Catalog
    through: datetime
    position: int
    repairs: int
    at: datetime
    held: frozenset[SubscriptionKey]
    gathering: GatheringPayers
    moving: frozenset[SubscriptionKey] = frozenset()
