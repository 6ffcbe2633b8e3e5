"""The projection's tables of corrections and backfills beside what the log says of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from tallystick.app.reconcile import Comparison, Faults, Group, Store
from tallystick.kernel import WorkspaceId, from_micros, micros
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.corrections import Row
from tallystick.storage.clickhouse.schema import BACKFILLS_TARGET, CORRECTIONS_TARGET

TARGETS: Mapping[Store, str] = {
    Store.CORRECTIONS: CORRECTIONS_TARGET,
    Store.BACKFILLS: BACKFILLS_TARGET,
}
_COLUMNS: Mapping[Store, tuple[str, ...]] = {
    Store.CORRECTIONS: (
        "workspace",
        "target",
        "position",
        "superseded",
        "amends",
        "correction_id",
        "source",
        "id",
        "actor",
        "reason",
    ),
    Store.BACKFILLS: ("workspace", "number", "position", "fact", "name", "actor", "reason"),
}
_RECEIVED = "toUnixTimestamp64Micro(received_at)"

Cells = tuple[Any, ...]


class ComparedFacts:
    """Compares the small tables, whose rows of a span fit into memory."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    def compare(self, store: Store, rows: Sequence[Row], first: int, last: int) -> Comparison:
        """Return what is wrong in a span, of which these are the rows to be held."""
        wanted = {int(str(row["position"])): _cells(store, row) for row in rows}
        found: dict[int, list[Cells]] = {}
        for cells in self._read(
            store,
            "position >= {first:UInt64} AND position <= {last:UInt64}",
            {"first": first, "last": last},
        ):
            found.setdefault(_position(store, cells), []).append(cells)
        comparison = Comparison()
        for position in sorted({*wanted, *found}):
            must, held = wanted.get(position), found.get(position, [])
            if held != [must]:
                faults = _faults(must, held)
                _note(comparison, store, must or held[0], faults, position)
        return comparison

    def beyond(self, last: int) -> Comparison:
        """Return the rows at positions that the log does not have."""
        comparison = Comparison()
        for store in TARGETS:
            for cells in self._read(store, "position > {last:UInt64}", {"last": last}):
                faults = Faults(foreign=1, held_rows=1)
                _note(comparison, store, cells, faults, _position(store, cells))
        return comparison

    def _read(self, store: Store, where: str, asked: Mapping[str, int]) -> Iterable[Cells]:
        columns = ", ".join((*_COLUMNS[store], _RECEIVED))
        statement = f"SELECT {columns} FROM {TARGETS[store]} WHERE {where}"
        return (tuple(cells) for cells in self._clickhouse.read(statement, asked))


def _cells(store: Store, row: Row) -> Cells:
    received = row["received_at"]
    at = micros(received) if isinstance(received, datetime) else 0
    return (*(row[name] for name in _COLUMNS[store]), at)


def _position(store: Store, cells: Cells) -> int:
    return int(cells[_COLUMNS[store].index("position")])


def _faults(must: Cells | None, held: Sequence[Cells]) -> Faults:
    """Return the faults of one position."""
    if must is None:
        return Faults(foreign=len(held), held_rows=len(held))
    return Faults(
        missing=not held,
        doubled=len(held) > 1,
        changed=len(held) == 1,
        logged_rows=1,
        held_rows=len(held),
    )


def _note(
    comparison: Comparison, store: Store, cells: Cells, faults: Faults, position: int
) -> None:
    day: date = from_micros(cells[-1]).date()
    group = Group(workspace=WorkspaceId(cells[0]), day=day, about=store.value)
    comparison.note((store, group), faults, [position])
