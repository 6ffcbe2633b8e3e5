"""Content taken out of rows that stay."""

from tallystick.storage.clickhouse.removing.removal import ClickHouseRemoval

__all__ = ["ClickHouseRemoval"]
