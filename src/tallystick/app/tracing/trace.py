"""The way of one event as values: from its acceptance to the line that bills it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tallystick.accounts import Owner
from tallystick.app.dead_letters import DeadLetter
from tallystick.app.segments import Segment
from tallystick.app.tracing.ports import CorrectionStep, HeldEvent
from tallystick.kernel import (
    AccountKey,
    InvoiceId,
    MeterKey,
    Money,
    Period,
    PlanKey,
    PriceKey,
    SubscriptionKey,
)
from tallystick.metering import Event, Meter, MeterMatch


class BillingState(StrEnum):
    """
    How far an event has come towards an invoice, under one price.

    ``billed``: an issued line counts it. ``corrected_next``: its period was billed before the event
    was known or attributed; the next document corrects that. ``due``: its period is over and no
    document was issued. ``parked``: likewise, and the payer is held back by a defect. ``open``: its
    period is not over. ``held``: it came with a backfill that does not count. The others say why no
    price applies.
    """

    BILLED = "billed"
    CORRECTED_NEXT = "corrected_next"
    DUE = "due"
    PARKED = "parked"
    OPEN = "open"
    HELD = "held"
    NO_SUBSCRIPTION = "no_subscription"
    NO_PRICE = "no_price"
    NO_CONTRACT = "no_contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledLine:
    """The line of an issued document that counts an event; money is what that line charges."""

    document: InvoiceId
    number: str
    line: str
    money: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingStep:
    """
    What billing makes of an event under one price, or why there is none.

    Attributes:
        message: the state as a sentence, with what to do where something can be done.
        payer: who receives the document.
        period: the service period, half-open.
        group: values of the price's dimensions, in its order.
        line: where it is billed.
        formula: the meter over other meters that has the price; None where the event's own has it.
    """

    state: BillingState
    message: str
    subscription: SubscriptionKey | None = None
    plan: PlanKey | None = None
    version: int | None = None
    price: PriceKey | None = None
    payer: AccountKey | None = None
    period: Period | None = None
    group: tuple[str, ...] = ()
    due_at: datetime | None = None
    line: BilledLine | None = None
    formula: Meter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterStep:
    """A meter of the event's type: what it makes of the event, and what is billed by it."""

    meter: Meter
    match: MeterMatch
    billing: Sequence[BillingStep] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTrace:
    """
    The whole way of one event.

    Attributes:
        event: as it counts now, or as it last stood where it was voided, with its personal values
            as far as they are kept.
        erased: the paths of personal values that were erased; pseudonyms stand there.
        accepted_at: log position at which it was first accepted.
        digest: of its content, 64 hexadecimal digits.
        segment: the sealed segment in which it was accepted; None while that is open.
        corrections: in log order.
        voided: whether it counts nothing any more; then no meter is asked.
        held: the backfill it came with, if that does not count; meters say what they would count.
        owner: whose it is, and why.
        meters: those of its type, by key.
        other_meters: how many meters are of other types.
    """

    event: Event
    erased: tuple[str, ...]
    accepted_at: int
    digest: str
    segment: Segment | None
    corrections: Sequence[CorrectionStep]
    voided: bool
    held: HeldEvent | None
    owner: Owner
    meters: Sequence[MeterStep]
    other_meters: Sequence[MeterKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceAnswer:
    """
    All that is known of an event's id.

    Attributes:
        traces: accepted events of that id, one for each source, by position.
        rejected: attempts that were refused, newest first; at most 10.
        durable: last position of the log.
        covered: last position that questions see.
    """

    traces: Sequence[EventTrace]
    rejected: Sequence[DeadLetter]
    durable: int
    covered: int
