"""Which rows a removal takes, as SQL; the same that `storage.log.rows_to_remove` says of blocks."""

from datetime import datetime

from tallystick.app.retention import HeldTime, Removal
from tallystick.kernel import micros
from tallystick.storage.clickhouse.bindings import Bindings


def removal_condition(removal: Removal, bind: Bindings) -> str:
    """Return whether a row is of a removal, whatever corrections say of it."""
    parts = [
        f"type = {bind.text(removal.event_type)}",
        used_before(removal.before, bind),
        f"position <= {bind.position(removal.through)}",
        *(f"NOT ({_held(held, bind)})" for held in removal.held),
    ]
    if removal.kept:
        parts.append(f"position NOT IN {bind.positions(removal.kept)}")
    return " AND ".join(parts)


def _held(held: HeldTime, bind: Bindings) -> str:
    parts = ["1"]
    if held.subjects is not None:
        parts.append(f"has({bind.texts(held.subjects)}, subject)")
    if held.start is not None:
        parts.append(f"NOT ({used_before(held.start, bind)})")
    if held.end is not None:
        parts.append(used_before(held.end, bind))
    return " AND ".join(parts)


def used_before(instant: datetime, bind: Bindings) -> str:
    """Return whether a row was used before an instant."""
    return f"used_at < fromUnixTimestamp64Micro({bind.whole(micros(instant))}, 'UTC')"
