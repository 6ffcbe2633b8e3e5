"""
The use case behind GET /v1/events/{id}/trace: where an event is, and why it was billed or not.

It asks each part of the system what it knows, in the order in which an event passes them, and
decides nothing itself.
"""

from dataclasses import dataclass

from tallystick.accounts import Owner, owner_at
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.metering import UsageReader
from tallystick.app.personal import read_back
from tallystick.app.tracing.billing import Metered, billing_steps
from tallystick.app.tracing.ports import (
    CorrectionStep,
    EventFinder,
    EventName,
    HeldEvent,
    TracedLog,
)
from tallystick.app.tracing.trace import (
    BillingState,
    BillingStep,
    EventTrace,
    MeterStep,
    TraceAnswer,
)
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog
from tallystick.kernel import (
    AccountKey,
    Done,
    InvariantBroken,
    Outcome,
    Refused,
    ResourceKey,
    refuse,
)
from tallystick.metering import Event, Meter, correction_of, event_digest, match_event, unheld

SOURCES_MAX = 10
CORRECTIONS_MAX = 1000
REJECTED_MAX = 10
COVER_SECONDS_MAX = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceEvent:
    """Ask for the way of an event: its id, and its source where several use that id."""

    event_id: str
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceSources:
    """Whom to ask beside the unit of work."""

    finder: EventFinder
    usage: UsageReader
    log: TracedLog
    clock: Clock


def trace_event(
    question: TraceEvent, *, caller: Caller, uow: UnitOfWork, sources: TraceSources
) -> Outcome[TraceAnswer]:
    """
    Return all that is known of an event's id.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        not_found: no event of that id was accepted or refused.

    Raises:
        InvariantBroken: projection and log tell of different events.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    durable = sources.log.durable_position()
    sources.usage.wait_covered(durable, COVER_SECONDS_MAX)
    covered = sources.usage.covered_position()
    name = EventName(workspace=caller.workspace, id=question.event_id, source=question.source)
    histories = _histories(name, sources, covered)
    with uow:
        rejected = uow.dead_letters.of_event(name.id, source=name.source, limit=REJECTED_MAX)
        if not histories and not rejected:
            message = f"no event {question.event_id!r} was accepted or refused"
            return refuse("not_found", message, "id")
        way = _Way(uow=uow, definitions=uow.catalog.load_definitions(), sources=sources)
        traces = [way.of(history) for history in histories]
    return Done(TraceAnswer(traces=traces, rejected=rejected, durable=durable, covered=covered))


@dataclass(frozen=True, slots=True, kw_only=True)
class _History:
    """An event of one source: where it was accepted, what corrected it, what stands of it."""

    accepted_at: int
    corrections: tuple[CorrectionStep, ...]
    standing: Event | None
    held: HeldEvent | None = None


def _histories(name: EventName, sources: TraceSources, covered: int) -> list[_History]:
    found = {
        event.source: event for event in sources.finder.find(name, as_of=covered, limit=SOURCES_MAX)
    }
    held = {
        each.event.source: each
        for each in sources.finder.held(name, as_of=covered, limit=SOURCES_MAX)
    }
    standing = {source: each.event for source, each in held.items()} | found
    corrected: dict[str, list[CorrectionStep]] = {}
    for step in sources.finder.corrections(name, as_of=covered, limit=CORRECTIONS_MAX):
        corrected.setdefault(step.source, []).append(step)
    histories = [
        _History(
            accepted_at=steps[0].target if steps else standing[source].position,
            corrections=tuple(steps),
            standing=standing.get(source),
            held=None if source in found else held.get(source),
        )
        for source in {**standing, **corrected}
        for steps in [corrected.get(source, [])]
    ]
    return sorted(histories, key=lambda history: history.accepted_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """Follows one event through the system."""

    uow: UnitOfWork
    definitions: Catalog
    sources: TraceSources

    def of(self, history: _History) -> EventTrace:
        """Return the way of an event that the projection holds."""
        event = self._logged(history)
        standing = history.standing
        if standing is not None and event_digest(event) != event_digest(standing):
            message = f"log and projection differ at position {standing.position}"
            raise InvariantBroken(message)
        owner = self._owner(event)
        (readable,) = read_back(self.uow, [event])
        meters = sorted(self.definitions.meters.values(), key=lambda meter: meter.key)
        return EventTrace(
            event=readable.event,
            erased=readable.erased,
            accepted_at=history.accepted_at,
            digest=event_digest(event).hex(),
            segment=self.sources.log.segment_at(history.accepted_at),
            corrections=history.corrections,
            voided=standing is None,
            held=history.held,
            owner=owner,
            meters=[
                self._step(event, meter, owner, history.held)
                for meter in meters
                if meter.event_type == event.type and standing is not None
            ],
            other_meters=[meter.key for meter in meters if meter.event_type != event.type],
        )

    def _logged(self, history: _History) -> Event:
        """Return the event as the log has it last: as amended, else as it was sent."""
        amended = [step.position for step in history.corrections if step.amends]
        position = amended[-1] if amended else history.accepted_at
        row = self.sources.log.events_at([position]).get(position)
        if row is None:
            raise InvariantBroken(f"the log does not hold position {position}")
        correction = correction_of(row)
        replaced = None if correction is None else correction.replaced(row)
        return replaced or unheld(row)[1]

    def _owner(self, event: Event) -> Owner:
        accounts = self.uow.accounts
        return owner_at(
            event.subject,
            event.used_at,
            resource=accounts.load_resource(ResourceKey(event.subject)),
            account=accounts.load_account(AccountKey(event.subject)),
        )

    def _step(self, event: Event, meter: Meter, owner: Owner, held: HeldEvent | None) -> MeterStep:
        match = match_event(event, meter)
        if held is not None:
            return MeterStep(meter=meter, match=match, billing=[_held_step(held)])
        if not match.meterable or owner.account is None:
            return MeterStep(meter=meter, match=match)
        metered = Metered(event=event, meter=meter, match=match, account=owner.account)
        steps = billing_steps(
            metered,
            uow=self.uow,
            definitions=self.definitions,
            now=self.sources.clock.now(),
        )
        return MeterStep(meter=meter, match=match, billing=steps)


def _held_step(held: HeldEvent) -> BillingStep:
    message = (
        f"it came with backfill {held.backfill}, which was reverted: it counts nothing"
        if held.reverted
        else f"it came with backfill {held.backfill}, which is open: it counts when that is closed"
    )
    return BillingStep(state=BillingState.HELD, message=message)
