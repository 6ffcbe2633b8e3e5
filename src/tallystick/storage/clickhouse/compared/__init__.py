"""The projection and its roll-ups beside the log: what differs, and how it is made right."""

from tallystick.storage.clickhouse.compared.rollups import RollUpComparison
from tallystick.storage.clickhouse.compared.standing import StandingEvents
from tallystick.storage.clickhouse.compared.tables import ComparedTables

__all__ = ["ComparedTables", "RollUpComparison", "StandingEvents"]
