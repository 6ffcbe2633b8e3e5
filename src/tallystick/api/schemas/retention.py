"""Retention over the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec

from tallystick.app.retention import (
    PlaceHold,
    RemovalPlan,
    RemovedType,
    RetentionState,
    SetRetention,
)
from tallystick.kernel import AccountKey
from tallystick.retention import LegalHold, Obstacle, RetentionFloor, RetentionRule

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class RuleOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule: `days` 0 keeps for ever, null forgets the rule of the type."""

    event_type: str
    days: int | None


class HoldOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A hold on what lies in all of its bounds at once."""

    reason: str
    account: str | None = None
    event_type: str | None = None
    start: Instant | None = None
    end: Instant | None = None


class ReleaseOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a hold is released."""

    reason: str


class RuleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A rule, and since when it stands."""

    event_type: str
    days: int
    set_at: datetime


class HoldAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A hold; `released_at` is null while it stands."""

    id: str
    reason: str
    account: str | None
    event_type: str | None
    start: datetime | None
    end: datetime | None
    placed_at: datetime
    placed_by: str
    released_at: datetime | None
    released_by: str
    release_reason: str


class FloorAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Before which instants the usage of a type is closed for good, and may be gone."""

    event_type: str
    closed_before: datetime
    removed_before: datetime


class MinimumAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    Years from the end of the calendar year for which the law asks records to be kept.

    Where `confirmed` is false nobody has held them against the wording of the law.
    """

    legal_entity: str
    country: str
    law: str
    invoices_years: int
    journal_years: int
    audit_years: int
    confirmed: bool


class ObstacleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps usage from `since` on; null: all of the type."""

    code: str
    message: str
    since: datetime | None


class DayAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Events of one day, UTC, that would lose their content."""

    day: date
    events: int


class TypePlanAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What may go of a type now; `removed_before` is null where nothing may."""

    event_type: str
    closed_before: datetime
    removed_before: datetime | None
    events: int
    days: tuple[DayAnswer, ...]
    obstacles: tuple[ObstacleAnswer, ...]


class RemovalPlanAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a removal would take now."""

    position: int
    types: tuple[TypePlanAnswer, ...]


class RemovalAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a removal took."""

    types: tuple[RemovedType, ...]


class RulesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All rules, by event type."""

    rules: tuple[RuleAnswer, ...]


class RetentionRead(msgspec.Struct, frozen=True, kw_only=True):
    """What retention rests on."""

    rules: tuple[RuleAnswer, ...]
    holds: tuple[HoldAnswer, ...]
    floors: tuple[FloorAnswer, ...]
    minimums: tuple[MinimumAnswer, ...]


def rule_from_wire(order: RuleOrder) -> SetRetention:
    """Return the command that a rule is."""
    return SetRetention(event_type=order.event_type, days=order.days)


def hold_from_wire(order: HoldOrder) -> PlaceHold:
    """Return the command that a hold is."""
    return PlaceHold(
        reason=order.reason,
        account=None if order.account is None else AccountKey(order.account),
        event_type=order.event_type,
        start=order.start,
        end=order.end,
    )


def wire_from_plan(plan: RemovalPlan) -> RemovalPlanAnswer:
    """Return a plan as it goes over the wire."""
    return RemovalPlanAnswer(
        position=plan.position,
        types=tuple(
            TypePlanAnswer(
                event_type=each.cut.event_type,
                closed_before=each.cut.closed_before,
                removed_before=each.cut.removed_before,
                events=each.events,
                days=tuple(DayAnswer(day=one.day, events=one.events) for one in each.days),
                obstacles=tuple(map(_wire_from_obstacle, each.cut.obstacles)),
            )
            for each in plan.types
        ),
    )


def _wire_from_obstacle(obstacle: Obstacle) -> ObstacleAnswer:
    return ObstacleAnswer(code=obstacle.code, message=obstacle.message, since=obstacle.since)


def wire_from_rules(rules: tuple[RetentionRule, ...]) -> RulesAnswer:
    """Return rules as they go over the wire."""
    return RulesAnswer(rules=tuple(map(_wire_from_rule, rules)))


def wire_from_hold(hold: LegalHold) -> HoldAnswer:
    """Return a hold as it goes over the wire."""
    return HoldAnswer(
        id=hold.id,
        reason=hold.reason,
        account=hold.account,
        event_type=hold.event_type,
        start=hold.start,
        end=hold.end,
        placed_at=hold.placed_at,
        placed_by=hold.placed_by,
        released_at=hold.released_at,
        released_by=hold.released_by,
        release_reason=hold.release_reason,
    )


def wire_from_retention(state: RetentionState) -> RetentionRead:
    """Return what retention rests on as it goes over the wire."""
    return RetentionRead(
        rules=tuple(map(_wire_from_rule, state.rules)),
        holds=tuple(map(wire_from_hold, state.holds)),
        floors=tuple(map(_wire_from_floor, state.floors)),
        minimums=tuple(
            MinimumAnswer(
                legal_entity=each.legal_entity,
                country=each.country,
                law=each.minimum.law,
                invoices_years=each.minimum.invoices,
                journal_years=each.minimum.journal,
                audit_years=each.minimum.audit,
                confirmed=each.minimum.confirmed,
            )
            for each in state.minimums
        ),
    )


def _wire_from_rule(rule: RetentionRule) -> RuleAnswer:
    return RuleAnswer(event_type=rule.event_type, days=rule.days, set_at=rule.set_at)


def _wire_from_floor(floor: RetentionFloor) -> FloorAnswer:
    return FloorAnswer(
        event_type=floor.event_type,
        closed_before=floor.closed_before,
        removed_before=floor.removed_before,
    )
