"""
Backfills: named sets of events that wait in the log, count when closed, and no more when reverted.

A set is opened, events are sent into it, what they would change is previewed, and it is closed or
thrown away. Each step is a fact of the log, once by its name, so that sending a command again has
no second effect; the audit record of the repeat says that nothing changed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.command import Caller, missing_scope
from tallystick.app.corrections.orders import REASON_LENGTH_MAX
from tallystick.app.corrections.ports import Backfill, BackfillState, CorrectionSources
from tallystick.app.corrections.record_reaches import record_reaches
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Outcome, Problem, Refused, check, instant_text, is_key, refuse
from tallystick.metering import BACKFILLS, CLOSED, OPENED, REVERTED, BackfillFact, Event, data_of
from tallystick.retention import horizons_of

COVER_SECONDS_MAX = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBackfill:
    """Begin a set under a name that is free."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseBackfill:
    """Let the events of an open set count from now on."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertBackfill:
    """Let the events of a set count no more, or never; its name stays taken."""

    name: str
    reason: str


BackfillCommand: TypeAlias = OpenBackfill | CloseBackfill | RevertBackfill

_FACTS = {OpenBackfill: OPENED, CloseBackfill: CLOSED, RevertBackfill: REVERTED}
_LEADS_TO = {
    OpenBackfill: BackfillState.OPEN,
    CloseBackfill: BackfillState.CLOSED,
    RevertBackfill: BackfillState.REVERTED,
}


def change_backfill(
    command: BackfillCommand, *, caller: Caller, uow: UnitOfWork, sources: CorrectionSources
) -> Outcome[Backfill]:
    """
    Open, close or revert a set, and return it as it is then.

    Problems:
        forbidden: the caller lacks the scope ``correct``.
        wrong_value: no possible name, or no reason.
        not_found: there is no set of this name.
        already_decided: a set that was closed or reverted is not opened again, nor closed one that
            was reverted; take another name.
        not_covered: events that the log holds are being loaded; try again.
        too_old: the set holds events that were used before the retention horizon.
        Those of an idempotency key.
    """
    refused = missing_scope(caller, "correct") or _problem(command)
    if refused is not None:
        return Refused((refused,))
    now = sources.clock.now()

    def decide() -> Decided[Backfill]:
        if not _is_loaded(sources):
            return refuse("not_covered", "events are being loaded; send the command again")
        return _changed(command, caller, uow, sources, now=now)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(Backfill))


def _changed(
    command: BackfillCommand,
    caller: Caller,
    uow: UnitOfWork,
    sources: CorrectionSources,
    *,
    now: datetime,
) -> Decided[Backfill]:
    known = sources.known.backfill(caller.workspace, command.name)
    impossible = _impossible(command, known)
    if impossible is not None:
        return Refused((impossible,))
    repeated = known is not None and known.state is _LEADS_TO[type(command)]
    if not repeated:
        closed = None if known is None else _closed_time(known, uow, sources, now=now)
        if closed is not None:
            return Refused((closed,))
        sources.log.write([_row(command, caller, known, now=now)])
        if not _is_loaded(sources):
            return refuse("not_covered", "the set is being loaded; send the command again")
        record_reaches(
            uow,
            known=sources.known,
            clock=sources.clock,
            through=sources.log.durable_position(),
        )
    after = sources.known.backfill(caller.workspace, command.name)
    check(after is not None, "a set that was changed is known")
    if after is None:
        return refuse("not_found", "the set is gone")
    details = {
        "reason": command.reason,
        "repeated": repeated,
        "number": after.number,
        "events": after.events,
    }
    return Effect(answer=after, subject=f"backfill:{command.name}", at=now, details=details)


def _closed_time(
    known: Backfill, uow: UnitOfWork, sources: CorrectionSources, *, now: datetime
) -> Problem | None:
    """Return why a set can neither begin nor cease to count: it reaches beyond the horizon."""
    horizons = horizons_of(uow.retention.rules(), uow.retention.floors(), at=now)
    for change in sources.known.held_changes(uow.workspace, known.number):
        if change.first_at < horizons.of(change.type):
            message = (
                f"it holds events of type {change.type} used at {instant_text(change.first_at)}, "
                "before the retention horizon: that time is closed"
            )
            return Problem(code="too_old", message=message, field="name")
    return None


def _is_loaded(sources: CorrectionSources) -> bool:
    return sources.known.wait_covered(sources.log.durable_position(), COVER_SECONDS_MAX)


def _problem(command: BackfillCommand) -> Problem | None:
    if not is_key(command.name) or "/" in command.name:
        message = "a backfill is named with letters, digits and - _ . : @, 128 at most"
        return Problem(code="wrong_value", message=message, field="name")
    if not 0 < len(command.reason) <= REASON_LENGTH_MAX:
        message = f"say why, in 1 to {REASON_LENGTH_MAX} characters"
        return Problem(code="wrong_value", message=message, field="reason")
    return None


def _impossible(command: BackfillCommand, known: Backfill | None) -> Problem | None:
    if known is None:
        if isinstance(command, OpenBackfill):
            return None
        message = f"there is no backfill {command.name}"
        return Problem(code="not_found", message=message, field="name")
    if isinstance(command, OpenBackfill) and known.state is not BackfillState.OPEN:
        message = f"backfill {command.name} was {known.state.value}; take another name"
        return Problem(code="already_decided", message=message, field="name")
    if isinstance(command, CloseBackfill) and known.state is BackfillState.REVERTED:
        message = f"backfill {command.name} was reverted; send its events under another name"
        return Problem(code="already_decided", message=message, field="name")
    return None


def _row(
    command: BackfillCommand, caller: Caller, known: Backfill | None, *, now: datetime
) -> Event:
    type_ = _FACTS[type(command)]
    said = BackfillFact(
        name=command.name,
        actor=caller.actor,
        reason=command.reason,
        number=0 if known is None else known.number,
    )
    return Event(
        workspace=caller.workspace,
        source=BACKFILLS,
        id=f"{type_.rpartition('.')[2]}/{command.name}",
        type=type_,
        subject="",
        used_at=now,
        received_at=now,
        sequence="",
        data=data_of(said),
        position=0,
    )
