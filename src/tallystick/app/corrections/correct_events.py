"""
Voids and amends events: facts in the log, then the audit of who said so.

The log is written first and decides. A crash before the audit is mended by sending the command
again under its idempotency key: what stands in the log is found there by the correction's id, and
the audit is written. A correction without an id of its caller's gets one from the idempotency key,
else from the state that it changes, so that the same wish in the same state is one correction.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from tallystick.app.carrying_out import Decided, Effect, Unchanged, as_json, carried_out
from tallystick.app.command import Caller, missing_scope
from tallystick.app.corrections.orders import (
    CORRECTIONS_MAX,
    REASON_LENGTH_MAX,
    AmendEvents,
    Corrected,
    CorrectionReport,
    CorrectionResult,
    VoidEvents,
    report_of,
)
from tallystick.app.corrections.ports import CorrectionSources, LastCorrection, Written
from tallystick.app.corrections.record_reaches import record_reaches
from tallystick.app.corrections.wanted import Wanted, refusal, wanted_of
from tallystick.app.ingest import FUTURE_MAX, Scope, Status
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import (
    Outcome,
    Problem,
    Refused,
    canonical_json,
    derived_id,
    digest,
    from_micros,
    micros,
    refuse,
)
from tallystick.metering import (
    CORRECTIONS,
    RESERVED_SOURCES,
    Content,
    Correction,
    Event,
    correction_of,
    data_of,
    unheld,
)
from tallystick.retention import Horizons, horizons_of

COVER_SECONDS_MAX = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """An event to be corrected: the row that was sent first, and what stands for it now."""

    first: Event
    backfill: int
    last: LastCorrection | None
    standing: Content | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A row that may be written, and whether the event stands like that already."""

    wanted: Wanted
    row: Event
    changes_nothing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What all corrections of a command share."""

    caller: Caller
    reason: str
    at: datetime
    sources: CorrectionSources
    horizons: Horizons


def correct_events(
    command: VoidEvents | AmendEvents,
    *,
    caller: Caller,
    uow: UnitOfWork,
    sources: CorrectionSources,
) -> Outcome[CorrectionReport]:
    """
    Void or amend events, and return what became of each; the others are none of its concern.

    Problems:
        forbidden: the caller lacks the scope ``correct``.
        wrong_value: no events, too many at once, or no reason.
        not_covered: events that the log holds are being loaded; try again.
        Those of an idempotency key.
    """
    refused = missing_scope(caller, "correct") or _problem(command)
    if refused is not None:
        return Refused((refused,))
    if isinstance(command, AmendEvents):
        command = sources.protect(caller.workspace, command)
    now = sources.clock.now()

    def decide() -> Decided[CorrectionReport]:
        if not sources.known.wait_covered(sources.log.durable_position(), COVER_SECONDS_MAX):
            return refuse("not_covered", "events are being loaded; send the command again")
        desk = _Desk(
            caller=caller,
            reason=command.reason,
            at=now,
            sources=sources,
            horizons=horizons_of(uow.retention.rules(), uow.retention.floors(), at=now),
        )
        report = _correct(desk, command)
        if not report.applied:
            return Unchanged(answer=report)
        _record_reach(desk, uow, report)
        return Effect(answer=report, subject="events", at=now, details=_details(desk, report))

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(CorrectionReport))


def _record_reach(desk: _Desk, uow: UnitOfWork, report: CorrectionReport) -> None:
    """Record at once what was reached, if it is loaded by now; else the next billing run does."""
    known, clock = desk.sources.known, desk.sources.clock
    if known.wait_covered(report.last_position, COVER_SECONDS_MAX):
        record_reaches(uow, known=known, clock=clock, through=report.last_position)


def _problem(command: VoidEvents | AmendEvents) -> Problem | None:
    if not 0 < len(command.events) <= CORRECTIONS_MAX:
        message = f"1 to {CORRECTIONS_MAX} events are corrected at once"
        return Problem(code="wrong_value", message=message, field="events")
    if not 0 < len(command.reason) <= REASON_LENGTH_MAX:
        message = f"say why, in 1 to {REASON_LENGTH_MAX} characters"
        return Problem(code="wrong_value", message=message, field="reason")
    return None


def _correct(desk: _Desk, command: VoidEvents | AmendEvents) -> CorrectionReport:
    scope = Scope(
        workspace=desk.caller.workspace,
        received_at=desk.at,
        earliest=desk.horizons.strictest,
        latest=desk.at + FUTURE_MAX,
        seed=0,
        horizons=desk.horizons,
    )
    wanted, results = wanted_of(command, scope)
    targets = _targets(desk, wanted)
    results += [_unknown(one) for one in wanted if (one.source, one.id) not in targets]
    known = [one for one in wanted if (one.source, one.id) in targets]
    closed = [one for one in known if _is_too_old(desk, targets[one.source, one.id])]
    results += map(_too_old, closed)
    drafts = [_draft(desk, one, targets[one.source, one.id]) for one in known if one not in closed]
    results += _decided(desk, drafts)
    last = max((result.position for result in results), default=0)
    return report_of(results, last_position=last)


def _decided(desk: _Desk, drafts: list[_Draft]) -> list[CorrectionResult]:
    """Write what changes anything, and what was written before, which the log then says."""
    log, workspace = desk.sources.log, desk.caller.workspace
    before = log.find(workspace, [(CORRECTIONS, draft.row.id) for draft in drafts])
    idle = [
        draft.changes_nothing and known is None for draft, known in zip(drafts, before, strict=True)
    ]
    to_write = [draft for draft, is_idle in zip(drafts, idle, strict=True) if not is_idle]
    written = log.write([draft.row for draft in to_write]) if to_write else []
    return [
        *(_unchanged(draft.wanted) for draft, is_idle in zip(drafts, idle, strict=True) if is_idle),
        *(_result(draft, now) for draft, now in zip(to_write, written, strict=True)),
    ]


def _targets(desk: _Desk, wanted: list[Wanted]) -> Mapping[tuple[str, str], _Target]:
    log, workspace = desk.sources.log, desk.caller.workspace
    names = [(one.source, one.id) for one in wanted if not one.source.startswith(RESERVED_SOURCES)]
    places = {
        name: position
        for name, position in zip(names, log.find(workspace, names), strict=True)
        if position is not None
    }
    last = desk.sources.known.last_corrections(workspace, list(places.values()))
    rows = log.events_at([*places.values(), *(one.position for one in last.values())])
    return {name: _target(rows, position, last.get(position)) for name, position in places.items()}


def _target(rows: Mapping[int, Event], position: int, last: LastCorrection | None) -> _Target:
    backfill, first = unheld(rows[position])
    standing: Content | None = _content(first)
    if last is not None:
        correction = correction_of(rows[last.position])
        standing = None if correction is None else correction.replacement
    return _Target(first=first, backfill=backfill, last=last, standing=standing)


def _content(event: Event) -> Content:
    return Content(
        type=event.type,
        subject=event.subject,
        used_at=micros(event.used_at),
        sequence=event.sequence,
        data=event.data,
    )


def _unknown(one: Wanted) -> CorrectionResult:
    message = f"no event {one.id[:80]!r} of source {one.source[:80]!r} is known"
    return refusal(one, "not_found", message)


def _is_too_old(desk: _Desk, target: _Target) -> bool:
    """Tell whether an event was used, or stands as used, before the retention horizon."""
    said = [_content(target.first), *([] if target.standing is None else [target.standing])]
    return any(from_micros(each.used_at) < desk.horizons.of(each.type) for each in said)


def _too_old(one: Wanted) -> CorrectionResult:
    message = f"event {one.id[:80]!r} was used before the retention horizon: its time is closed"
    return refusal(one, "too_old", message)


def _unchanged(one: Wanted) -> CorrectionResult:
    return CorrectionResult(
        index=one.index, status=Corrected.UNCHANGED, source=one.source, id=one.id
    )


def _draft(desk: _Desk, one: Wanted, target: _Target) -> _Draft:
    """Return the row that makes an event stand as is wanted."""
    replacement = one.replacement
    if replacement is not None and not one.timed:
        replacement = msgspec.structs.replace(replacement, used_at=micros(target.first.used_at))
    correction = Correction(
        target=target.first.position,
        source=one.source,
        id=one.id,
        actor=desk.caller.actor,
        reason=desk.reason,
        backfill=target.backfill,
        replacement=replacement,
    )
    stands = replacement or _content(target.first)
    row = Event(
        workspace=desk.caller.workspace,
        source=CORRECTIONS,
        id=one.correction_id or _key(desk, one, target, replacement),
        type=correction.type,
        subject=stands.subject,
        used_at=from_micros(stands.used_at),
        received_at=desk.at,
        sequence="",
        data=data_of(correction),
        position=0,
    )
    return _Draft(wanted=one, row=row, changes_nothing=_same(target.standing, replacement))


def _same(one: Content | None, other: Content | None) -> bool:
    """Tell whether two contents say the same; in which order members stand says nothing."""
    if one is None or other is None:
        return one is other
    plain = msgspec.structs.replace(one, data=other.data)
    return plain == other and _members(one.data) == _members(other.data)


def _members(data: str) -> object:
    """Return JSON with the digits of its numbers as they stand: ``unique`` tells 1 from 1.0."""
    return json.loads(data, parse_int=lambda text: (text,), parse_float=lambda text: (text,))


def _key(desk: _Desk, one: Wanted, target: _Target, replacement: Content | None) -> str:
    """Return the id of a correction that its caller did not name."""
    named = desk.caller.idempotency_key
    if named is not None:
        return derived_id("cor", canonical_json([named, one.source, one.id]).decode())
    before = 0 if target.last is None else target.last.position
    state = [target.first.position, before, digest(canonical_json(replacement))]
    return derived_id("cor", canonical_json(state).decode())


def _result(draft: _Draft, written: Written) -> CorrectionResult:
    conflict = written.status is Status.CONFLICT
    return CorrectionResult(
        index=draft.wanted.index,
        status=Corrected.CONFLICT if conflict else Corrected.APPLIED,
        source=draft.wanted.source,
        id=draft.wanted.id,
        correction_id=draft.row.id,
        position=written.position,
        code="correction_conflict" if conflict else "",
        message="this id was used for another correction; send a new one" if conflict else "",
    )


def _details(desk: _Desk, report: CorrectionReport) -> Mapping[str, object]:
    """Return what the audit says: how many were applied, where, and which in sum."""
    applied = [one for one in report.results if one.status is Corrected.APPLIED]
    return {
        "reason": desk.reason,
        "applied": report.applied,
        "unchanged": report.unchanged,
        "refused": report.refused,
        "first_position": min(one.position for one in applied),
        "last_position": report.last_position,
        "digest": digest(canonical_json([[one.position, one.source, one.id] for one in applied])),
    }
