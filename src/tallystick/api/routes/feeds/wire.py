"""Feeds over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from tallystick.app.feeds import Feed, StandingPage
from tallystick.app.outbox import NumberedMessage


class FeedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    A feed: topics that it tells, kinds of what stands now, and kinds that it takes.

    `schema` is its address here.
    """

    name: str
    summary: str
    told: tuple[str, ...]
    standing: tuple[str, ...]
    taken: tuple[str, ...]
    schema: str


class ToldItem(msgspec.Struct, frozen=True, kw_only=True):
    """What happened; `kind` says how `data` is to be read, `id` tells repeats."""

    number: int
    kind: str
    id: str
    recorded_at: datetime
    trace_id: str
    data: Mapping[str, Any]


class ToldAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, in order; `next_after` is asked for the next page, at once while `more`."""

    items: tuple[ToldItem, ...]
    next_after: int
    more: bool


class PassedOver(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant of whom nothing can be told, and why."""

    account: str
    code: str
    message: str


class StandingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    What stands now, of the one kind that was asked for, as the schema of the feed has it.

    A page may be short; on the last `next_cursor` is empty.
    """

    items: tuple[Mapping[str, Any], ...]
    next_cursor: str
    passed_over: tuple[PassedOver, ...]


def wire_from_standing(page: StandingPage, *, next_cursor: str) -> StandingAnswer:
    """Return what stands as it goes over the wire."""
    return StandingAnswer(
        items=tuple(msgspec.to_builtins(one, builtin_types=(Decimal,)) for one in page.items),
        next_cursor=next_cursor,
        passed_over=tuple(
            PassedOver(account=account, code=problem.code, message=problem.message)
            for account, problem in page.passed_over
        ),
    )


def wire_from_feed(feed: Feed) -> FeedAnswer:
    """Return a feed as it goes over the wire."""
    return FeedAnswer(
        name=feed.name.value,
        summary=feed.summary,
        told=feed.told,
        standing=feed.standing,
        taken=feed.taken,
        schema=f"/v1/schemas/feeds/{feed.name.value}",
    )


def wire_from_numbered(one: NumberedMessage) -> ToldItem:
    """Return what happened as it goes over the wire."""
    return ToldItem(
        number=one.number,
        kind=one.message.topic,
        id=one.message.id,
        recorded_at=one.recorded_at,
        trace_id=one.message.trace_id,
        data=one.message.payload,
    )
