"""What is said when a change of a contract is asked for, and what is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from tallystick.invoicing import InvoiceDocument
from tallystick.kernel import SubscriptionKey


class When(StrEnum):
    """When a change takes effect, where no instant is named."""

    NOW = "now"
    PERIOD_END = "period_end"
    TERM_END = "term_end"


class Direction(StrEnum):
    """Whether the fees come to more, to less, or to the same."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    SAME = "same"


class AgreedFee(msgspec.Struct, frozen=True, kw_only=True):
    """What a fee comes to for a service period, before and after; texts in ``currency``."""

    price: str
    start: datetime
    end: datetime
    before: str
    after: str
    currency: str


class AgreedEntitlement(msgspec.Struct, frozen=True, kw_only=True):
    """What a price includes or is taken of, before and after, in ``unit``; None: no such price."""

    price: str
    meter: str | None
    unit: str | None
    before: str | None
    after: str | None


class AgreedFeature(msgspec.Struct, frozen=True, kw_only=True):
    """What is granted of a feature, before and after, for people; None: nothing grants it."""

    feature: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeChange:
    """
    Agree on a change.

    Attributes:
        change: as an entry of ``changes`` in a catalog file; ``at`` may be left out. Empty: the
            contract ends.
        when: where the change names no instant; None: an upgrade now, a downgrade with the billing
            period, an end with it too, or with the term of a contract that renews.
        dry_run: tell what it would do and write nothing.
        expected: what becomes of the fees as it was told before; agree on nothing else.
        unless: the direction in which it must not go.
    """

    subscription: SubscriptionKey
    change: Mapping[str, object]
    when: When | None = None
    dry_run: bool = False
    expected: tuple[AgreedFee, ...] | None = None
    unless: Direction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedChange:
    """
    What was agreed, or would be.

    Attributes:
        id: of the change; None for an end.
        at: when it takes effect.
        fees: what becomes of the fees around that instant.
        credit: of the fees, what the period that runs gives back; text in the contract's currency.
        charge: of the fees, what it charges.
        currency: ISO 4217 or the code of a custom unit.
        entitlements: what is included and taken otherwise from then on.
        features: what is granted otherwise from then on.
        warnings: what a person should know.
        documents: what a billing run would issue at once; told on a dry run only.
    """

    subscription: SubscriptionKey
    id: str | None
    at: datetime
    direction: Direction
    fees: tuple[AgreedFee, ...]
    credit: str = "0"
    charge: str = "0"
    currency: str = ""
    entitlements: tuple[AgreedEntitlement, ...] = ()
    features: tuple[AgreedFeature, ...] = ()
    warnings: tuple[str, ...] = ()
    documents: tuple[InvoiceDocument, ...] = ()
    dry_run: bool = False
