"""Roll-ups: sums kept by block of positions, subject and time, and answers made of them."""

from tallystick.storage.clickhouse.rolled.finder import (
    Rolled,
    RolledFinder,
    rolled_parts,
    rolled_totals,
)
from tallystick.storage.clickhouse.rolled.rollups import (
    ROLLABLE,
    RollUps,
    reading_of,
)
from tallystick.storage.clickhouse.rolled.sizes import RollUpSizes

__all__ = [
    "ROLLABLE",
    "RollUpSizes",
    "RollUps",
    "Rolled",
    "RolledFinder",
    "reading_of",
    "rolled_parts",
    "rolled_totals",
]
