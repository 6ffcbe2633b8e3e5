"""Content taken out of rows that stay, and pseudonyms that stay where values were erased."""

from tallystick.storage.clickhouse.removing.personal import ClickHousePersonal
from tallystick.storage.clickhouse.removing.removal import ClickHouseRemoval

__all__ = ["ClickHousePersonal", "ClickHouseRemoval"]
