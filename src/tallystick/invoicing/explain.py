"""
Explaining a line: from its money back to steps, quantity, window and events.

    money      settle(exact) - settled before
    exact      the sum of the steps
    steps      allowance, tiers, packages, flat fees: what was multiplied by what
    quantity   the meter's quantity in the price's unit
    window     when it was measured, and on which events (number, digest, log position)

The tree adds up at each level; a tree that does not is never shown.
Events are many, so they come in pages beside the tree.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import reduce

import msgspec

from tallystick.currency import converted
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.converting import ConversionDocument, wire_from_conversion
from tallystick.invoicing.invoice import Invoice
from tallystick.invoicing.line import Line
from tallystick.kernel import EXACT, check, instant_text, plain
from tallystick.metering import Event, event_digest
from tallystick.pricing import Step

_PLACES_SHOWN = 12
_LONG_NUMBER = re.compile(rf"[0-9]+\.[0-9]{{{_PLACES_SHOWN + 1},}}")
_LABEL_WIDTH = 10


class ExplainedStep(msgspec.Struct, frozen=True):
    """One step of the charge; amounts in major units, exact."""

    label: str
    quantity: str | None
    unit_price: str | None
    flat: str
    amount: str


class ExplainedMeasurement(msgspec.Struct, frozen=True):
    """What was measured, in the meter's own unit, and on which events."""

    meter: str
    aggregation: str
    unit: str
    quantity: str
    window_start: str
    window_end: str
    events: int
    digest: str
    unmeterable: int
    gap_seconds: str


class ExplainedTax(msgspec.Struct, frozen=True):
    """
    What a line bears of a tax, and the whole of which it is a part; amounts in major units.

    ``rate`` is percent; ``document_net`` is what the document's lines that bear it come to.
    """

    tax: str
    country: str
    region: str
    category: str
    rate: str
    inclusive: bool
    reason: str
    net: str
    money: str
    document_net: str
    document_money: str


class ExplainedLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line with everything behind it but the events themselves; no taxes where it bears none."""

    invoice: str
    number: str | None
    line: str
    description: str
    account: str
    subscription: str
    plan: str
    plan_version: int
    price: str
    group: dict[str, str]
    period_start: str
    period_end: str
    share: str
    currency: str
    money: str
    settled_before: str
    exact: str
    quantity: str
    unit: str
    steps: list[ExplainedStep]
    measurement: ExplainedMeasurement | None
    position: int
    taxes: list[ExplainedTax] = []
    conversion: ConversionDocument | None = None


class ExplainedEvent(msgspec.Struct, frozen=True):
    """
    An event behind a line; its digest is a summand of the line's.

    ``erased`` names the paths in the data whose personal values were erased.
    """

    position: int
    source: str
    id: str
    subject: str
    used_at: str
    data: str
    digest: str
    erased: tuple[str, ...] = ()


def explain_line(invoice: Invoice, basis: Basis, line: Line) -> ExplainedLine:
    """
    Return the tree behind a line.

    Args:
        invoice: the document, draft or issued.
        basis: the contract facts it was made from.
        line: one of its lines.

    Raises:
        InvariantBroken: the steps do not add up to the exact amount.
    """
    steps = () if line.charge is None else line.charge.steps
    check(_adds_up(line), f"the steps of {line.id} do not add up")
    basis = basis.of(line.key.subscription)
    plan = basis.terms_at(line.key.period.start).plan
    return ExplainedLine(
        invoice=invoice.id,
        number=invoice.number,
        line=line.id,
        description=line.description,
        account=invoice.account,
        subscription=line.key.subscription,
        plan=plan.plan,
        plan_version=plan.version,
        price=line.key.price,
        group=dict(zip(basis.group_names(line.key), line.key.group, strict=False)),
        period_start=instant_text(line.key.period.start),
        period_end=instant_text(line.key.period.end),
        share=str(line.share),
        currency=invoice.currency.code,
        money=f"{line.money.decimal:f}",
        settled_before=f"{line.settled_before.decimal:f}",
        exact=plain(line.exact.value),
        quantity=plain(line.quantity),
        unit=line.unit,
        steps=[_explained_step(step) for step in steps],
        measurement=_explained_measurement(basis, line),
        position=line.position,
        taxes=_explained_taxes(invoice, line),
        conversion=wire_from_conversion(line.charge),
    )


def _adds_up(line: Line) -> bool:
    """Tell whether a line's own steps, converted, and those of the whole document make its sum."""
    charge = line.charge
    if charge is None:
        return True
    own = [step.amount for step in charge.steps if not step.origin]
    whole = [step.amount for step in charge.steps if step.origin]
    total = reduce(EXACT.add, own, Decimal(0))
    if charge.conversion is not None:
        before = replace(charge.conversion.before, value=total)
        total = converted(before, charge.conversion.dated.rate).after.value
    return reduce(EXACT.add, whole, total) == line.exact.value


def explain_events(events: Iterable[Event]) -> list[ExplainedEvent]:
    """Return events as they are shown beside a line, in the order given."""
    return [
        ExplainedEvent(
            position=event.position,
            source=event.source,
            id=event.id,
            subject=event.subject,
            used_at=instant_text(event.used_at),
            data=event.data,
            digest=event_digest(event).hex(),
        )
        for event in events
    ]


def explanation_text(line: ExplainedLine, events: Iterable[ExplainedEvent] = ()) -> str:
    """Return the tree as text for a person; numbers of more than 12 places are cut and end in …."""
    rows = [
        f"{line.number or 'draft'}  {line.description}  {line.money} {line.currency}",
        _row("period", f"{line.period_start} to {line.period_end}"),
        _row("contract", f"{line.subscription}: {line.plan} version {line.plan_version}"),
    ]
    if line.share != "1":
        rows.append(_row("share", f"{line.share} of a whole period"))
    rows.append(_row("steps", ""))
    rows += [f"    {_step_text(step, line.unit)}" for step in line.steps]
    if line.conversion is not None:
        rows.append(_row("converted", conversion_text(line.conversion)))
    rows.append(_row("exact", f"{shown(line.exact)} {line.currency}"))
    before = f"settled before {line.settled_before}, on this line {line.money}"
    rows.append(_row("settled", f"{before} {line.currency}"))
    rows += [_row("tax", _tax_text(tax)) for tax in line.taxes]
    rows.append(_row("quantity", f"{shown(line.quantity)} {line.unit}".rstrip()))
    if line.measurement is not None:
        rows += _measurement_rows(line.measurement, line.position)
    listed = [_event_text(event) for event in events]
    return "\n".join([*rows, *([_row("events", "")] if listed else []), *listed]) + "\n"


def shown(number: str) -> str:
    """
    Return a plain number with at most 12 places; one that was cut ends in an ellipsis.

    Example:
        >>> shown("0.2472554466"), shown("0.33333333333333333")
        ('0.2472554466', '0.333333333333…')
    """
    whole, point, places = number.partition(".")
    if len(places) <= _PLACES_SHOWN:
        return number
    return f"{whole}{point}{places[:_PLACES_SHOWN]}…"


def shown_within(text: str) -> str:
    """
    Return a text whose numbers have at most 12 places.

    Example:
        >>> shown_within("down to the maximum of 709.67741935483870967741, 1/31 of the period")
        'down to the maximum of 709.677419354838…, 1/31 of the period'
    """
    return _LONG_NUMBER.sub(lambda found: shown(found[0]), text)


def conversion_text(wire: ConversionDocument) -> str:
    """Return at which rate an amount was converted, and whether it is the latest known so far."""
    latest = ", the latest known" if wire.latest_known else ""
    return (
        f"{shown(wire.amount)} {wire.currency} at {wire.rate} "
        f"({wire.source} of {wire.rate_on}, for {wire.day}{latest})"
    )


def _row(label: str, text: str) -> str:
    return f"  {label:<{_LABEL_WIDTH}}{text}".rstrip()


def _step_text(step: ExplainedStep, unit: str) -> str:
    parts = []
    if step.quantity is not None:
        price = "" if step.unit_price is None else f" x {shown(step.unit_price)}"
        of = f" {unit}" if unit and step.unit_price is None else ""
        parts.append(f"{shown(step.quantity)}{of}{price}")
    if step.flat != "0":
        parts.append(f"flat {shown(step.flat)}")
    terms = "".join(f"{part} = " for part in (" + ".join(parts),) if part)
    return f"{shown_within(step.label)}: {terms}{shown(step.amount)}"


def _event_text(event: ExplainedEvent) -> str:
    erased = f"  erased: {', '.join(event.erased)}" if event.erased else ""
    named = f"{event.source} {event.id}"
    return f"    {event.position}  {event.used_at}  {named}  {event.data}{erased}"


def _measurement_rows(measured: ExplainedMeasurement, position: int) -> list[str]:
    told = f"{measured.aggregation} of {measured.meter}: {shown(measured.quantity)} {measured.unit}"
    rows = [
        _row("measured", told),
        _row("window", f"{measured.window_start} to {measured.window_end}"),
        _row("evidence", f"events: {measured.events}, up to position {position}"),
        _row("digest", measured.digest),
    ]
    if measured.unmeterable:
        rows.append(_row("unread", f"events without a readable value: {measured.unmeterable}"))
    if measured.gap_seconds != "0":
        rows.append(_row("gaps", f"{measured.gap_seconds} seconds without a recent value"))
    return rows


def _explained_taxes(invoice: Invoice, line: Line) -> list[ExplainedTax]:
    whole = {one.applied: one for one in invoice.taxes}
    return [
        ExplainedTax(
            tax=one.applied.tax,
            country=one.applied.country,
            region=one.applied.region,
            category=one.applied.category.value,
            rate=plain(one.applied.rate),
            inclusive=one.applied.inclusive,
            reason=one.applied.reason,
            net=f"{line.net.decimal:f}",
            money=f"{one.money.decimal:f}",
            document_net=f"{whole[one.applied].net.decimal:f}",
            document_money=f"{whole[one.applied].money.decimal:f}",
        )
        for one in line.taxes
    ]


def _tax_text(tax: ExplainedTax) -> str:
    place = "-".join(part for part in (tax.country, tax.region) if part)
    why = f", {tax.reason}" if tax.reason else ""
    within = " within the price" if tax.inclusive else ""
    return (
        f"{tax.tax} {place} {tax.rate} % ({tax.category}{why}){within}: {tax.money} on "
        f"{tax.net}, of {tax.document_money} on {tax.document_net} in the document"
    )


def _explained_step(step: Step) -> ExplainedStep:
    return ExplainedStep(
        label=step.label,
        quantity=None if step.quantity is None else plain(step.quantity),
        unit_price=None if step.unit_price is None else plain(step.unit_price),
        flat=plain(step.flat),
        amount=plain(step.amount),
    )


def _explained_measurement(basis: Basis, line: Line) -> ExplainedMeasurement | None:
    price, measured = basis.price_of(line.key), line.measurement
    if measured is None or price is None:
        return None
    meter = basis.meter_of(price)
    return ExplainedMeasurement(
        meter=meter.key,
        aggregation=meter.aggregation,
        unit=meter.quantity_unit,
        quantity=plain(measured.quantity),
        window_start=instant_text(measured.window.start),
        window_end=instant_text(measured.window.end),
        events=measured.events,
        digest=measured.digest,
        unmeterable=measured.unmeterable,
        gap_seconds=plain(measured.gap_seconds),
    )
