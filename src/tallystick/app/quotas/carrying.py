"""
Uses that were decided, carried into the log under their own identity.

What a crash interrupts is carried again and is a duplicate there.  What the log refuses, or has as
something else already, does not count as it was decided: it is taken off its counter, and whatever
the log does have is counted by the feed like any other event.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import structlog

from tallystick.app.ingest import IngestReport, Status
from tallystick.app.quotas.counting import Find
from tallystick.app.quotas.ports import Consumption, CounterKey, EventOutcome
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import EXACT, WorkspaceId

CARRIED_MAX = 5_000
Submit = Callable[[WorkspaceId, Sequence[bytes]], IngestReport]

_log = structlog.get_logger()
_STALE = -1
"""The stamp of a counter that is counted anew when it is asked for next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """How uses reach the log."""

    units: Callable[[WorkspaceId], UnitOfWork]
    submit: Submit
    find: Find


def carry_consumptions(workspace: WorkspaceId, *, at: datetime, carrier: Carrier) -> int:
    """
    Put what waits into the log, and store where it is; return how many were carried.

    Only one thread does this, the one that lets counters follow the log, and it does this first: no
    event of a consumption is read by the feed before its position is stored.
    """
    with carrier.units(workspace) as uow:
        waiting = uow.consumptions.waiting(limit=CARRIED_MAX)
        uow.commit()  # a rollback would have the connection prepare its statements anew
    if not waiting:
        return 0
    report = carrier.submit(workspace, [one.body.encode() for one in waiting])
    positions = carrier.find(workspace, [(one.source, one.id) for one in waiting])
    told = {result.index: result.status for result in report.results}
    repeated = frozenset(report.duplicates)
    settled = [
        _settled(one, position, told.get(index))
        for index, (one, position) in enumerate(zip(waiting, positions, strict=True))
    ]
    with carrier.units(workspace) as uow:
        fed = uow.quotas.feed_position()
        taken_off = [
            one
            for index, one in enumerate(settled)
            if one.outcome is not EventOutcome.LOGGED
            or (index in repeated and one.position is not None and one.position <= fed)
        ]
        _take_off(taken_off, at=at, uow=uow)
        uow.consumptions.settle(settled)
        uow.commit()
    return len(settled)


def _settled(one: Consumption, position: int | None, status: Status | None) -> Consumption:
    if status is Status.CONFLICT:
        return replace(one, outcome=EventOutcome.CONFLICT)
    if position is None:
        _log.error("consumption_refused", source=one.source, id=one.id)
        return replace(one, outcome=EventOutcome.REJECTED)
    return replace(one, outcome=EventOutcome.LOGGED, position=position)


def _take_off(consumptions: Sequence[Consumption], *, at: datetime, uow: UnitOfWork) -> None:
    """
    Let what the log has otherwise, or not at all, count no more; counted anew when next asked.

    Of a rolling window nothing tells in which slice it lies, so that only a new count is right.
    """
    if not consumptions:
        return
    amounts: dict[CounterKey, Decimal] = {}
    for one in consumptions:
        for key in (one.counter, *one.also):
            amounts[key] = EXACT.add(amounts.get(key, Decimal(0)), one.quantity)
    changed = []
    for key, counter in uow.counters.lock(amounts, at=at).items():
        used = EXACT.subtract(counter.tally.used, amounts[key])
        tally = replace(counter.tally, used=used)
        changed.append(replace(counter, tally=tally, stamp=_STALE))
    uow.counters.save(changed)
