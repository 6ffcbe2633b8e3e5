"""Decisions and what stands against limits, as they go over the wire."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from tallystick.app.quotas import Decision, HeldAnswer, QuotaUsage
from tallystick.kernel import plain


class HeldItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    A reservation or lease: what it was granted, what of it is spent, until when it holds.

    `seconds`, whole ones, say how long that is from the decision on, for whoever has another clock.
    """

    key: str
    granted: str
    spent: str
    expires_at: datetime
    seconds: int


class OfferItem(msgspec.Struct, frozen=True, kw_only=True):
    """A plan that grants more."""

    plan: str
    text: str


class NotCountedItem(msgspec.Struct, frozen=True, kw_only=True):
    """A use of a report that cannot be counted, by its event, and what would help."""

    source: str
    id: str
    message: str


class DecisionItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer to one ask: whether, why, what is left, when it resets, what to do.

    Quantities are exact texts; `limit` and `remaining` are null where there is none. `limited_by`
    names the feature whose limit is told, where another limit on the same meter decides.
    `not_counted` lists the uses of a report that were refused; all others of it are counted.
    """

    allowed: bool
    reason: str
    account: str
    feature: str
    quantity: str
    limit: str | None
    used: str
    held: str
    remaining: str | None
    limited_by: str
    overage: str
    resets_at: datetime | None
    retry_at: datetime | None
    retry_after_seconds: int | None
    value: str
    offer: OfferItem | None
    duplicate: bool
    degraded: bool
    reservation: HeldItem | None
    lease: HeldItem | None
    not_counted: tuple[NotCountedItem, ...]
    message: str


class DecisionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answers to many asks, in their order."""

    decisions: tuple[DecisionItem, ...]


class UsageItem(msgspec.Struct, frozen=True, kw_only=True):
    """What stands against one limit, where the limit comes from, and what open leases hold."""

    feature: str
    kind: str
    limit: str | None
    used: str
    held: str
    remaining: str | None
    starts_at: datetime | None
    resets_at: datetime | None
    over_since: datetime | None
    sources: tuple[str, ...]


class UsageOfQuotas(msgspec.Struct, frozen=True, kw_only=True):
    """Every limit of an account, and what is held of them."""

    account: str
    quotas: tuple[UsageItem, ...]
    leases: tuple[HeldItem, ...]
    reservations: tuple[HeldItem, ...]


def wire_from_decision(made: Decision, *, at: datetime) -> DecisionItem:
    """Return a decision as it is told; seconds to wait are rounded up."""
    return DecisionItem(
        allowed=made.allowed,
        reason=made.reason.value,
        account=made.account,
        feature=made.feature,
        quantity=plain(made.quantity),
        limit=_text(made.limit),
        used=plain(made.used),
        held=plain(made.held),
        remaining=_text(made.remaining),
        limited_by=made.limited_by,
        overage=plain(made.overage),
        resets_at=made.resets_at,
        retry_at=made.retry_at,
        retry_after_seconds=_seconds(made.retry_at, at),
        value=made.value,
        offer=None if made.offer is None else OfferItem(plan=made.offer.plan, text=made.offer.text),
        duplicate=made.duplicate,
        degraded=made.degraded,
        reservation=None if made.reservation is None else _held(made.reservation, at),
        lease=None if made.lease is None else _held(made.lease, at),
        not_counted=tuple(
            NotCountedItem(source=one.source, id=one.id, message=one.message)
            for one in made.not_counted
        ),
        message=made.message,
    )


def wire_from_usage(usage: QuotaUsage, *, at: datetime) -> UsageOfQuotas:
    """Return what stands against the limits of an account."""
    return UsageOfQuotas(
        account=usage.account,
        quotas=tuple(
            UsageItem(
                feature=one.limit.feature,
                kind=one.limit.kind.value,
                limit=_text(one.limit.most),
                used=plain(one.tally.used),
                held=plain(one.tally.held),
                remaining=_text(one.remaining),
                starts_at=one.starts_at,
                resets_at=one.limit.end,
                over_since=one.tally.over_since,
                sources=one.limit.sources,
            )
            for one in usage.quotas
        ),
        leases=tuple(_held(one, at) for one in usage.leases),
        reservations=tuple(_held(one, at) for one in usage.reservations),
    )


def _held(held: HeldAnswer, at: datetime) -> HeldItem:
    return HeldItem(
        key=held.key,
        granted=plain(held.granted),
        spent=plain(held.spent),
        expires_at=held.expires_at,
        seconds=max(0, int((held.expires_at - at).total_seconds())),
    )


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def _seconds(retry_at: datetime | None, at: datetime) -> int | None:
    if retry_at is None:
        return None
    return max(1, -int(-(retry_at - at).total_seconds() // 1))
