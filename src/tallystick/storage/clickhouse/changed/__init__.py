"""What is new behind a position: late, corrected, brought by backfills, or simply ingested."""

from tallystick.storage.clickhouse.changed.changed_usage import read_changes, read_held, read_next
from tallystick.storage.clickhouse.changed.uses import ClickHouseUses

__all__ = ["ClickHouseUses", "read_changes", "read_held", "read_next"]
