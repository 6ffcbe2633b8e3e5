"""Seals committed audit records, in batches, behind the commands' backs."""

from collections.abc import Callable
from itertools import groupby

from tallystick.app.audit.chain import next_seal
from tallystick.app.audit.ports import AuditSeals, Seal, StoredRecord
from tallystick.app.unit_of_work import RunnerUnitOfWork

BATCH = 1000


def seal_audit(units: Callable[[], RunnerUnitOfWork], *, limit: int = BATCH) -> int:
    """
    Seal up to ``limit`` waiting records and return how many; fewer than that means none is left.

    The order of the chain is the order of sealing. A record whose command commits late waits on and
    is sealed later, whatever its id.
    """
    with units() as unit:
        waiting = unit.seals.waiting(limit=limit)
        for _, records in groupby(waiting, key=lambda stored: stored.record.workspace):
            unit.seals.seal(_chained(unit.seals, list(records)))
        unit.commit()
    return len(waiting)


def _chained(store: AuditSeals, records: list[StoredRecord]) -> list[Seal]:
    last = store.head(records[0].record.workspace)
    seals = []
    for stored in records:
        last = next_seal(last, stored)
        seals.append(last)
    return seals
