"""Which rows of a block a removal takes."""

import pyarrow as pa
import pyarrow.compute as pc

from tallystick.app.ingest import INSTANT
from tallystick.app.retention import HeldTime, Removal
from tallystick.storage.log.block import Block


def rows_to_remove(block: Block, removal: Removal) -> list[int]:
    """Return the rows of a block that lose their content, ascending."""
    if block.first_position > removal.through:
        return []
    batch = block.batch
    first = block.first_position
    positions = pa.array(range(first, first + batch.num_rows), pa.uint64())
    chosen = pc.and_(
        pc.equal(batch.column("workspace"), str(removal.workspace)),
        pc.equal(batch.column("type"), removal.event_type),
    )
    chosen = pc.and_(chosen, pc.less(batch.column("used_at"), pa.scalar(removal.before, INSTANT)))
    chosen = pc.and_(chosen, pc.less_equal(positions, pa.scalar(removal.through, pa.uint64())))
    kept = pc.is_in(positions, value_set=pa.array(removal.kept, pa.uint64()))
    for held in removal.held:
        kept = pc.or_(kept, _held(batch, held))
    rows: list[int] = pc.indices_nonzero(pc.and_(chosen, pc.invert(kept))).to_pylist()
    return rows


def _held(batch: pa.RecordBatch, held: HeldTime) -> pa.Array:
    mask = pa.repeat(pa.scalar(value=True), batch.num_rows)
    if held.subjects is not None:
        named = pa.array(held.subjects, pa.string())
        mask = pc.is_in(batch.column("subject"), value_set=named)
    if held.start is not None:
        since = pc.greater_equal(batch.column("used_at"), pa.scalar(held.start, INSTANT))
        mask = pc.and_(mask, since)
    if held.end is not None:
        mask = pc.and_(mask, pc.less(batch.column("used_at"), pa.scalar(held.end, INSTANT)))
    return mask
