"""
Sends dead letters again, mended: what is taken is noted with its place in the log.

The events go first, durably, then the letters are noted. A crash between the two leaves letters
that wait though their events are in the log; sent again these are duplicates, count no second
time, and are noted then.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.dead_letters import DeadLetter
from tallystick.app.ingest import IngestReport, Result, Status
from tallystick.app.keys import Scope
from tallystick.app.mending.fixes import FIXES_MAX, Fix, mend
from tallystick.app.mending.ports import Positions, ReplayGate
from tallystick.app.mending.selection import Selected, Selection, select_letters
from tallystick.app.metering import UsageReader
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused, WorkspaceId, refuse

COVER_SECONDS_MAX = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayLetters:
    """Send letters that wait again, each rewritten by the fixes in order."""

    selection: Selection
    fixes: tuple[Fix, ...] = ()


class Fate(StrEnum):
    """``accepted`` and ``duplicate`` are in the log, once; the others still wait."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    NOT_MENDABLE = "not_mendable"


class MendedLetter(msgspec.Struct, frozen=True, kw_only=True):
    """
    What became of a letter, or would become.

    Attributes:
        id: of the letter.
        fate: what the gate says; in a preview, `accepted` stands for "could be taken".
        sent: the text that goes to the gate; empty where there is none.
        code, message, path: why it is not taken.
        position: where it stands in the log; None where it does not, or that is not known yet.
    """

    id: int
    fate: Fate
    sent: str = ""
    code: str = ""
    message: str = ""
    path: str = ""
    position: int | None = None


class ReplayReport(msgspec.Struct, frozen=True, kw_only=True):
    """The letters by number; ``more``: others of the selection still wait behind them."""

    letters: tuple[MendedLetter, ...]
    more: bool

    @property
    def counts(self) -> dict[str, int]:
        """Return how many letters had which fate."""
        fates = [letter.fate for letter in self.letters]
        return {fate.value: fates.count(fate) for fate in Fate if fate in fates}


@dataclass(frozen=True, slots=True, kw_only=True)
class MendingParts:
    """Whom mending asks beside units of work."""

    units: Callable[[WorkspaceId], UnitOfWork]
    gate: ReplayGate
    positions: Positions
    usage: UsageReader
    clock: Clock


def preview_replay(
    command: ReplayLetters, *, caller: Caller, parts: MendingParts
) -> Outcome[ReplayReport]:
    """
    Return what replaying would do, as far as that is known without taking anything.

    Whether an event is in the log already is known only when it is sent.

    Problems:
        As `replay_letters`.
    """
    selected = _select(command, caller, parts)
    if isinstance(selected, Refused):
        return selected
    mended = _mended(command, selected.value)
    refused = parts.gate.check(caller.workspace, [mended.bodies[each] for each in mended.order])
    verdicts = {mended.order[result.index]: result for result in refused}
    return Done(_report(selected.value, mended, verdicts, {}))


async def replay_letters(
    command: ReplayLetters, *, caller: Caller, parts: MendingParts
) -> Outcome[ReplayReport]:
    """
    Send letters again and note those that were taken.

    Problems:
        forbidden: the caller lacks the scope ``correct``.
        wrong_value, not_found: see `select_letters`; too many fixes.
        Those of an idempotency key.
    """
    selected = await asyncio.to_thread(_select, command, caller, parts)
    if isinstance(selected, Refused):
        return selected
    mended = _mended(command, selected.value)
    verdicts: dict[int, Result] = {}
    report: IngestReport | None = None
    if mended.order:
        bodies = [mended.bodies[each] for each in mended.order]
        report = await parts.gate.take_again(caller.workspace, bodies)
        verdicts = _verdicts(report, mended.order)
    return await asyncio.to_thread(
        _note, command, caller, parts, _Sent(selected.value, mended, verdicts, report)
    )


@dataclass(frozen=True, slots=True)
class _Mended:
    """Letters as they are sent, in order; those that could not be rewritten, with why."""

    bodies: Mapping[int, bytes]
    order: Sequence[int]
    unmendable: Mapping[int, MendedLetter]


@dataclass(frozen=True, slots=True)
class _Sent:
    """Letters that were given to the gate, and what it says of those not simply accepted."""

    selected: Selected
    mended: _Mended
    verdicts: Mapping[int, Result]
    report: IngestReport | None


def _select(command: ReplayLetters, caller: Caller, parts: MendingParts) -> Outcome[Selected]:
    unpermitted = missing_scope(caller, Scope.CORRECT)
    if unpermitted is not None:
        return Refused((unpermitted,))
    if len(command.fixes) > FIXES_MAX:
        return refuse("wrong_value", f"at most {FIXES_MAX} fixes", "fixes")
    with parts.units(caller.workspace) as uow:
        return select_letters(command.selection, uow)


def _mended(command: ReplayLetters, selected: Selected) -> _Mended:
    bodies: dict[int, bytes] = {}
    unmendable: dict[int, MendedLetter] = {}
    for letter in selected.letters:
        outcome = mend(letter, command.fixes)
        if isinstance(outcome, Done):
            bodies[letter.id] = outcome.value
            continue
        problem = outcome.problems[0]
        unmendable[letter.id] = MendedLetter(
            id=letter.id,
            fate=Fate.NOT_MENDABLE,
            code=problem.code,
            message=problem.message,
            path=problem.field,
        )
    return _Mended(bodies, tuple(bodies), unmendable)


def _verdicts(report: IngestReport, order: Sequence[int]) -> dict[int, Result]:
    told = {order[result.index]: result for result in report.results}
    again = {
        order[index]: Result(index=index, status=Status.DUPLICATE) for index in report.duplicates
    }
    return told | again


def _note(
    command: ReplayLetters, caller: Caller, parts: MendingParts, sent: _Sent
) -> Outcome[ReplayReport]:
    """Find where the events stand, note the letters, and record the command."""
    now = parts.clock.now()
    found = _positions(caller, parts, sent)
    report = _report(sent.selected, sent.mended, sent.verdicts, found)
    taken = {
        letter.id: letter.position
        for letter in report.letters
        if letter.fate in {Fate.ACCEPTED, Fate.DUPLICATE}
    }
    uow = parts.units(caller.workspace)

    def decide() -> Decided[ReplayReport]:
        uow.dead_letters.replayed(taken, at=now)
        details = {"counts": report.counts, "replayed": sorted(taken)}
        return Effect(answer=report, subject="dead_letters", at=now, details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(ReplayReport))


def _positions(caller: Caller, parts: MendingParts, sent: _Sent) -> Mapping[tuple[str, str], int]:
    last = 0 if sent.report is None else sent.report.last_position
    if not last or not parts.usage.wait_covered(last, COVER_SECONDS_MAX):
        return {}
    names = [_name(sent.mended.bodies[each]) for each in sent.mended.order]
    return parts.positions.positions_of(caller.workspace, names, as_of=last)


def _report(
    selected: Selected,
    mended: _Mended,
    verdicts: Mapping[int, Result],
    positions: Mapping[tuple[str, str], int],
) -> ReplayReport:
    letters = []
    for letter in selected.letters:
        body = mended.bodies.get(letter.id)
        if body is None:
            letters.append(mended.unmendable[letter.id])
        else:
            letters.append(_letter(letter, body, verdicts.get(letter.id), positions))
    return ReplayReport(letters=tuple(letters), more=selected.more)


def _letter(
    letter: DeadLetter,
    body: bytes,
    verdict: Result | None,
    positions: Mapping[tuple[str, str], int],
) -> MendedLetter:
    status = Status.ACCEPTED if verdict is None else verdict.status
    taken = status in {Status.ACCEPTED, Status.DUPLICATE}
    return MendedLetter(
        id=letter.id,
        fate=Fate(status.value),
        sent=body.decode(errors="replace"),
        code="" if verdict is None else verdict.code,
        message="" if verdict is None else verdict.message,
        path="" if verdict is None else verdict.path,
        position=positions.get(_name(body)) if taken and positions else None,
    )


class _Named(msgspec.Struct):
    source: Any = ""
    id: Any = ""


def _name(body: bytes) -> tuple[str, str]:
    named = msgspec.json.decode(body, type=_Named)
    return str(named.source), str(named.id)
