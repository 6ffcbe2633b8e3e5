"""
Advances the clock of a test workspace, and does on the way all that falls due.

Each stop of the clock is committed before the work that is due there, and the work asks for nothing
but facts.  An advance that was broken off anywhere therefore goes on when it is asked for again:
first what is due where the clock stands, then stop by stop to where it was going.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from tallystick.app.advancing.show_clock import standing
from tallystick.app.advancing.steps import Step, moved_by, steps_between
from tallystick.app.audit import audit_record
from tallystick.app.command import Caller, missing_scope, remember, remembered
from tallystick.app.credits import SettleCredit, settle_credit
from tallystick.app.invoicing import BillingSources, RunBilling, run_billing
from tallystick.app.ledger import RecognizeRevenue, recognize_revenue
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.workspaces import WorkspaceKind, WorkspaceTime
from tallystick.kernel import (
    AccountKey,
    Done,
    EngineUnavailable,
    EntryId,
    Interval,
    InvoiceId,
    Misuse,
    Outcome,
    Problem,
    Refused,
    WorkspaceId,
    instant_text,
    refuse,
)

Units = Callable[[WorkspaceId], UnitOfWork]
DISTANCE_MAX = timedelta(days=3_660)
"""How far one advance goes at most: ten years."""
WAIT_SECONDS_MAX = 30.0
"""How long one advance waits for another of the same clock."""
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceClock:
    """
    Advance the clock of the caller's workspace, to an instant or by an interval: one of them.

    Attributes:
        by: counted from where the clock stands, in UTC; where an advance was broken off it ends
            where that one was going.
    """

    to: datetime | None = None
    by: Interval | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceProgress:
    """How far an advance is, after each stop."""

    at: datetime
    done: int
    steps: int
    issued: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceReport:
    """
    What an advance did.

    Attributes:
        started_at: where the clock stood.
        now: where it stands.
        issued: documents issued on the way, in order.
        recognized: journal entries of revenue that was earned on the way.
        parked: accounts that could not be billed at the last stop, each with its reason.
    """

    started_at: datetime
    now: datetime
    issued: tuple[InvoiceId, ...]
    recognized: tuple[EntryId, ...]
    parked: tuple[tuple[AccountKey, Problem], ...]


@dataclass(slots=True, kw_only=True)
class _Way:
    """An advance on its way, and what it has done so far."""

    caller: Caller
    units: Units
    sources: BillingSources
    target: datetime
    issued: list[InvoiceId]
    recognized: list[EntryId]
    parked: tuple[tuple[AccountKey, Problem], ...] = ()


def advance_clock(
    command: AdvanceClock,
    *,
    caller: Caller,
    units: Units,
    sources: BillingSources,
    progress: Callable[[AdvanceProgress], None] = lambda _: None,
) -> Outcome[AdvanceReport]:
    """
    Advance the clock to where it should go, billing and recognizing at each stop.

    Args:
        command: where to.
        caller: needs the scope ``admin``.
        units: gives a fresh unit of work.
        sources: as for a billing run, with the clock of the workspace.
        progress: told after each stop.

    Problems:
        forbidden: the caller lacks the scope ``admin``.
        unknown_workspace: it was not created.
        live_workspace: the workspace is live, and goes by the computer's clock.
        clock_order: not one of ``to`` and ``by``, or further than ten years.
        clock_backwards: the clock, or an advance that was broken off, is further already.
        Those of a billing run as a whole, and of an idempotency key.

    Raises:
        EngineUnavailable: another advance was still going after `WAIT_SECONDS_MAX`, or uses that
            were decided had not reached the log.
    """
    unpermitted = missing_scope(caller, "admin")
    if unpermitted is not None:
        return Refused((unpermitted,))
    with _turn(units, caller.workspace):
        told = _told_before(command, caller, units)
        if told is not None:
            return told
        begun = _begin(command, caller, units(caller.workspace), sources)
        if isinstance(begun, Refused):
            return begun
        started_at, steps = begun.value
        way = _Way(
            caller=replace(caller, idempotency_key=None),
            units=units,
            sources=sources,
            target=steps[-1].at,
            issued=[],
            recognized=[],
        )
        _await_uses(units, caller.workspace)
        for done, step in enumerate(steps, start=1):
            refused = _stop(way, step)
            if refused is not None:
                return refused
            issued = len(way.issued)
            progress(AdvanceProgress(at=step.at, done=done, steps=len(steps), issued=issued))
        report = AdvanceReport(
            started_at=started_at,
            now=way.target,
            issued=tuple(way.issued),
            recognized=tuple(way.recognized),
            parked=way.parked,
        )
        return _end(way, command, caller, report)


@contextmanager
def _turn(units: Units, workspace: WorkspaceId) -> Iterator[None]:
    """
    Keep other advances of a clock out, and wait for one that is under way.

    Whoever waits looks again and again and holds no connection in between: an advance may take
    minutes, and some that wait for it must not keep all others from the store.
    """
    give_up = time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < give_up:
        with units(workspace) as turn:
            if turn.workspaces.take_turn():
                yield
                return
        time.sleep(_LOOK_SECONDS)
    raise EngineUnavailable(f"another advance of {workspace} is under way; ask again later")


def _await_uses(units: Units, workspace: WorkspaceId) -> None:
    """Wait until uses that were decided stand in the log: a stop would bill without them."""
    give_up = time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < give_up:
        with units(workspace) as uow:
            if not uow.consumptions.waiting(limit=1):
                return
        time.sleep(_LOOK_SECONDS)
    raise EngineUnavailable("uses that were decided do not reach the log; ask again later")


def _told_before(
    command: AdvanceClock, caller: Caller, units: Units
) -> Outcome[AdvanceReport] | None:
    """
    Return what stands under the caller's key; None if nothing does.

    It is asked when the turn has come: a command that is sent again while it still works would
    otherwise find nothing, wait, and advance a second time.
    """
    if caller.idempotency_key is None:
        return None
    with units(caller.workspace) as uow:
        told = remembered(uow, caller, command)
        if isinstance(told, Refused):
            return told
        if told.value is not None:
            return Done(msgspec.json.decode(told.value, type=AdvanceReport))
        return None


def _begin(
    command: AdvanceClock, caller: Caller, uow: UnitOfWork, sources: BillingSources
) -> Outcome[tuple[datetime, tuple[Step, ...]]]:
    """Note where the clock goes, and return where it stands and its stops."""
    with uow:
        found = standing(uow)
        if isinstance(found, Refused):
            return found
        if found.value.kind is WorkspaceKind.LIVE:
            message = f"{uow.workspace} is live: its clock is this computer's"
            return refuse("live_workspace", message, "workspace")
        stands = found.value.time or WorkspaceTime(at=sources.clock.now())
        target = _target(command, stands)
        if isinstance(target, Refused):
            return target
        steps: tuple[Step, ...] = (Step(at=stands.at, bills=True, recognizes=True, settles=True),)
        if target.value > stands.at:
            steps += steps_between(uow, stands.at, target.value)
        uow.workspaces.set_time(WorkspaceTime(at=stands.at, target=target.value))
        details = {"from": instant_text(stands.at), "to": instant_text(target.value)}
        subject = f"clock:{uow.workspace}"
        record = audit_record(caller, command, subject=subject, at=stands.at, details=details)
        uow.audit.append(record)
        uow.commit()
    return Done((stands.at, steps))


def _target(command: AdvanceClock, stands: WorkspaceTime) -> Outcome[datetime]:
    if (command.to is None) == (command.by is None):
        return refuse("clock_order", "say either to which instant, or by which interval", "to")
    goal = command.to
    if command.by is not None:
        try:
            goal = stands.target or moved_by(stands.at, command.by)
        except Misuse as error:
            return refuse("clock_order", str(error), "by")
    least = stands.target or stands.at
    if goal is None or goal < least:
        message = f"the clock goes forward only; it is at, or on its way to, {instant_text(least)}"
        return refuse("clock_backwards", message, "to")
    if goal - stands.at > DISTANCE_MAX:
        return refuse("clock_order", "one advance goes ten years at most", "to")
    return Done(goal)


def _stop(way: _Way, step: Step) -> Refused | None:
    """Set the clock to a stop and do what is due there; return why that cannot be."""
    workspace = way.caller.workspace
    with way.units(workspace) as uow:
        uow.workspaces.set_time(WorkspaceTime(at=step.at, target=way.target))
        uow.commit()
    if step.bills:
        ran = run_billing(RunBilling(), caller=way.caller, units=way.units, sources=way.sources)
        if isinstance(ran, Refused):
            return ran
        way.issued += ran.value.issued
        way.parked = ran.value.parked
    if step.recognizes:
        earned = recognize_revenue(
            RecognizeRevenue(),
            caller=way.caller,
            uow=way.units(workspace),
            clock=way.sources.clock,
        )
        if isinstance(earned, Refused):
            return earned
        way.recognized += [posted.entry.id for posted in earned.value]
    return _settle(way) if step.settles else None


def _settle(way: _Way) -> Refused | None:
    """Book credit that expired; return why that cannot be."""
    settled = settle_credit(
        SettleCredit(),
        caller=way.caller,
        uow=way.units(way.caller.workspace),
        clock=way.sources.clock,
    )
    return settled if isinstance(settled, Refused) else None


def _end(
    way: _Way, command: AdvanceClock, caller: Caller, report: AdvanceReport
) -> Outcome[AdvanceReport]:
    """Clear the target and keep the answer, in one transaction: whoever asks again is told it."""
    with way.units(caller.workspace) as uow:
        told = remembered(uow, caller, command)
        if isinstance(told, Done):
            remember(uow, caller, command, msgspec.json.encode(report))
        uow.workspaces.set_time(WorkspaceTime(at=way.target))
        uow.commit()
    return told if isinstance(told, Refused) else Done(report)
