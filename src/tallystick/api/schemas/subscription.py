"""Changes of subscriptions over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec

from tallystick.app.invoicing import LineState, OrderedLine
from tallystick.app.subscriptions import (
    AgreedChange,
    AgreedEntitlement,
    AgreedFeature,
    AgreedFee,
    Direction,
    When,
)
from tallystick.catalog import (
    ManualKind,
    ManualLine,
    contract_change_document,
    feature_document,
    overage_document,
)
from tallystick.entitlements import Entitled, granted_text
from tallystick.invoicing import InvoiceDocument
from tallystick.kernel import plain
from tallystick.subscriptions import Subscription, change_id

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class LineOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    A line for the next document that opens or closes a period of a contract.

    `unit_price` is in major units of the contract's currency, below 0 where it gives back; `start`
    and `end` are of the service, over whose days it is earned. Without them it is done now.
    """

    kind: ManualKind
    code: Annotated[str, msgspec.Meta(max_length=100)]
    unit_price: Annotated[str, msgspec.Meta(max_length=40)]
    reason: Annotated[str, msgspec.Meta(max_length=500)]
    description: Annotated[str, msgspec.Meta(max_length=500)] = ""
    quantity: Annotated[str, msgspec.Meta(max_length=40)] = "1"
    unit: Annotated[str, msgspec.Meta(max_length=100)] = ""
    tax_category: Annotated[str, msgspec.Meta(max_length=100)] = ""
    start: Instant | None = None
    end: Instant | None = None


class LineItem(msgspec.Struct, frozen=True, kw_only=True):
    """An ordered line: it waits for a document, or stands on the one that is named."""

    id: str
    state: LineState
    document: str | None
    line: ManualLine


def wire_from_line(ordered: OrderedLine) -> LineItem:
    """Return an ordered line as it goes over the wire."""
    return LineItem(
        id=ordered.id, state=ordered.state, document=ordered.document, line=ordered.line
    )


class AddOnOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    An add-on to take; it stands in for one of the same plan that was taken before.

    A quantity of 0 gives it up. `until` and `trial_end` are instants, or dates in the payer's zone.
    """

    plan: Annotated[str, msgspec.Meta(max_length=200)]
    version: Annotated[int, msgspec.Meta(ge=1)]
    quantity: Annotated[str, msgspec.Meta(max_length=40)] = "1"
    until: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    trial_end: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class AmountOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What an amount is to be in place of the derived one, in the service period that begins at `at`.

    Without a number the derived amount holds again. The caller and the reason stand on the line.
    """

    price: Annotated[str, msgspec.Meta(max_length=200)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    group: Annotated[list[str], msgspec.Meta(max_length=20)] = []
    quantity: Annotated[str, msgspec.Meta(max_length=80)] | None = None
    unit_price: Annotated[str, msgspec.Meta(max_length=80)] | None = None
    amount: Annotated[str, msgspec.Meta(max_length=80)] | None = None


class EntitlementOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What the contract grants of a feature, over its plan: a limit or a value, or on and off.

    `limit` is text of an exact number, without it there is none; with `adds` it comes on top.
    `overage` says what becomes of use beyond it, as in a catalog file; `burst` is of a rate.
    """

    feature: Annotated[str, msgspec.Meta(max_length=200)]
    enabled: bool = True
    value: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[str, msgspec.Meta(max_length=80)] | None = None
    adds: bool = False
    overage: dict[str, Any] | None = None
    burst: Annotated[str, msgspec.Meta(max_length=80)] | None = None


class BlockOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a level holds back from then on, or lifts; what is left out stays as it was."""

    level: Annotated[str, msgspec.Meta(max_length=200)] = "contract"
    billing: bool | None = None
    change: bool | None = None
    entitlement: bool | None = None


class ChangeOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What is to be agreed from an instant on; what is left out stays as it was.

    `at` is an instant, or a date in the payer's zone. Without it `when` decides, and without that
    an upgrade takes effect now and a downgrade with the next period. `prices` are as in a plan, and
    this contract pays them in place of those of the same keys; for the keys in `plan_prices` the
    plan's hold again. So it is with `entitlements` and `plan_entitlements`. With `dry_run` nothing
    is written and the money is told; who sends the `fees` of such an answer as `expected_fees` is
    refused where they would be others by now.
    """

    at: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    plan: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    version: Annotated[int, msgspec.Meta(ge=1)] | None = None
    anchor: Annotated[str, msgspec.Meta(max_length=10)] | None = None
    quantities: Annotated[dict[str, str], msgspec.Meta(max_length=100)] | None = None
    paused: bool | None = None
    restart_tiers: bool | None = None
    add_ons: Annotated[list[AddOnOrder], msgspec.Meta(max_length=100)] | None = None
    prices: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=100)] | None = None
    plan_prices: Annotated[list[str], msgspec.Meta(max_length=100)] | None = None
    amounts: Annotated[list[AmountOrder], msgspec.Meta(max_length=100)] | None = None
    fees: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=100)] | None = None
    blocks: Annotated[list[BlockOrder], msgspec.Meta(max_length=100)] | None = None
    entitlements: Annotated[list[EntitlementOrder], msgspec.Meta(max_length=100)] | None = None
    plan_entitlements: Annotated[list[str], msgspec.Meta(max_length=100)] | None = None
    when: When | None = None
    dry_run: bool = False
    expected_fees: tuple[AgreedFee, ...] | None = None


_CHANGE = frozenset(
    {
        "at",
        "plan",
        "version",
        "anchor",
        "quantities",
        "paused",
        "restart_tiers",
        "add_ons",
        "prices",
        "plan_prices",
        "amounts",
        "fees",
        "blocks",
        "entitlements",
        "plan_entitlements",
    }
)


class EndOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    When the contract is to end: now, with the period that runs, or with its term.

    Without `when` a contract that renews ends with the first term for which notice can still be
    given, any other with the period that runs.
    """

    when: When | None = None
    dry_run: bool = False


class AgreedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was agreed, or with `dry_run` would be, and what would be issued for it at once.

    `credit` and `charge` are what the fees of the period that runs give back and charge.
    """

    subscription: str
    id: str | None
    at: datetime
    direction: Direction
    fees: tuple[AgreedFee, ...]
    credit: str
    charge: str
    currency: str
    entitlements: tuple[AgreedEntitlement, ...]
    features: tuple[AgreedFeature, ...]
    warnings: tuple[str, ...]
    documents: tuple[InvoiceDocument, ...]
    dry_run: bool


class GrantedItem(msgspec.Struct, frozen=True, kw_only=True):
    """What one layer has to do with what is granted: `50 from plan pro@3`."""

    layer: str
    text: str


class EntitledItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a contract grants of a feature at an instant.

    `limit` is text of an exact number; null: no limit, or a kind without one. `text` says it for
    people, `sources` from which layers it follows, the lowest first. `feature` and `overage` are as
    in a catalog file; null: use beyond the limit is blocked. `burst` is of a rate; null: its limit.
    """

    feature: dict[str, Any]
    enabled: bool
    value: str | None
    limit: str | None
    burst: str | None
    overage: dict[str, Any] | None
    text: str
    sources: tuple[GrantedItem, ...]


class ContractChangeItem(msgspec.Struct, frozen=True, kw_only=True):
    """A change that stands, as a catalog file has it, with its id."""

    id: str
    at: datetime
    change: dict[str, Any]


def change_from_order(order: ChangeOrder) -> Mapping[str, object]:
    """Return the change that an order asks for, as a catalog file would have it."""
    given = msgspec.to_builtins(order, builtin_types=())
    return {name: value for name, value in given.items() if value is not None and name in _CHANGE}


def wire_from_agreed(agreed: AgreedChange) -> AgreedAnswer:
    """Return what was agreed as it goes over the wire."""
    return AgreedAnswer(
        subscription=agreed.subscription,
        id=agreed.id,
        at=agreed.at,
        direction=agreed.direction,
        fees=agreed.fees,
        credit=agreed.credit,
        charge=agreed.charge,
        currency=agreed.currency,
        entitlements=agreed.entitlements,
        features=agreed.features,
        warnings=agreed.warnings,
        documents=agreed.documents,
        dry_run=agreed.dry_run,
    )


def wire_from_entitled(entitled: Entitled) -> EntitledItem:
    """Return what is granted as it goes over the wire."""
    return EntitledItem(
        feature=feature_document(entitled.feature),
        enabled=entitled.enabled,
        value=entitled.value or None,
        limit=None if entitled.limit is None else plain(entitled.limit),
        burst=None if entitled.burst is None else plain(entitled.burst),
        overage=None if entitled.overage is None else overage_document(entitled.overage),
        text=granted_text(entitled),
        sources=tuple(GrantedItem(layer=one.layer, text=one.text) for one in entitled.sources),
    )


def wire_from_changes(subscription: Subscription) -> list[ContractChangeItem]:
    """Return the changes of a subscription, in order of time."""
    return [
        ContractChangeItem(
            id=change_id(subscription.key, change),
            at=change.at,
            change=contract_change_document(change),
        )
        for change in subscription.changes
    ]
