"""
Reading the log: blocks for the loader, events for verification.

Readers need no lock: sealed segments never change, and in the open segment only whole blocks count.
A block that is written but not yet synced can be seen here; who must not see it gives `through`, a
position that was acknowledged.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tallystick.app.segments import LogDamaged
from tallystick.metering import RESERVED_TYPES, Event, standing_events
from tallystick.storage.log.block import Block, BlockHeader
from tallystick.storage.log.segment import (
    first_position_of,
    load_manifest,
    read_blocks_where,
    segments,
)

_COLUMNS = ("workspace", "source", "id", "type", "subject", "sequence", "data")


def blocks_from(directory: Path, position: int, *, through: int | None = None) -> Iterator[Block]:
    """
    Yield the blocks that hold events from this position on, in order, up to `through`.

    Raises:
        LogDamaged: a block in between is missing or not whole, or `through` is not reached; the
            blocks before it were yielded.

    """
    expected = position
    for block in _whole_blocks(directory, position, through=through):
        if block.first_position > expected:
            break
        yield block
        expected = block.header.last_position + 1
    else:
        if through is None or expected > through:
            return
    message = f"the log is damaged: position {expected} cannot be read; restore it from a backup"
    raise LogDamaged(message)


def _whole_blocks(directory: Path, position: int, *, through: int | None) -> Iterator[Block]:
    for segment in segments(directory):
        manifest = load_manifest(segment)
        if manifest is not None and manifest.last_position < position:
            continue
        if through is not None and first_position_of(segment) > through:
            return
        for block in read_blocks_where(segment, lambda each: each.last_position >= position):
            if through is not None and block.header.first_position > through:
                return
            yield block


def read_events(
    directory: Path,
    *,
    workspace: str,
    types: frozenset[str],
    subjects: frozenset[str] | None,
    through: int,
) -> Iterator[Event]:
    """
    Yield the events that count as of position `through`, from the log itself, in log order.

    Voided events are left out, amended ones read as they were amended, and what is held back by a
    backfill that was not closed by then does not count. One amended from another type or subject is
    among them.

    Args:
        directory: where the segments are.
        workspace: only events of this workspace.
        types: only events of these types.
        subjects: only events of these subjects; None: of any.
        through: the last position that counts; the log must hold it.

    Raises:
        LogDamaged: a block up to there is missing or not whole.

    """
    rows = (
        row
        for block in blocks_from(directory, 1, through=through)
        for row in _events_of(block, _chosen(block, workspace, types, subjects), through)
    )
    yield from standing_events(rows)


def event_at(directory: Path, position: int) -> Event | None:
    """Return the event at a position, None if the log does not hold it."""
    return events_at(directory, [position]).get(position)


def events_at(directory: Path, positions: Iterable[int]) -> dict[int, Event]:
    """Return the events at positions, without those that the log does not hold; by position."""
    known = segments(directory)
    starts = [first_position_of(segment) for segment in known]
    found: dict[int, Event] = {}
    wanted = groupby(sorted(set(positions)), key=lambda position: bisect_right(starts, position))
    for behind, inside in wanted:
        if behind:
            found.update(_events_at(known[behind - 1], list(inside)))
    return found


def _events_at(segment: Path, positions: list[int]) -> Iterator[tuple[int, Event]]:
    """Yield ascending positions of one segment with their events; each block is read once."""

    def inside(header: BlockHeader) -> list[int]:
        first = bisect_left(positions, header.first_position)
        return positions[first : bisect_right(positions, header.last_position)]

    for block in read_blocks_where(segment, lambda header: bool(inside(header))):
        here = inside(block.header)
        rows = pa.array([position - block.first_position for position in here], pa.int64())
        yield from zip(here, _events_of(block, rows, block.header.last_position), strict=True)


def _chosen(
    block: Block, workspace: str, types: frozenset[str], subjects: frozenset[str] | None
) -> pa.Array:
    """Return the rows asked for, and those of the workspace that may correct them."""
    batch = block.batch
    mask = pc.is_in(batch.column("type"), value_set=pa.array(sorted(types), pa.string()))
    if subjects is not None:
        wanted = pa.array(sorted(subjects), pa.string())
        mask = pc.and_(mask, pc.is_in(batch.column("subject"), value_set=wanted))
    mask = pc.or_(mask, pc.starts_with(batch.column("type"), RESERVED_TYPES))
    mask = pc.and_(mask, pc.equal(batch.column("workspace"), workspace))
    return pc.indices_nonzero(mask)


def _events_of(block: Block, rows: pa.Array, through: int) -> Iterator[Event]:
    chosen = block.batch.take(rows)
    columns = {name: chosen.column(name).to_pylist() for name in _COLUMNS}
    used_at = chosen.column("used_at").to_pylist()
    received_at = chosen.column("received_at").to_pylist()
    for index, row in enumerate(rows.to_pylist()):
        position = block.header.first_position + row
        if position > through:
            return
        yield Event(
            **{name: values[index] for name, values in columns.items()},
            used_at=used_at[index],
            received_at=received_at[index],
            position=position,
        )
