"""
The contract in a basis: what it agrees on, as canonical JSON, and back.

What a contract does not have is not written, so that what was kept before a field was there keeps
its bytes.
"""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from tallystick.catalog import (
    AddOn,
    AmountByHand,
    Block,
    ContractChange,
    ManualLine,
    Quantities,
    Subscription,
    Term,
)
from tallystick.kernel import (
    AccountKey,
    Outcome,
    PlanKey,
    PriceKey,
    Refused,
    SubscriptionKey,
    instant,
    instant_text,
    parse_decimal,
    plain,
)
from tallystick.pricing import Price, document_from_price, price_from_document

T = TypeVar("T")


class Unreadable(Exception):
    """Carries the refusal of a part out of the reading of the whole."""

    def __init__(self, refused: Refused) -> None:
        super().__init__()
        self.refused = refused


class AddOnDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An add-on as the contract takes it."""

    plan: str
    version: int
    quantity: str = "1"
    until: str | None = None
    trial_end: str | None = None


class AmountDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An amount that was set by hand, with who did it and why."""

    price: str
    reason: str
    by: str
    group: list[str] = []
    quantity: str | None = None
    unit_price: str | None = None
    amount: str | None = None


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
    amounts: list[AmountDocument] = []
    fees: list[dict[str, Any]] = []
    blocks: list[Block] = []


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
    currency: str | None = None
    changes: list[ChangeDocument] = []
    usable_from: str | None = None
    term: Term | None = None
    manual: list[ManualLine] = []


def contract_document(contract: Subscription) -> SubscriptionDocument:
    """Return the contract as it is kept."""
    return SubscriptionDocument(
        key=contract.key,
        account=contract.account,
        start=instant_text(contract.start),
        end=None if contract.end is None else instant_text(contract.end),
        usable_from=None if contract.usable_from is None else instant_text(contract.usable_from),
        term=contract.term,
        anchor=contract.anchor,
        trial_end=None if contract.trial_end is None else instant_text(contract.trial_end),
        quantities=_quantity_texts(contract.quantities),
        currency=contract.currency,
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
                amounts=[_amount_document(fact) for fact in change.amounts],
                fees=[document_from_price(price) for price in change.fees],
                blocks=[*change.blocks],
            )
            for change in contract.changes
        ],
        manual=[*contract.manual],
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


def _amount_document(fact: AmountByHand) -> AmountDocument:
    return AmountDocument(
        price=fact.price,
        group=[*fact.group],
        quantity=_text(fact.quantity),
        unit_price=_text(fact.unit_price),
        amount=_text(fact.amount),
        reason=fact.reason,
        by=fact.by,
    )


def _amount_from_wire(wire: AmountDocument) -> AmountByHand:
    return AmountByHand(
        price=PriceKey(wire.price),
        group=tuple(wire.group),
        quantity=None if wire.quantity is None else parse_decimal(wire.quantity),
        unit_price=None if wire.unit_price is None else parse_decimal(wire.unit_price),
        amount=None if wire.amount is None else parse_decimal(wire.amount),
        reason=wire.reason,
        by=wire.by,
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


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


def contract_from_wire(
    contract: SubscriptionDocument,
    *,
    plan: tuple[str, int],
    legal_entity: str,
    units: frozenset[str],
) -> Subscription:
    """
    Return the contract that a basis holds.

    Args:
        contract: as it is kept.
        plan: key and version of the first one.
        legal_entity: that issues for it.
        units: countable units that the basis declares.

    Raises:
        Unreadable: a price cannot be read.
    """
    return Subscription(
        key=SubscriptionKey(contract.key),
        account=AccountKey(contract.account),
        plan=PlanKey(plan[0]),
        version=plan[1],
        legal_entity=legal_entity,
        start=instant(contract.start),
        end=None if contract.end is None else instant(contract.end),
        usable_from=None if contract.usable_from is None else instant(contract.usable_from),
        term=contract.term,
        anchor=contract.anchor,
        trial_end=None if contract.trial_end is None else instant(contract.trial_end),
        quantities=_quantities(contract.quantities),
        currency=contract.currency,
        add_ons=_add_ons(contract.add_ons),
        prices=read_prices(contract.prices, units),
        changes=tuple(_change_from_wire(one, units) for one in contract.changes),
        manual=tuple(contract.manual),
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
        prices=read_prices(wire.prices, units),
        plan_prices=tuple(map(PriceKey, wire.plan_prices)),
        amounts=tuple(map(_amount_from_wire, wire.amounts)),
        fees=read_prices(wire.fees, units),
        blocks=tuple(wire.blocks),
    )


def read_prices(documents: list[dict[str, Any]], units: frozenset[str]) -> tuple[Price, ...]:
    """
    Return prices as they are kept.

    Raises:
        Unreadable: one cannot be read.
    """
    return _each(documents, lambda one: price_from_document(one, declared_units=units))


def read_part(outcome: Outcome[T]) -> T:
    """
    Return what was read.

    Raises:
        Unreadable: it could not be.
    """
    if isinstance(outcome, Refused):
        raise Unreadable(outcome)
    return outcome.value


def _each(
    documents: list[dict[str, Any]], read: Callable[[dict[str, Any]], Outcome[T]]
) -> tuple[T, ...]:
    return tuple(read_part(read(document)) for document in documents)
