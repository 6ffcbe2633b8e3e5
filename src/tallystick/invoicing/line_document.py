"""Lines of a document as its canonical JSON has them: written, and read strictly."""

import re
from collections.abc import Sequence
from fractions import Fraction

import msgspec

from tallystick.invoicing.converting import (
    ConversionDocument,
    conversion_from_wire,
    exact_number,
    wire_from_conversion,
)
from tallystick.invoicing.line import Line, LineKey, LineKind, Measurement
from tallystick.invoicing.taxed.wire import (
    LineTaxDocument,
    line_taxes_from_wire,
    wire_from_line_taxes,
)
from tallystick.kernel import (
    EXACT,
    Amount,
    Currency,
    MeterKey,
    Misuse,
    Money,
    Period,
    PriceKey,
    SubscriptionKey,
    instant,
    instant_text,
    plain,
)
from tallystick.pricing import Charge, Step
from tallystick.tax import AppliedTax, TaxSubtotal

_SHARE = re.compile(r"[0-9]{1,40}(?:/[0-9]{1,40})?")


class PeriodDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A half-open period."""

    start: str
    end: str


class StepDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One step of a charge."""

    label: str
    quantity: str | None
    unit_price: str | None
    flat: str
    amount: str
    origin: str = ""


class MeasurementDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a quantity was found."""

    meter: str
    window: PeriodDocument
    quantity: str
    events: int
    digest: str
    unmeterable: int
    gap_seconds: str


class LineDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line; ``exact`` is the whole, ``money`` what this document settles of it."""

    id: str
    kind: LineKind
    subscription: str
    price: str
    period: PeriodDocument
    group: list[str]
    description: str
    quantity: str
    unit: str
    steps: list[StepDocument] | None
    exact: str
    settled_before: str
    money: str
    share: str
    measurement: MeasurementDocument | None
    attribution: str
    position: int
    taxes: list[LineTaxDocument] = []
    conversion: ConversionDocument | None = None


def wire_from_period(period: Period) -> PeriodDocument:
    """Return a period as documents write it."""
    return PeriodDocument(start=instant_text(period.start), end=instant_text(period.end))


def wire_from_line(line: Line, listed: Sequence[TaxSubtotal]) -> LineDocument:
    """Return a line as documents write it; taxes by their place in the listed ones."""
    return LineDocument(
        id=line.id,
        kind=line.kind,
        subscription=line.key.subscription,
        price=line.key.price,
        period=wire_from_period(line.key.period),
        group=list(line.key.group),
        description=line.description,
        quantity=plain(line.quantity),
        unit=line.unit,
        steps=None if line.charge is None else [_wire_from_step(s) for s in line.charge.steps],
        exact=plain(line.exact.value),
        settled_before=plain(line.settled_before.decimal),
        money=plain(line.money.decimal),
        share=str(line.share),
        measurement=None if line.measurement is None else _wire_from_measurement(line.measurement),
        attribution=line.attribution,
        position=line.position,
        taxes=wire_from_line_taxes(line.taxes, listed),
        conversion=wire_from_conversion(line.charge),
    )


def _wire_from_step(step: Step) -> StepDocument:
    return StepDocument(
        label=step.label,
        quantity=None if step.quantity is None else plain(step.quantity),
        unit_price=None if step.unit_price is None else plain(step.unit_price),
        flat=plain(step.flat),
        amount=plain(step.amount),
        origin=step.origin,
    )


def _wire_from_measurement(measurement: Measurement) -> MeasurementDocument:
    return MeasurementDocument(
        meter=measurement.meter,
        window=wire_from_period(measurement.window),
        quantity=plain(measurement.quantity),
        events=measurement.events,
        digest=measurement.digest,
        unmeterable=measurement.unmeterable,
        gap_seconds=plain(measurement.gap_seconds),
    )


def period_from_wire(wire: PeriodDocument) -> Period:
    """Return the period that a document writes."""
    return Period(start=instant(wire.start), end=instant(wire.end))


def line_from_wire(wire: LineDocument, listed: Sequence[AppliedTax], unit: Currency) -> Line:
    """Return the line that a document writes."""
    exact = Amount(value=exact_number(wire.exact), currency=unit)
    price, quantity = PriceKey(wire.price), exact_number(wire.quantity)
    steps = wire.steps
    return Line(
        id=wire.id,
        kind=wire.kind,
        key=LineKey(
            subscription=SubscriptionKey(wire.subscription),
            price=price,
            period=period_from_wire(wire.period),
            group=tuple(wire.group),
        ),
        description=wire.description,
        quantity=quantity,
        unit=wire.unit,
        charge=None
        if steps is None
        else Charge(
            price=price,
            quantity=quantity,
            unit=wire.unit,
            amount=exact,
            steps=tuple(_step_from_wire(step) for step in steps),
            conversion=conversion_from_wire(wire.conversion, unit),
        ),
        exact=exact,
        settled_before=_money(wire.settled_before, unit),
        money=_money(wire.money, unit),
        share=_fraction(wire.share),
        measurement=None if wire.measurement is None else _measurement(wire.measurement),
        attribution=wire.attribution,
        position=wire.position,
        taxes=line_taxes_from_wire(wire.taxes, listed, unit),
    )


def _step_from_wire(wire: StepDocument) -> Step:
    return Step(
        label=wire.label,
        quantity=None if wire.quantity is None else exact_number(wire.quantity),
        unit_price=None if wire.unit_price is None else exact_number(wire.unit_price),
        flat=exact_number(wire.flat),
        amount=exact_number(wire.amount),
        origin=wire.origin,
    )


def _measurement(wire: MeasurementDocument) -> Measurement:
    return Measurement(
        meter=MeterKey(wire.meter),
        window=period_from_wire(wire.window),
        quantity=exact_number(wire.quantity),
        events=wire.events,
        digest=wire.digest,
        unmeterable=wire.unmeterable,
        gap_seconds=exact_number(wire.gap_seconds),
    )


def _fraction(text: str) -> Fraction:
    if _SHARE.fullmatch(text) is None:
        raise Misuse(f"{text[:40]!r} is not a share such as 17/31")
    return Fraction(text)


def _money(text: str, unit: Currency) -> Money:
    minor = exact_number(text).scaleb(unit.exponent, context=EXACT)
    if minor != minor.to_integral_value():
        raise Misuse(f"{text} has more places than {unit.code}")
    return Money(minor=int(minor), currency=unit)
