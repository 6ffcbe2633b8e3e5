"""
Removes what a plan allows: seals first, decides in one transaction, then takes the content out.

What was decided stands in the store before a byte is changed. A removal that was broken off is
taken up again by the next one, before the next comparison with the log, and at the next start;
until then bills read what was sealed, and nobody is answered from a time that may be half gone.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing import unprovable
from tallystick.app.keys import Scope
from tallystick.app.retention.contracts import Contract, seal_contract
from tallystick.app.retention.plan_removal import (
    COVER_SECONDS_MAX,
    Desk,
    RetentionSources,
    TypePlan,
    contracts,
    covered_position,
    planned,
    recorded,
)
from tallystick.app.retention.removal import Removal
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, EngineUnavailable, Outcome, Refused, instant_text
from tallystick.retention import RetentionFloor

Units = Callable[[], UnitOfWork]
NOTED_TO = timedelta(days=1)
"""So much later than is noted a personal value may have been used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveUsage:
    """Remove the content of all events that rules, holds and bills let go."""


class RemovedType(msgspec.Struct, frozen=True, kw_only=True):
    """What went of a type; instants as texts."""

    event_type: str
    closed_before: str
    removed_before: str
    events: int
    documents_sealed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalParts:
    """
    What a removal needs beside its command.

    Attributes:
        units: gives a fresh unit of work of the workspace.
        pause: gives what keeps backups and comparisons away; refuses while one is under way.
    """

    units: Units
    sources: RetentionSources
    pause: Callable[[], AbstractContextManager[None]]


def remove_usage(
    command: RemoveUsage, *, caller: Caller, parts: RemovalParts
) -> Outcome[tuple[RemovedType, ...]]:
    """
    Seal what bills rest on, close the time for good, and take the content out.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        not_covered, projection_incomplete: see `plan_removal`.
        projection_differs: the last comparison with the log left differences.
        Those of an idempotency key.

    Raises:
        InvariantBroken: a document does not come out as it was issued; nothing was removed.
        EngineUnavailable: broken off; what was decided is carried out by the next removal.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with parts.pause():
        carry_out(parts)
        parts.sources.log.seal_open()
        position = covered_position(parts.sources)
        if isinstance(position, Refused):
            return position
        decided = _decide(command, caller, parts, position=position.value)
        if isinstance(decided, Done):
            carry_out(parts)
    return decided


def resume_removals(parts: RemovalParts) -> int:
    """
    Carry out what was decided and broken off, if anything was; return of how many events.

    Raises:
        EngineUnavailable: as `carry_out`, or a backup is under way.
    """
    with parts.units() as uow:
        if not uow.removals.unfinished():
            return 0
    with parts.pause():
        return carry_out(parts)


def carry_out(parts: RemovalParts) -> int:
    """
    Take the content out for all removals that were decided; return of how many events.

    The projection is waited for first: what is loaded from the log while it is rewritten would
    bring back what is taken out.

    Raises:
        EngineUnavailable: the projection is not that far yet; nothing more was done.
    """
    with parts.units() as uow:
        waiting = uow.removals.unfinished()
        meters = tuple(uow.catalog.load_meters().values()) if waiting else ()
    total = 0
    for removal in waiting:
        if not parts.sources.billing.usage.wait_covered(removal.through, COVER_SECONDS_MAX):
            message = f"usage is removed when events up to position {removal.through} are loaded"
            raise EngineUnavailable(message)
        events = parts.sources.log.remove(removal)
        parts.sources.projection.remove(removal, meters)
        with parts.units() as uow:
            now = parts.sources.billing.clock.now()
            _expire_texts(uow, removal)
            uow.removals.finish(removal.id, events=events, at=now)
            uow.commit()
        total += events
    return total


def _expire_texts(uow: UnitOfWork, removal: Removal) -> None:
    """
    Destroy the personal texts of what is gone; where a hold keeps any of the type, all are kept.

    No event from before the removal can still be on its way: its time was closed an hour before.
    """
    if not removal.held:
        uow.erasures.lock()
        uow.erasures.expire(
            removal.event_type, before=removal.before - NOTED_TO, through=removal.through
        )


def _decide(
    command: RemoveUsage, caller: Caller, parts: RemovalParts, *, position: int
) -> Outcome[tuple[RemovedType, ...]]:
    now = parts.sources.billing.clock.now()
    uow = parts.units()

    def decide() -> Decided[tuple[RemovedType, ...]]:
        problem = unprovable(uow, parts.sources.billing.agreement, position)
        if problem is not None:
            return Refused((problem,))
        uow.retention.lock()
        # Whoever bills a contract waits here, or is waited for: bills see all of this or nothing.
        for key in sorted(uow.subscriptions.load_subscriptions()):
            uow.invoices.lock(key)
        recorded(uow, parts.sources, position=position)
        plan = planned(uow, parts.sources, position=position)
        desk = Desk(uow=uow, sources=parts.sources, position=position, now=now)
        removed = tuple(
            _sealed(desk, each, each.removal)
            for each in plan.types
            if each.removal is not None and each.events
        )
        details = {"position": position, "types": msgspec.to_builtins(removed)}
        return Effect(answer=removed, subject="retention", at=now, details=details)

    kept = as_json(tuple[RemovedType, ...])
    return carried_out(command, decide, caller=caller, uow=uow, kept=kept)


def _sealed(desk: Desk, plan: TypePlan, removal: Removal) -> RemovedType:
    """Seal what bills need, close the time, and note what is to be removed."""
    documents = sum(
        seal_contract(each, desk.uow, desk.sources.billing, before=removal.before)
        for each in contracts(desk, removal.event_type)
        if isinstance(each, Contract)
    )
    floor = RetentionFloor(
        event_type=removal.event_type,
        closed_before=plan.cut.closed_before,
        removed_before=removal.before,
    )
    desk.uow.retention.save_floors([floor])
    desk.uow.removals.save(removal, at=desk.now)
    return RemovedType(
        event_type=removal.event_type,
        closed_before=instant_text(floor.closed_before),
        removed_before=instant_text(floor.removed_before),
        events=plan.events,
        documents_sealed=documents,
    )
