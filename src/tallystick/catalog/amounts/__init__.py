"""What a plan says of amounts of several prices: how bounds and thresholds are read."""

from tallystick.catalog.amounts.reading import check_spend, read_thresholds

__all__ = ["check_spend", "read_thresholds"]
