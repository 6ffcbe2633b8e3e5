"""How roll-ups are cut: into blocks of positions on several levels, and buckets of time."""

from dataclasses import dataclass

from tallystick.storage.clickhouse.bindings import Bindings


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUpSizes:
    """
    How roll-ups are cut.

    Attributes:
        block_events: positions in a block of level 0.
        fan: blocks of a level in one of the next.
        bucket_micros: length of a bucket; every local midnight begins one.
        day_buckets: buckets in a day.
    """

    block_events: int = 1 << 16
    fan: int = 8
    bucket_micros: int = 900_000_000
    day_buckets: int = 96

    @property
    def day_micros(self) -> int:
        """Length of a day."""
        return self.bucket_micros * self.day_buckets

    def positions(self, level: int) -> int:
        """Return how many positions a block of a level has."""
        size = self.block_events
        for _ in range(level):
            size *= self.fan
        return size

    def bucket_of(self, at: str, bind: Bindings) -> str:
        """Return the bucket of an instant, both as SQL; rounded down also before 1970."""
        return _floor(at, bind.whole(self.bucket_micros))

    def day_of(self, bucket: str, bind: Bindings) -> str:
        """Return the first bucket of the day of a bucket, both as SQL."""
        size = bind.whole(self.day_buckets)
        return f"toInt64({_floor(bucket, size)} * {size})"


def _floor(value: str, size: str) -> str:
    """Return how often a size goes into a value, rounded down, as SQL."""
    return f"toInt64(intDiv({value}, {size}) - ({value} < 0 AND {value} % {size} != 0))"
