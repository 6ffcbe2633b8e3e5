"""
Rows of the log taken apart for the projection: what counts, what supersedes it, what holds it back.

An amended event becomes a row of its own at the position of its correction. A correction also says
which row it supersedes: the one that the correction before it put there, else the event as it was
first sent. That is looked up here, once, so that no question for usage has to.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tallystick.app.corrections import LastCorrection
from tallystick.metering import (
    RESERVED_TYPES,
    Correction,
    Event,
    backfill_fact_of,
    correction_of,
    unheld,
)

Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """
    A block of the log, taken apart.

    Attributes:
        events: one row for each position, in order; where any belongs to a backfill with the column
            ``backfill``.
        corrections, backfills: rows of the tables of these names, in order of position.
        holding: workspaces of events that a backfill holds, or that lost their content.
    """

    events: pa.Table
    corrections: tuple[Row, ...] = ()
    backfills: tuple[Row, ...] = ()
    holding: frozenset[str] = frozenset()


def targets_in(block: pa.Table) -> list[int]:
    """Return the positions of the events that a block corrects."""
    corrections = map(correction_of, _reserved(block))
    return sorted({one.target for one in corrections if one is not None})


def take_apart(block: pa.Table, last: Mapping[int, LastCorrection]) -> Apart:
    """
    Return the rows of a block as the tables of the projection hold them.

    Args:
        block: of the log, with positions.
        last: the last correction before the block of each event that it corrects.
    """
    reserved = _reserved(block)
    if not reserved:
        return Apart(events=block)
    superseding = _Superseding(last)
    replaced: dict[int, tuple[int, Event]] = {}
    corrections: list[Row] = []
    backfills: list[Row] = []
    for row in reserved:
        correction = correction_of(row)
        if correction is None:
            backfills += _backfill_rows(row)
            replaced[row.position] = unheld(row)
            continue
        corrections.append(_correction_row(row, correction, superseding.by(row, correction)))
        replaced[row.position] = correction.backfill, correction.replaced(row) or row
    return Apart(
        events=_with_replaced(block, replaced),
        corrections=tuple(corrections),
        backfills=tuple(backfills),
        holding=frozenset(event.workspace for number, event in replaced.values() if number),
    )


class _Superseding:
    """Which row each correction supersedes, in log order."""

    def __init__(self, last: Mapping[int, LastCorrection]) -> None:
        self._last = dict(last)

    def by(self, row: Event, correction: Correction) -> int:
        """Return the position that this correction supersedes; 0 where nothing stood."""
        before = self._last.get(correction.target)
        amends = correction.replacement is not None
        self._last[correction.target] = LastCorrection(position=row.position, amends=amends)
        if before is None:
            return correction.target
        return before.position if before.amends else 0


def _reserved(block: pa.Table) -> list[Event]:
    mask = pc.starts_with(block["type"], RESERVED_TYPES)
    if not pc.any(mask).as_py():
        return []
    return [Event(**row) for row in block.filter(mask).to_pylist()]


def _with_replaced(block: pa.Table, replaced: Mapping[int, tuple[int, Event]]) -> pa.Table:
    """Return the block with some of its rows replaced, each with the backfill it belongs to."""
    first = block["position"][0].as_py()
    columns = {name: block[name].combine_chunks() for name in block.column_names}
    places = [position - first for position in replaced]
    mask = pa.array(_marked(places, block.num_rows), pa.bool_())
    for name, column in columns.items():
        texts = [getattr(event, name) for _, event in replaced.values()]
        columns[name] = pc.replace_with_mask(column, mask, pa.array(texts, column.type))
    numbers = [0] * block.num_rows
    for place, (number, _) in zip(places, replaced.values(), strict=True):
        numbers[place] = number
    return pa.table({**columns, "backfill": pa.array(numbers, pa.uint64())})


def _marked(places: list[int], count: int) -> list[bool]:
    marks = [False] * count
    for place in places:
        marks[place] = True
    return marks


def _correction_row(row: Event, correction: Correction, superseded: int) -> Row:
    return {
        "workspace": row.workspace,
        "target": correction.target,
        "position": row.position,
        "superseded": superseded,
        "amends": correction.replacement is not None,
        "correction_id": row.id,
        "source": correction.source,
        "id": correction.id,
        "actor": correction.actor,
        "reason": correction.reason,
        "received_at": row.received_at,
    }


def _backfill_rows(row: Event) -> list[Row]:
    fact = backfill_fact_of(row)
    if fact is None:
        return []
    return [
        {
            "workspace": row.workspace,
            "number": fact.number,
            "position": row.position,
            "fact": row.type.rpartition(".")[2],
            "name": fact.name,
            "actor": fact.actor,
            "reason": fact.reason,
            "received_at": row.received_at,
        }
    ]
