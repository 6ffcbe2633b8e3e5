"""What accounts may use, over the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec

from tallystick.api.schemas import EntitledItem, wire_from_entitled
from tallystick.app.entitlements import FeatureFlags
from tallystick.catalog import entitlement_document, feature_document, throttle_document
from tallystick.entitlements import (
    AccountEntitled,
    AccountFacts,
    Entitled,
    ManualGrant,
    Restriction,
    granted_text,
)
from tallystick.kernel import plain

Reason = Annotated[str, msgspec.Meta(max_length=500, examples=["goodwill after the outage"])]
Key = Annotated[str, msgspec.Meta(max_length=200)]
Number = Annotated[str, msgspec.Meta(max_length=80)]


class AccountEntitledItem(EntitledItem, frozen=True, kw_only=True):
    """
    What an account may use of a feature, after restrictions.

    The counter of `holder` counts: the nearest account, from this one up to its payer, of which a
    contract or grant names the feature. `contract` is its first that grants it; empty: a manual
    grant alone. The window is the billing period or calendar window, in `zone`; none for what rolls
    or has none. Nothing that is known changes this before `valid_until`.
    """

    holder: str
    contract: str
    zone: str
    window_start: datetime | None
    window_end: datetime | None
    valid_until: datetime | None
    restriction: str | None


class ManualGrantItem(msgspec.Struct, frozen=True, kw_only=True):
    """A manual grant that holds, or will; `grant` is as in a catalog file."""

    id: str
    grant: dict[str, Any]
    start: datetime
    end: datetime | None
    reason: str
    granted_by: str


class RestrictionItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    A restriction that holds, or will; `feature` empty: all features.

    `throttle` (limit, per) slows a feature; without it, `limit` null is off.
    """

    id: str
    feature: str
    limit: str | None
    throttle: dict[str, Any] | None
    source: str
    start: datetime
    end: datetime | None
    reason: str


class AccountEntitlementsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an account may use at an instant, with the grants and restrictions of its own."""

    account: str
    entitlements: tuple[AccountEntitledItem, ...]
    grants: tuple[ManualGrantItem, ...]
    restrictions: tuple[RestrictionItem, ...]


class GrantEntitlementOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What an account is granted by hand, over its contracts, and why.

    `limit` is text of an exact number, without it there is none; with `adds` it comes on top.
    `overage` is as in a catalog file. Without `start` it holds from now, without `end` until it is
    withdrawn. With `dry_run` nothing is written, and what would change is told.
    """

    feature: Key
    enabled: bool = True
    value: Key | None = None
    limit: Number | None = None
    adds: bool = False
    overage: dict[str, Any] | None = None
    burst: Number | None = None
    start: datetime | None = None
    end: datetime | None = None
    reason: Reason
    dry_run: bool = False


class RestrictionOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What an account is held to, and why.

    Without `feature` all is off; without `limit` the feature is, or with `throttle` (limit, per,
    burst) it is slowed to a rate, from the first use on.
    """

    feature: Key = ""
    limit: Number | None = None
    throttle: dict[str, Any] | None = None
    source: Annotated[str, msgspec.Meta(pattern="^(dunning|budget|protection|manual)$")] = "manual"
    start: datetime | None = None
    end: datetime | None = None
    reason: Reason
    dry_run: bool = False


class EndingOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a grant or restriction ends, and when; without `at`, now."""

    reason: Reason
    at: datetime | None = None
    dry_run: bool = False


class FlagItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    A feature as a toggle: on or off, and how much.

    `value` is of a feature of kind value; `limit` is text of an exact number, null: none.
    """

    enabled: bool
    value: str | None
    limit: str | None
    text: str


class PlanFlagsItem(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan version grants by itself; a feature that is not named is not granted."""

    plan: str
    version: int
    add_on: bool
    features: dict[str, FlagItem]


class AccountFlagsItem(msgspec.Struct, frozen=True, kw_only=True):
    """What an account may use now; nothing that is known changes it before `valid_until`."""

    account: str
    valid_until: datetime | None
    features: dict[str, FlagItem]


class FeatureFlagsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Every feature with what it is, what each plan version grants, and an account if asked for."""

    features: dict[str, dict[str, Any]]
    plans: tuple[PlanFlagsItem, ...]
    account: AccountFlagsItem | None


def grant_from_order(order: GrantEntitlementOrder) -> Mapping[str, object]:
    """Return what is granted, as a catalog file would have it."""
    names = ("feature", "enabled", "value", "limit", "adds", "overage", "burst")
    given = {name: getattr(order, name) for name in names}
    return {name: value for name, value in given.items() if value is not None}


def wire_from_account(
    facts: AccountFacts, found: Iterable[AccountEntitled], at: datetime
) -> AccountEntitlementsAnswer:
    """Return what an account may use, with what of its own has not ended at an instant."""
    own = facts.line[0]
    return AccountEntitlementsAnswer(
        account=own.account.key,
        entitlements=tuple(map(_item, found)),
        grants=tuple(_grant(one) for one in own.grants if one.end is None or at < one.end),
        restrictions=tuple(
            _restriction(one) for one in own.restrictions if one.end is None or at < one.end
        ),
    )


def wire_from_flags(flags: FeatureFlags) -> FeatureFlagsAnswer:
    """Return what plans and an account grant, for systems that toggle features."""
    account = flags.account
    return FeatureFlagsAnswer(
        features={key: feature_document(one) for key, one in flags.features.items()},
        plans=tuple(
            PlanFlagsItem(
                plan=plan.plan,
                version=plan.version,
                add_on=plan.add_on,
                features={one.feature.key: _flag(one) for one in granted},
            )
            for plan, granted in flags.plans
        ),
        account=None
        if account is None
        else AccountFlagsItem(
            account=account,
            valid_until=flags.valid_until,
            features={one.feature.key: _flag(one) for one in flags.granted},
        ),
    )


def _item(one: AccountEntitled) -> AccountEntitledItem:
    said = msgspec.structs.asdict(wire_from_entitled(one.entitled))
    return AccountEntitledItem(
        **said,
        holder=one.holder,
        contract=one.contract,
        zone=one.zone,
        window_start=one.window_start,
        window_end=one.window_end,
        valid_until=one.valid_until,
        restriction=None if one.restriction is None else one.restriction.id,
    )


def _flag(entitled: Entitled) -> FlagItem:
    return FlagItem(
        enabled=entitled.enabled,
        value=entitled.value or None,
        limit=None if entitled.limit is None else plain(entitled.limit),
        text=granted_text(entitled),
    )


def _grant(grant: ManualGrant) -> ManualGrantItem:
    return ManualGrantItem(
        id=grant.id,
        grant=entitlement_document(grant.grant),
        start=grant.start,
        end=grant.end,
        reason=grant.reason,
        granted_by=grant.granted_by,
    )


def _restriction(restriction: Restriction) -> RestrictionItem:
    return RestrictionItem(
        id=restriction.id,
        feature=restriction.feature,
        limit=None if restriction.limit is None else plain(restriction.limit),
        throttle=None if restriction.throttle is None else throttle_document(restriction.throttle),
        source=restriction.source.value,
        start=restriction.start,
        end=restriction.end,
        reason=restriction.reason,
    )
