"""
A basis as canonical JSON, and back: what is stored beside documents and goes into proofs.

Meters and prices are written in the shape of the catalog; plan, contract and spans in their own.
"""

from typing import Any, TypeVar, cast

import msgspec

from tallystick.accounts import PaidBy, ZoneChange
from tallystick.catalog import (
    Alignment,
    LegalEntity,
    PlanVersion,
    Proration,
    account_document,
    account_from_document,
    legal_entity_document,
    legal_entity_from_document,
    tax_rule_problems,
)
from tallystick.credits import HistoryDocument, history_from_wire, wire_from_history
from tallystick.invoicing.basis import Basis, once
from tallystick.invoicing.basis_coupons import (
    GivenCouponDocument,
    given_from_wire,
    wire_from_given,
)
from tallystick.invoicing.converting.wire import RateDocument, rate_from_wire, wire_from_rate
from tallystick.invoicing.kept import (
    SubscriptionDocument,
    Unreadable,
    contract_document,
    contract_from_wire,
    read_part,
    read_prices,
)
from tallystick.invoicing.orders import Order
from tallystick.invoicing.spot import SeriesDocument, series_from_wire, wire_from_series
from tallystick.invoicing.tree import MemberDocument, member_from_wire, wire_from_member
from tallystick.kernel import (
    AccountKey,
    Done,
    Interval,
    IntervalUnit,
    MeterKey,
    Misuse,
    Outcome,
    PlanKey,
    Refused,
    SubjectSpan,
    WorkspaceId,
    canonical_json,
    canonical_struct,
    instant,
    instant_text,
    once_for_each,
    refuse,
)
from tallystick.metering import Meter, document_from_meter, meter_from_document
from tallystick.pricing import document_from_price
from tallystick.tax import TaxFacts

FORMAT = "tallystick.basis/1"
T = TypeVar("T")


class IntervalDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An interval."""

    count: int
    of: IntervalUnit


class PlanDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A plan version with all its prices, those of its price book too."""

    key: str
    version: int
    name: str
    currency: str
    interval: IntervalDocument
    alignment: Alignment
    proration: Proration
    prices: list[dict[str, Any]]
    add_on: bool = False
    at_period_end: bool = False
    payment_days: int | None = None


class BasisDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The whole basis; a span is subject, start and end. What has a default came later."""

    format: str
    workspace: str
    legal_entity: str
    payer: str
    zone: str
    zone_changes: list[tuple[str, str]]
    subscription: SubscriptionDocument
    plan: PlanDocument
    meters: list[dict[str, Any]]
    spans: list[tuple[str, str | None, str | None]]
    units: list[str]
    issuer: dict[str, Any] | None = None
    buyer: dict[str, Any] | None = None
    tax: TaxFacts | None = None
    later_plans: list[PlanDocument] = []
    coupons: list[GivenCouponDocument] = []
    order: Order | None = None
    rates: list[RateDocument] = []
    credits: HistoryDocument | None = None
    credits_at: str = ""
    tree: list[MemberDocument] = []
    series: list[SeriesDocument] = []
    sections: list["BasisDocument"] = []
    payers: list[tuple[str | None, str | None]] = []


def basis_document(basis: Basis) -> bytes:
    """Return the canonical JSON of a basis; its digest stands on the documents made from it."""
    return once(basis, "document", lambda: canonical_struct(_wire_from_basis(basis)))


def _wire_from_basis(basis: Basis) -> BasisDocument:
    # Absent is not written, so that what was kept before a field was there keeps its bytes.
    return BasisDocument(
        format=FORMAT,
        workspace=basis.workspace,
        legal_entity=basis.legal_entity,
        payer=basis.payer,
        zone=basis.zone,
        zone_changes=[(one.zone, instant_text(one.at)) for one in basis.zone_changes],
        subscription=contract_document(basis.subscription),
        plan=_written_plan(basis.plan),
        meters=[_written_meter(meter) for meter in basis.meters],
        spans=[_span_document(span) for span in basis.spans],
        units=sorted(basis.units),
        issuer=None if basis.issuer is None else _written_issuer(basis.issuer),
        buyer=None if basis.buyer is None else account_document(basis.buyer),
        tax=basis.tax,
        later_plans=[_written_plan(plan) for plan in basis.later_plans],
        coupons=wire_from_given(basis.coupons),
        order=basis.order,
        rates=[wire_from_rate(one) for one in basis.rates],
        credits=None if basis.credits is None else wire_from_history(basis.credits),
        credits_at="" if basis.credits_at is None else instant_text(basis.credits_at),
        tree=[wire_from_member(one) for one in basis.tree],
        series=[wire_from_series(one) for one in basis.series],
        sections=[_wire_from_basis(one) for one in basis.sections],
        payers=[
            (one.payer, None if one.since is None else instant_text(one.since))
            for one in basis.payers
        ],
    )


# What many contracts share is written once, and stands in their documents as it was written.


@once_for_each
def _written_plan(plan: PlanVersion) -> PlanDocument:
    return cast("PlanDocument", msgspec.Raw(canonical_struct(_plan_document(plan))))


@once_for_each
def _written_meter(meter: Meter) -> dict[str, Any]:
    return cast("dict[str, Any]", msgspec.Raw(canonical_json(document_from_meter(meter))))


@once_for_each
def _written_issuer(entity: LegalEntity) -> dict[str, Any]:
    return cast("dict[str, Any]", msgspec.Raw(canonical_json(legal_entity_document(entity))))


def basis_from_document(content: bytes) -> Outcome[Basis]:
    """
    Return the basis that its JSON holds.

    Problems:
        malformed_basis: not JSON of this format, or a value that cannot be.
        Those of `meter_from_document` and `price_from_document`.
    """
    try:
        wire = msgspec.json.decode(content, type=BasisDocument)
        if wire.format != FORMAT:
            return refuse("malformed_basis", f"this reads {FORMAT}, not {wire.format[:40]!r}")
        return Done(_basis_from_wire(wire))
    except Unreadable as unreadable:
        return unreadable.refused
    except (msgspec.MsgspecError, Misuse, ValueError, RecursionError) as error:
        return refuse("malformed_basis", f"the basis cannot be read: {error}")


def _plan_document(plan: PlanVersion) -> PlanDocument:
    return PlanDocument(
        key=plan.plan,
        version=plan.version,
        name=plan.name,
        currency=plan.currency,
        interval=IntervalDocument(count=plan.interval.count, of=plan.interval.of),
        alignment=plan.alignment,
        proration=plan.proration,
        prices=[document_from_price(price) for price in plan.prices],
        add_on=plan.add_on,
        at_period_end=plan.at_period_end,
        payment_days=plan.payment_days,
    )


def _span_document(span: SubjectSpan) -> tuple[str, str | None, str | None]:
    start = None if span.start is None else instant_text(span.start)
    return (span.subject, start, None if span.end is None else instant_text(span.end))


def _meters(documents: list[dict[str, Any]], units: frozenset[str]) -> tuple[Meter, ...]:
    """Read meters in their order: one that a formula names stands before the formula."""
    known: dict[MeterKey, Meter] = {}
    for document in documents:
        outcome = meter_from_document(document, declared=units, meters=known)
        if isinstance(outcome, Refused):
            raise Unreadable(outcome)
        known[outcome.value.key] = outcome.value
    return tuple(known.values())


def _basis_from_wire(wire: BasisDocument) -> Basis:
    units = frozenset(wire.units)
    return Basis(
        workspace=WorkspaceId(wire.workspace),
        legal_entity=wire.legal_entity,
        payer=AccountKey(wire.payer),
        zone=wire.zone,
        zone_changes=tuple(ZoneChange(zone=zone, at=instant(at)) for zone, at in wire.zone_changes),
        subscription=contract_from_wire(
            wire.subscription,
            plan=(wire.plan.key, wire.plan.version),
            legal_entity=wire.legal_entity,
            units=units,
        ),
        plan=_plan_from_wire(wire.plan, units),
        later_plans=tuple(_plan_from_wire(plan, units) for plan in wire.later_plans),
        meters=_meters(wire.meters, units),
        spans=tuple(
            SubjectSpan(
                subject=subject,
                start=None if start is None else instant(start),
                end=None if end is None else instant(end),
            )
            for subject, start, end in wire.spans
        ),
        units=units,
        issuer=None if wire.issuer is None else read_part(legal_entity_from_document(wire.issuer)),
        buyer=None if wire.buyer is None else read_part(account_from_document(wire.buyer)),
        tax=_sound(wire.tax),
        coupons=given_from_wire(wire.coupons),
        order=wire.order,
        rates=tuple(rate_from_wire(one) for one in wire.rates),
        credits=None if wire.credits is None else history_from_wire(wire.credits),
        credits_at=instant(wire.credits_at) if wire.credits_at else None,
        tree=tuple(member_from_wire(one) for one in wire.tree),
        series=tuple(series_from_wire(one) for one in wire.series),
        sections=tuple(_section_from_wire(one) for one in wire.sections),
        payers=_payers_from_wire(wire.payers),
    )


def _payers_from_wire(wires: list[tuple[str | None, str | None]]) -> tuple[PaidBy, ...]:
    return tuple(
        PaidBy(
            payer=None if payer is None else AccountKey(payer),
            since=None if since is None else instant(since),
        )
        for payer, since in wires
    )


def _section_from_wire(wire: BasisDocument) -> Basis:
    """
    Return the facts of one contract.

    Raises:
        Misuse: it is of another format, or holds sections itself.
    """
    if wire.format != FORMAT or wire.sections:
        raise Misuse(f"a section of a basis is of {FORMAT}, and holds no sections")
    return _basis_from_wire(wire)


def _sound(facts: TaxFacts | None) -> TaxFacts | None:
    """Return what taxes follow from, if its rules can be."""
    for rule in () if facts is None else facts.rules:
        for problem in tax_rule_problems(rule):
            raise Misuse(f"tax rule {rule.key}: {problem.message}")
    return facts


def _plan_from_wire(wire: PlanDocument, units: frozenset[str]) -> PlanVersion:
    return PlanVersion(
        plan=PlanKey(wire.key),
        version=wire.version,
        name=wire.name,
        currency=wire.currency,
        interval=Interval(count=wire.interval.count, of=wire.interval.of),
        alignment=wire.alignment,
        proration=wire.proration,
        prices=read_prices(wire.prices, units),
        add_on=wire.add_on,
        at_period_end=wire.at_period_end,
        payment_days=wire.payment_days,
    )
