"""Documents of several contracts or periods, drafted together and locked together."""

from tallystick.app.invoicing.gathering.draft_together import (
    PayerDrafts,
    Together,
    draft_together,
    holds,
)
from tallystick.app.invoicing.gathering.gathering_payers import GatheringPayers, gathering_payers
from tallystick.app.invoicing.gathering.locking import lock_contracts

__all__ = [
    "GatheringPayers",
    "PayerDrafts",
    "Together",
    "draft_together",
    "gathering_payers",
    "holds",
    "lock_contracts",
]
