"""Rows told together: by workspace, day of use in UTC and event type, on both sides."""

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallystick.app.reconcile import Group
from tallystick.kernel import WorkspaceId
from tallystick.storage.clickhouse.compared.digests import Digests

DAY_MICROS = 86_400_000_000
_EPOCH = date(1970, 1, 1)

Key = tuple[str, int, str]
"""Workspace, day since 1970, type."""


class Tallies:
    """How many rows each group has, and the sum of their digests."""

    def __init__(self) -> None:
        self.found: dict[Key, tuple[int, int]] = {}

    def add(self, key: Key, rows: int, digest: int) -> None:
        """Add rows to a group; sums of digests wrap at 64 bits."""
        before, sum_before = self.found.get(key, (0, 0))
        self.found[key] = before + rows, (sum_before + digest) % (1 << 64)

    def add_rows(self, rows: pa.Table, digests: Digests) -> None:
        """Add rows as the projection must hold them."""
        grouped = pa.table(
            {
                "workspace": rows["workspace"],
                "day": days_of(rows["used_at"]),
                "type": rows["type"],
                "digest": pa.array(digests, pa.uint64()),
            }
        ).group_by(["workspace", "day", "type"])
        summed = grouped.aggregate([("digest", "sum"), ("digest", "count")])
        for row in summed.to_pylist():
            key = row["workspace"], row["day"], row["type"]
            self.add(key, row["digest_count"], row["digest_sum"])

    def differing(self, other: "Tallies") -> set[Key]:
        """Return the groups that are not the same in both."""
        keys = {*self.found, *other.found}
        return {key for key in keys if self.found.get(key) != other.found.get(key)}


def days_of(instants: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the days since 1970 of instants, in UTC."""
    return pc.divide(pc.floor_temporal(instants, unit="day").cast(pa.int64()), DAY_MICROS)


def day_sql(at: str) -> str:
    """Return the day since 1970 of microseconds, as SQL; rounded down also before 1970."""
    return f"toInt64(intDiv({at}, {DAY_MICROS}) - ({at} < 0 AND {at} % {DAY_MICROS} != 0))"


def date_of(day: int) -> date:
    """Return the date of a day since 1970."""
    return _EPOCH + timedelta(days=day)


def day_number(day: date) -> int:
    """Return the days since 1970 of a date."""
    return (day - _EPOCH).days


def group_of(key: Key) -> Group:
    """Return the group that a key stands for."""
    return Group(workspace=WorkspaceId(key[0]), day=date_of(key[1]), about=key[2])


class Numbered:
    """Groups by number, so that a row's group is one integer."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self._numbers: dict[Key, int] = {}

    def numbers(self, keys: Iterable[Key]) -> npt.NDArray[np.int32]:
        """Return the number of each key."""
        return np.fromiter((self._number(key) for key in keys), np.int32)

    def _number(self, key: Key) -> int:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.keys)
            self.keys.append(key)
        return number
