"""A small world for invoices: one account, two metered prices and a fee; values only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from tallystick.catalog import Alignment, LegalEntity, PlanVersion, Proration, Subscription
from tallystick.invoicing import (
    Basis,
    Billed,
    Drafts,
    Facts,
    Invoice,
    Purpose,
    beside,
    draft_invoice,
    folding,
    issued,
    questions,
    replayed_items,
)
from tallystick.invoicing import (
    answer as answered,
)
from tallystick.kernel import (
    AccountKey,
    Done,
    Interval,
    IntervalUnit,
    MeterKey,
    Outcome,
    Period,
    PlanKey,
    PriceKey,
    SubjectSpan,
    SubscriptionKey,
    WorkspaceId,
    instant,
)
from tallystick.metering import Aggregation, Dimension, Event, Meter
from tallystick.pricing import FlatPrice, GraduatedPrice, PackagePrice, Price, Tier

WORKSPACE = WorkspaceId("test")
START = instant("2026-01-01T00:00:00Z")
JANUARY = Period(start=START, end=instant("2026-02-01T00:00:00Z"))
FEBRUARY = Period(start=JANUARY.end, end=instant("2026-03-01T00:00:00Z"))
MARCH = Period(start=FEBRUARY.end, end=instant("2026-04-01T00:00:00Z"))

CPU = Meter(
    key=MeterKey("cpu"),
    event_type="cpu",
    aggregation=Aggregation.SUM,
    value="seconds",
    unit="second",
    negative_allowed=True,
)
CALLS = Meter(
    key=MeterKey("calls"),
    event_type="call",
    aggregation=Aggregation.COUNT,
    value=None,
    unit="call",
    dimensions=(Dimension(name="region", path="region"),),
)
FEE = Price(
    key=PriceKey("base"), model=FlatPrice(amount=Decimal(10)), currency="USD", cadence="advance"
)
CPU_PRICE = Price(
    key=PriceKey("cpu"),
    model=GraduatedPrice(
        tiers=(
            Tier(up_to=Decimal(10), unit_price=Decimal("0.05")),
            Tier(up_to=None, unit_price=Decimal("0.04")),
        )
    ),
    meter=CPU.key,
    unit="hour",
    currency="USD",
    allowance=Decimal(1),
)
CALLS_PRICE = Price(
    key=PriceKey("calls"),
    model=PackagePrice(package_size=Decimal(10), package_price=Decimal("0.50")),
    meter=CALLS.key,
    unit="call",
    currency="USD",
    group_by=("region",),
)
ENTITY = LegalEntity(
    key="main", name="Main Ltd", zone="Europe/Berlin", currency="USD", series_prefix="INV"
)
PLAN = PlanVersion(
    plan=PlanKey("compute"),
    version=1,
    name="Compute",
    currency="USD",
    interval=Interval(count=1, of=IntervalUnit.MONTH),
    alignment=Alignment.CALENDAR,
    prices=(FEE, CPU_PRICE, CALLS_PRICE),
    proration=Proration.DAY,
)
CONTRACT = Subscription(
    key=SubscriptionKey("acme-compute"),
    account=AccountKey("acme"),
    plan=PLAN.plan,
    version=1,
    legal_entity=ENTITY.key,
    start=START,
    anchor=date(2026, 1, 1),
)
BASIS = Basis(
    workspace=WORKSPACE,
    legal_entity=ENTITY.key,
    payer=AccountKey("acme"),
    zone="UTC",
    subscription=CONTRACT,
    plan=PLAN,
    meters=(CALLS, CPU),
    spans=(
        SubjectSpan(subject="acme", start=None, end=None),
        SubjectSpan(subject="vm-1", start=None, end=None),
    ),
)


def with_contract(*, start: datetime = START, end: datetime | None = None) -> Basis:
    """Return the world's basis with another beginning or end of the contract."""
    return replace(BASIS, subscription=replace(CONTRACT, start=start, end=end))


def cpu(position: int, at: str, seconds: str, *, subject: str = "vm-1") -> Event:
    """Return an event of CPU-seconds, used at an instant."""
    return event(position, at, data=f'{{"seconds":{seconds}}}', type="cpu", subject=subject)


def call(position: int, at: str, region: str = "eu") -> Event:
    """Return one call in a region."""
    return event(position, at, data=f'{{"region":"{region}"}}', type="call", subject="acme")


def event(position: int, at: str, *, data: str, type: str, subject: str) -> Event:
    """Return an event whose id is its position, so that other positions are other facts."""
    used_at = instant(at)
    return Event(
        workspace=WORKSPACE,
        source="test",
        id=f"e{position}",
        type=type,
        subject=subject,
        used_at=used_at,
        received_at=used_at + timedelta(days=position),
        sequence="",
        data=data,
        position=position,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of the drafts of these tests; by default January's document."""

    period: Period = JANUARY
    purpose: Purpose = Purpose.PERIOD
    position: int = 100
    billed: tuple[Billed, ...] = ()
    basis: Basis = BASIS
    issue_on: date = date(2026, 2, 1)


def draft(events: Sequence[Event], asked: Asked) -> Outcome[Drafts]:
    """Draft from events, measured by the reference folds."""
    basis, history = asked.basis, asked.billed
    items = replayed_items(basis, period=asked.period, purpose=asked.purpose, billed=history)
    answers = tuple(
        answer
        for question in questions(basis, (*items, *beside(basis, items)), position=asked.position)
        for answer in answered(question, folding(events))
    )
    return draft_invoice(
        Facts(
            basis=basis,
            period=asked.period,
            purpose=asked.purpose,
            position=asked.position,
            measured=answers,
            billed=history,
            tzdata_version="2026a",
            issue_on=asked.issue_on,
        )
    )


def drafted(events: Sequence[Event], asked: Asked = Asked()) -> Drafts:
    """Draft what must not be refused."""
    outcome = draft(events, asked)
    assert isinstance(outcome, Done), outcome
    return outcome.value


def the_invoice(drafts: Drafts) -> Invoice:
    """Return the invoice that must be among the drafts."""
    assert drafts.invoice is not None
    return drafts.invoice


def issue(invoice: Invoice, number: str, on: date = date(2026, 2, 1)) -> Invoice:
    """Return the document issued under a number."""
    return issued(invoice, number=number, issued_on=on, due_on=on + timedelta(days=14))


def amounts(invoice: Invoice) -> dict[str, str]:
    """Return the money of each line by its description."""
    return {line.description: f"{line.money.decimal:f}" for line in invoice.lines}
