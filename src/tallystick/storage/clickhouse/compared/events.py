"""
The projection's events beside those of the log, by sums of digests, then row by row.

Rows of the log are taken apart as the loader does it, so that each position has one row to compare.
A span whose sums agree is done; in one whose sums differ, positions are looked at in pieces that
fit into memory.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallystick.app.reconcile import Comparison, Faults, Logged, Store
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.compared.digests import APART_PARAMETER, RowDigests
from tallystick.storage.clickhouse.compared.groups import (
    Key,
    Numbered,
    Tallies,
    day_sql,
    days_of,
    group_of,
)
from tallystick.storage.clickhouse.schema import INSERT_TARGET

PIECE_POSITIONS = 1 << 17
FOREIGN_MAX = 100_000

_DAY = day_sql("toUnixTimestamp64Micro(used_at)")
_INSIDE = "position >= {first:UInt64} AND position <= {last:UInt64}"


class ComparedEvents:
    """Compares the table of events."""

    def __init__(self, clickhouse: ClickHouse, digests: RowDigests) -> None:
        self._clickhouse = clickhouse
        self._digests = digests

    def differing(self, rows: Tallies, first: int, last: int) -> bool:
        """Tell whether the table holds other rows in a span than these."""
        return bool(rows.differing(self._held(first, last)))

    def tallied(self, rows: pa.Table, into: Tallies) -> None:
        """Add rows as the table must hold them."""
        into.add_rows(rows, self._digests.of(rows))

    def compare(self, logged: Logged, first: int, last: int) -> Comparison:
        """
        Return each position that is wrong.

        Args:
            logged: yields rows as the table must hold them.
            first: of the span; the log has each position of it.
            last: of the span.
        """
        comparison = Comparison()
        for start in range(first, last + 1, PIECE_POSITIONS):
            end = min(last, start + PIECE_POSITIONS - 1)
            comparison.include(self._compare_piece(logged(start, end), start, end))
        return comparison

    def beyond(self, last: int) -> Comparison:
        """Return the rows at positions behind the last of the log, and before its first."""
        statement = (
            f"SELECT position, workspace, {_DAY}, type FROM {INSERT_TARGET} "
            f"WHERE position > {{last:UInt64}} OR position = 0 "
            f"ORDER BY position LIMIT {FOREIGN_MAX}"
        )
        comparison = Comparison()
        for position, workspace, day, type_ in self._clickhouse.read(statement, {"last": last}):
            where = Store.EVENTS, group_of((workspace, int(day), type_))
            comparison.note(where, Faults(foreign=1, held_rows=1), [int(position)])
        return comparison

    def _held(self, first: int, last: int) -> Tallies:
        statement = (
            f"SELECT workspace, {_DAY} AS day, type, count(), sum({self._digests.sql}) "
            f"FROM {INSERT_TARGET} WHERE {_INSIDE} GROUP BY workspace, day, type"
        )
        tallies = Tallies()
        for workspace, day, type_, rows, digest in self._clickhouse.read(
            statement, self._parameters(first, last)
        ):
            tallies.add((workspace, int(day), type_), int(rows), int(digest))
        return tallies

    def _compare_piece(self, tables: Iterator[pa.Table], first: int, last: int) -> Comparison:
        groups = Numbered()
        wanted = _Wanted(groups, first, last)
        tallies = Tallies()
        for rows in tables:
            digests = self._digests.of(rows)
            tallies.add_rows(rows, digests)
            wanted.add(rows, digests)
        if not self.differing(tallies, first, last):
            return Comparison()
        statement = (
            f"SELECT position, workspace, {_DAY} AS day, type, {self._digests.sql} AS digest "
            f"FROM {INSERT_TARGET} WHERE {_INSIDE}"
        )
        held = self._clickhouse.read_columns(statement, self._parameters(first, last))
        return wanted.compared(held)

    def _parameters(self, first: int, last: int) -> Mapping[str, object]:
        return {"first": first, "last": last, **self._digests.parameters, **APART_PARAMETER}


class _Wanted:
    """What each position of a piece must hold."""

    def __init__(self, groups: Numbered, first: int, last: int) -> None:
        self._groups = groups
        self._first = first
        self._digests = np.zeros(last - first + 1, np.uint64)
        self._group = np.zeros(last - first + 1, np.int32)

    def add(self, rows: pa.Table, digests: npt.NDArray[np.uint64]) -> None:
        """Add rows of the log."""
        places = _positions(rows) - self._first
        self._digests[places] = digests
        self._group[places] = self._groups.numbers(_keys(rows, days_of(rows["used_at"])))

    def compared(self, held: pa.Table) -> Comparison:
        """Return what is wrong in the rows that are held."""
        places = _positions(held) - self._first
        count = np.bincount(places, minlength=len(self._digests))
        groups = self._groups.numbers(_keys(held, held["day"]))
        differs = np.zeros(len(count), bool)
        differs[places[held["digest"].to_numpy() != self._digests[places]]] = True
        moved = groups != self._group[places]
        kept = np.bincount(places[~moved], minlength=len(count))
        wrong = (count != 1) | differs
        comparison = Comparison()
        for number in np.unique(self._group[wrong]):
            at = wrong & (self._group == number)
            faults = Faults(
                missing=_sum(at & (count == 0)),
                doubled=_sum(at & (count > 1)),
                changed=_sum(at & (count == 1)),
                logged_rows=_sum(at),
                held_rows=int(kept[at].sum()),
            )
            self._note(comparison, number, faults, np.flatnonzero(at))
        for number in np.unique(groups[moved]):
            found = places[moved & (groups == number)]
            faults = Faults(foreign=len(found), held_rows=len(found))
            self._note(comparison, number, faults, found)
        return comparison

    def _note(
        self, comparison: Comparison, number: int, faults: Faults, places: npt.NDArray[np.int64]
    ) -> None:
        where = Store.EVENTS, group_of(self._groups.keys[number])
        comparison.note(where, faults, (places + self._first).tolist())


def _sum(mask: npt.NDArray[np.bool_]) -> int:
    return int(mask.sum())


def _positions(rows: pa.Table) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = rows["position"].to_numpy().astype(np.int64)
    return found


def _keys(rows: pa.Table, days: pa.ChunkedArray) -> Iterable[Key]:
    texts = (rows[name].cast(pa.string()).to_pylist() for name in ("workspace", "type"))
    workspaces, types = texts
    return zip(workspaces, days.to_pylist(), types, strict=True)
