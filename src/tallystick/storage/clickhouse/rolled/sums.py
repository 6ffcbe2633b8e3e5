"""
What events, or the blocks below, come to: the statements that fill a block.

Each gives ``daily_rows``, ``subject``, ``starts`` (the bucket, or the first of the day), and
``counted_all``, ``unread_all``, ``total_all``, ``least_all``, ``greatest_all``.
"""

from tallystick.metering import Meter
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.matching import matched_events
from tallystick.storage.clickhouse.rolled.sizes import RollUpSizes
from tallystick.storage.clickhouse.schema import ROLLUPS


def sums_of_events(meter: Meter, sizes: RollUpSizes, bind: Bindings, *, block: int) -> str:
    """Return what the events of a block of level 0 come to."""
    size = sizes.block_events
    inside = [
        f"position > {bind.position(block * size)}",
        f"position <= {bind.position((block + 1) * size)}",
    ]
    return (
        f"SELECT false AS daily_rows, subject, {sizes.bucket_of('at', bind)} AS starts, "
        "countIf(readable) AS counted_all, "
        "countIf(NOT readable) AS unread_all, sumIf(value, readable) AS total_all, "
        "minIf(value, readable) AS least_all, maxIf(value, readable) AS greatest_all "
        f"FROM ({matched_events(meter, inside, bind)}) GROUP BY subject, starts"
    )


def sums_of_blocks(
    reading: str, sizes: RollUpSizes, bind: Bindings, *, level: int, block: int
) -> str:
    """Return what the blocks below one of a level come to, by bucket and by day."""
    fan = sizes.fan
    below = (
        f"reading = {bind.text(reading)} AND NOT daily AND level = {bind.whole(level - 1)} "
        f"AND block >= {bind.position(block * fan)} AND block < {bind.position((block + 1) * fan)}"
    )
    return " UNION ALL ".join(
        f"SELECT {daily} AS daily_rows, subject, {starts} AS starts, "
        "sum(counted) AS counted_all, sum(unread) AS unread_all, sum(total) AS total_all, "
        "minIf(least, counted > 0) AS least_all, maxIf(greatest, counted > 0) AS greatest_all "
        f"FROM {ROLLUPS} WHERE {below} GROUP BY subject, starts"
        for daily, starts in (("false", "bucket"), ("true", sizes.day_of("bucket", bind)))
    )
