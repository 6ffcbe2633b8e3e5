"""ClickHouse: the projection of the log that answers questions about usage."""

from tallystick.storage.clickhouse.changed import ClickHouseUses
from tallystick.storage.clickhouse.client import ClickHouse, EngineLimits, drop_if_torn
from tallystick.storage.clickhouse.compared import (
    ComparedTables,
    RollUpComparison,
    StandingEvents,
)
from tallystick.storage.clickhouse.events import ClickHouseEvents
from tallystick.storage.clickhouse.known_corrections import ClickHouseCorrections
from tallystick.storage.clickhouse.projection import (
    BLOCK_ROWS_MAX,
    PROJECTION_SCHEMA,
    EventProjection,
)
from tallystick.storage.clickhouse.quoting import quote_numbers
from tallystick.storage.clickhouse.removing import ClickHousePersonal, ClickHouseRemoval
from tallystick.storage.clickhouse.rolled import RollUps, RollUpSizes
from tallystick.storage.clickhouse.sequences import ClickHouseNumbers
from tallystick.storage.clickhouse.uncounted import ClickHouseUncounted
from tallystick.storage.clickhouse.usage import ClickHouseUsage

__all__ = [
    "BLOCK_ROWS_MAX",
    "PROJECTION_SCHEMA",
    "ClickHouse",
    "ClickHouseCorrections",
    "ClickHouseEvents",
    "ClickHouseNumbers",
    "ClickHousePersonal",
    "ClickHouseRemoval",
    "ClickHouseUncounted",
    "ClickHouseUsage",
    "ClickHouseUses",
    "ComparedTables",
    "EngineLimits",
    "EventProjection",
    "RollUpComparison",
    "RollUpSizes",
    "RollUps",
    "StandingEvents",
    "drop_if_torn",
    "quote_numbers",
]
