"""
A basis as canonical JSON, and back: what is stored beside documents and goes into proofs.

Meters and prices are written in the shape of the catalog; plan, contract and spans in their own.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar

import msgspec

from tallystick.accounts import ZoneChange
from tallystick.catalog import (
    AddOn,
    Alignment,
    ContractChange,
    PlanVersion,
    Proration,
    Quantities,
    Subscription,
    account_document,
    account_from_document,
    legal_entity_document,
    legal_entity_from_document,
    tax_rule_problems,
)
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.basis_coupons import (
    GivenCouponDocument,
    given_from_wire,
    wire_from_given,
)
from tallystick.kernel import (
    AccountKey,
    Done,
    Interval,
    IntervalUnit,
    MeterKey,
    Misuse,
    Outcome,
    PlanKey,
    PriceKey,
    Refused,
    SubjectSpan,
    SubscriptionKey,
    WorkspaceId,
    canonical_json,
    instant,
    instant_text,
    parse_decimal,
    plain,
    refuse,
)
from tallystick.metering import Meter, document_from_meter, meter_from_document
from tallystick.pricing import Price, document_from_price, price_from_document
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


class AddOnDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An add-on as the contract takes it."""

    plan: str
    version: int
    quantity: str = "1"
    until: str | None = None
    trial_end: str | None = None


class ChangeDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A change of the contract; a quantity is price and number."""

    at: str
    plan: str | None = None
    version: int | None = None
    anchor: date | None = None
    quantities: list[tuple[str, str]] = []
    paused: bool | None = None
    restart_tiers: bool = False
    add_ons: list[AddOnDocument] = []
    prices: list[dict[str, Any]] = []
    plan_prices: list[str] = []


class SubscriptionDocument(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True
):
    """The contract; what it does not have is not written, so that it reads as it always did."""

    key: str
    account: str
    start: str
    end: str | None
    anchor: date
    trial_end: str | None = None
    quantities: list[tuple[str, str]] = []
    add_ons: list[AddOnDocument] = []
    prices: list[dict[str, Any]] = []
    changes: list[ChangeDocument] = []


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


class _Unreadable(Exception):
    """Carries the refusal of a part out of the reading of the whole."""

    def __init__(self, refused: Refused) -> None:
        super().__init__()
        self.refused = refused


def basis_document(basis: Basis) -> bytes:
    """Return the canonical JSON of a basis; its digest stands on the documents made from it."""
    document = BasisDocument(
        format=FORMAT,
        workspace=basis.workspace,
        legal_entity=basis.legal_entity,
        payer=basis.payer,
        zone=basis.zone,
        zone_changes=[(one.zone, instant_text(one.at)) for one in basis.zone_changes],
        subscription=_subscription_document(basis.subscription),
        plan=_plan_document(basis.plan),
        meters=[document_from_meter(meter) for meter in basis.meters],
        spans=[_span_document(span) for span in basis.spans],
        units=sorted(basis.units),
        issuer=None if basis.issuer is None else legal_entity_document(basis.issuer),
        buyer=None if basis.buyer is None else account_document(basis.buyer),
        tax=basis.tax,
        later_plans=[_plan_document(plan) for plan in basis.later_plans],
        coupons=wire_from_given(basis.coupons),
    )
    # Absent is not written, so that what was kept before a field was there keeps its bytes.
    return canonical_json(msgspec.to_builtins(document))


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
    except _Unreadable as unreadable:
        return unreadable.refused
    except (msgspec.MsgspecError, Misuse, ValueError, RecursionError) as error:
        return refuse("malformed_basis", f"the basis cannot be read: {error}")


def _subscription_document(contract: Subscription) -> SubscriptionDocument:
    return SubscriptionDocument(
        key=contract.key,
        account=contract.account,
        start=instant_text(contract.start),
        end=None if contract.end is None else instant_text(contract.end),
        anchor=contract.anchor,
        trial_end=None if contract.trial_end is None else instant_text(contract.trial_end),
        quantities=_quantity_texts(contract.quantities),
        add_ons=_add_on_documents(contract.add_ons),
        prices=[document_from_price(price) for price in contract.prices],
        changes=[
            ChangeDocument(
                at=instant_text(change.at),
                plan=change.plan,
                version=change.version,
                anchor=change.anchor,
                quantities=_quantity_texts(change.quantities),
                paused=change.paused,
                restart_tiers=change.restart_tiers,
                add_ons=_add_on_documents(change.add_ons),
                prices=[document_from_price(price) for price in change.prices],
                plan_prices=[*change.plan_prices],
            )
            for change in contract.changes
        ],
    )


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
    )


def _add_on_documents(taken: Iterable[AddOn]) -> list[AddOnDocument]:
    return [
        AddOnDocument(
            plan=one.plan,
            version=one.version,
            quantity=plain(one.quantity),
            until=None if one.until is None else instant_text(one.until),
            trial_end=None if one.trial_end is None else instant_text(one.trial_end),
        )
        for one in taken
    ]


def _add_ons(wire: Iterable[AddOnDocument]) -> tuple[AddOn, ...]:
    return tuple(
        AddOn(
            plan=PlanKey(one.plan),
            version=one.version,
            quantity=parse_decimal(one.quantity),
            until=None if one.until is None else instant(one.until),
            trial_end=None if one.trial_end is None else instant(one.trial_end),
        )
        for one in wire
    )


def _quantity_texts(quantities: Quantities) -> list[tuple[str, str]]:
    return [(key, plain(quantity)) for key, quantity in quantities]


def _quantities(texts: list[tuple[str, str]]) -> Quantities:
    return tuple((PriceKey(key), parse_decimal(text)) for key, text in texts)


def _span_document(span: SubjectSpan) -> tuple[str, str | None, str | None]:
    start = None if span.start is None else instant_text(span.start)
    return (span.subject, start, None if span.end is None else instant_text(span.end))


def _meters(documents: list[dict[str, Any]], units: frozenset[str]) -> tuple[Meter, ...]:
    """Read meters in their order: one that a formula names stands before the formula."""
    known: dict[MeterKey, Meter] = {}
    for document in documents:
        outcome = meter_from_document(document, declared=units, meters=known)
        if isinstance(outcome, Refused):
            raise _Unreadable(outcome)
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
        subscription=_subscription_from_wire(wire),
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
        issuer=None if wire.issuer is None else _read(legal_entity_from_document(wire.issuer)),
        buyer=None if wire.buyer is None else _read(account_from_document(wire.buyer)),
        tax=_sound(wire.tax),
        coupons=given_from_wire(wire.coupons),
    )


def _sound(facts: TaxFacts | None) -> TaxFacts | None:
    """Return what taxes follow from, if its rules can be."""
    for rule in () if facts is None else facts.rules:
        for problem in tax_rule_problems(rule):
            raise Misuse(f"tax rule {rule.key}: {problem.message}")
    return facts


def _subscription_from_wire(wire: BasisDocument) -> Subscription:
    contract = wire.subscription
    return Subscription(
        key=SubscriptionKey(contract.key),
        account=AccountKey(contract.account),
        plan=PlanKey(wire.plan.key),
        version=wire.plan.version,
        legal_entity=wire.legal_entity,
        start=instant(contract.start),
        end=None if contract.end is None else instant(contract.end),
        anchor=contract.anchor,
        trial_end=None if contract.trial_end is None else instant(contract.trial_end),
        quantities=_quantities(contract.quantities),
        add_ons=_add_ons(contract.add_ons),
        prices=_prices(contract.prices, frozenset(wire.units)),
        changes=tuple(_change_from_wire(one, frozenset(wire.units)) for one in contract.changes),
    )


def _change_from_wire(wire: ChangeDocument, units: frozenset[str]) -> ContractChange:
    return ContractChange(
        at=instant(wire.at),
        plan=None if wire.plan is None else PlanKey(wire.plan),
        version=wire.version,
        anchor=wire.anchor,
        quantities=_quantities(wire.quantities),
        paused=wire.paused,
        restart_tiers=wire.restart_tiers,
        add_ons=_add_ons(wire.add_ons),
        prices=_prices(wire.prices, units),
        plan_prices=tuple(map(PriceKey, wire.plan_prices)),
    )


def _plan_from_wire(wire: PlanDocument, units: frozenset[str]) -> PlanVersion:
    return PlanVersion(
        plan=PlanKey(wire.key),
        version=wire.version,
        name=wire.name,
        currency=wire.currency,
        interval=Interval(count=wire.interval.count, of=wire.interval.of),
        alignment=wire.alignment,
        proration=wire.proration,
        prices=_prices(wire.prices, units),
        add_on=wire.add_on,
    )


def _prices(documents: list[dict[str, Any]], units: frozenset[str]) -> tuple[Price, ...]:
    return _each(documents, lambda one: price_from_document(one, declared_units=units))


def _read(outcome: Outcome[T]) -> T:
    if isinstance(outcome, Refused):
        raise _Unreadable(outcome)
    return outcome.value


def _each(
    documents: list[dict[str, Any]], read: Callable[[dict[str, Any]], Outcome[T]]
) -> tuple[T, ...]:
    return tuple(_read(read(document)) for document in documents)
