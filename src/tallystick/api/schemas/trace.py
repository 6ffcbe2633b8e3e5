"""The way of an event over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from tallystick.api.schemas.dead_letter import DeadLetterAnswer, wire_from_dead_letter
from tallystick.app.segments import Segment
from tallystick.app.tracing import BillingStep, EventTrace, MeterStep, TraceAnswer
from tallystick.expressions import Expression
from tallystick.kernel import plain
from tallystick.metering import FilterCheck, Meter


class TracedSegment(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed segment of the log, and the digest over its blocks."""

    first_position: int
    last_position: int
    digest: str


class TracedCorrection(msgspec.Struct, frozen=True, kw_only=True):
    """A correction: `amended` replaced the content, `voided` took the event out."""

    correction: Literal["amended", "voided"]
    position: int
    actor: str
    reason: str
    recorded_at: datetime


class TracedBackfill(msgspec.Struct, frozen=True, kw_only=True):
    """The backfill that an event came with and that does not count: open, or reverted."""

    name: str
    state: Literal["open", "reverted"]


class TracedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """
    The event as it counts now, or last stood; `position` is that of its last amendment, if any.

    It was first accepted at `accepted_at`; `segment` is null while that segment is open. `erased`
    names the paths in `data` whose personal values were erased: pseudonyms stand there.
    """

    source: str
    id: str
    type: str
    subject: str
    time: datetime
    received_at: datetime
    sequence: str
    data: msgspec.Raw
    erased: tuple[str, ...]
    accepted_at: int
    position: int
    digest: str
    segment: TracedSegment | None
    corrections: tuple[TracedCorrection, ...]
    voided: bool
    held: TracedBackfill | None


class TracedOwner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose the event is; `reason` says why nobody's."""

    account: str | None
    resource: str | None
    start: datetime | None
    end: datetime | None
    reason: str | None


class TracedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A filter of a meter, the text that stands at its path, and whether it holds."""

    path: str
    op: str
    values: tuple[str, ...]
    text: str
    holds: bool


class TracedLine(msgspec.Struct, frozen=True, kw_only=True):
    """The line that counts the event; `money` is what the whole line charges."""

    invoice: str
    number: str
    line: str
    money: str
    currency: str


class TracedPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """A service period, half-open."""

    start: datetime
    end: datetime


class TracedFormula(msgspec.Struct, frozen=True, kw_only=True):
    """The meter over other meters that has the price, and its formula as it reads now."""

    meter: str
    formula: str
    unit: str


class TracedBilling(msgspec.Struct, frozen=True, kw_only=True):
    """
    How far the event has come under one price, or why there is none.

    Where `formula` is given the price is of a meter over others, to which this one gives a part.
    """

    state: str
    message: str
    subscription: str | None
    plan: str | None
    version: int | None
    price: str | None
    payer: str | None
    period: TracedPeriod | None
    group: tuple[str, ...]
    due_at: datetime | None
    line: TracedLine | None
    formula: TracedFormula | None


class TracedMeter(msgspec.Struct, frozen=True, kw_only=True):
    """What a meter of the event's type makes of it; `counts` is the verdict."""

    meter: str
    aggregation: str
    unit: str
    counts: bool
    matches: bool
    filters: tuple[TracedFilter, ...]
    text: str
    value: str | None
    dimensions: dict[str, str]
    billing: tuple[TracedBilling, ...]


class TraceItem(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted event: what it is, whose, and what each meter makes of it."""

    event: TracedEvent
    owner: TracedOwner
    meters: tuple[TracedMeter, ...]
    other_meters: tuple[str, ...]


class TraceRead(msgspec.Struct, frozen=True, kw_only=True):
    """
    All that is known of an id: accepted events (one for each source), and refused attempts.

    Repeats are answered to their sender and not kept.
    """

    items: tuple[TraceItem, ...]
    rejected: tuple[DeadLetterAnswer, ...]
    log_position: int
    projection_position: int


def wire_from_trace(answer: TraceAnswer) -> TraceRead:
    """Return a trace as it goes over the wire."""
    return TraceRead(
        items=tuple(_item(trace) for trace in answer.traces),
        rejected=tuple(wire_from_dead_letter(letter) for letter in answer.rejected),
        log_position=answer.durable,
        projection_position=answer.covered,
    )


def _item(trace: EventTrace) -> TraceItem:
    owner = trace.owner
    return TraceItem(
        event=_event(trace),
        owner=TracedOwner(
            account=owner.account,
            resource=owner.resource,
            start=owner.start,
            end=owner.end,
            reason=owner.reason,
        ),
        meters=tuple(_meter(step) for step in trace.meters),
        other_meters=tuple(trace.other_meters),
    )


def _event(trace: EventTrace) -> TracedEvent:
    event = trace.event
    return TracedEvent(
        source=event.source,
        id=event.id,
        type=event.type,
        subject=event.subject,
        time=event.used_at,
        received_at=event.received_at,
        sequence=event.sequence,
        data=msgspec.Raw(event.data.encode()),
        erased=trace.erased,
        accepted_at=trace.accepted_at,
        position=event.position,
        digest=trace.digest,
        segment=_segment(trace.segment),
        corrections=tuple(
            TracedCorrection(
                correction="amended" if step.amends else "voided",
                position=step.position,
                actor=step.actor,
                reason=step.reason,
                recorded_at=step.recorded_at,
            )
            for step in trace.corrections
        ),
        voided=trace.voided,
        held=None
        if trace.held is None
        else TracedBackfill(
            name=trace.held.backfill, state="reverted" if trace.held.reverted else "open"
        ),
    )


def _segment(segment: Segment | None) -> TracedSegment | None:
    if segment is None:
        return None
    return TracedSegment(
        first_position=segment.first_position,
        last_position=segment.last_position,
        digest=segment.digest,
    )


def _meter(step: MeterStep) -> TracedMeter:
    meter, match = step.meter, step.match
    return TracedMeter(
        meter=meter.key,
        aggregation=meter.aggregation,
        unit=meter.unit,
        counts=match.meterable,
        matches=match.matches,
        filters=tuple(_filter(check) for check in match.filters),
        text=match.text,
        value=None if match.value is None else plain(match.value),
        dimensions=dict(match.dimensions),
        billing=tuple(_billing(each) for each in step.billing),
    )


def _filter(check: FilterCheck) -> TracedFilter:
    if isinstance(check.filter, Expression):
        return TracedFilter(
            path="",
            op="expression",
            values=(check.filter.text,),
            text=check.text,
            holds=check.holds,
        )
    return TracedFilter(
        path=check.filter.path,
        op=check.filter.op,
        values=check.filter.values,
        text=check.text,
        holds=check.holds,
    )


def _billing(step: BillingStep) -> TracedBilling:
    period, line = step.period, step.line
    return TracedBilling(
        state=step.state,
        message=step.message,
        subscription=step.subscription,
        plan=step.plan,
        version=step.version,
        price=step.price,
        payer=step.payer,
        period=None if period is None else TracedPeriod(start=period.start, end=period.end),
        group=step.group,
        due_at=step.due_at,
        line=None
        if line is None
        else TracedLine(
            invoice=line.document,
            number=line.number,
            line=line.line,
            money=f"{line.money.decimal:f}",
            currency=line.money.currency.code,
        ),
        formula=_formula(step.formula),
    )


def _formula(meter: Meter | None) -> TracedFormula | None:
    if meter is None:
        return None
    text = "" if meter.formula is None else meter.formula.expression.text
    return TracedFormula(meter=meter.key, formula=text, unit=meter.unit)
