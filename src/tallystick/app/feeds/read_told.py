"""Reads what happened, in the order in which readers may rely on: nothing is added behind them."""

from dataclasses import dataclass

from tallystick.app.command import Caller, missing_scope
from tallystick.app.feeds.named import FEEDS, Feed
from tallystick.app.keys import Scope
from tallystick.app.outbox import NumberedMessage
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused, refuse

NUMBERED_MAX = 5_000
"""How many messages one reading puts in order, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """
    What happened, in order.

    Attributes:
        next_after: where the next page begins; the same number where nothing is new.
        more: whether there is more already.
    """

    items: tuple[NumberedMessage, ...]
    next_after: int
    more: bool


def feed_of(name: str) -> Outcome[Feed]:
    """
    Return a feed.

    Problems:
        not_found: there is none of this name.
    """
    if name in FEEDS:
        return Done(FEEDS[name])
    return refuse("not_found", f"there is no feed {name[:80]!r}; there are {', '.join(FEEDS)}")


def read_told(
    name: str, *, caller: Caller, uow: UnitOfWork, after: int = 0, limit: int = 100
) -> Outcome[FeedPage]:
    """
    Return what a feed tells of what happened after a number.

    Messages get their numbers when feeds are read, among those that are committed by then: so no
    message appears behind a reader, however long the transaction took that put it.

    Problems:
        not_found: there is no such feed.
        forbidden: the caller lacks the scope ``read``.
    """
    feed = feed_of(name)
    if isinstance(feed, Refused):
        return feed
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        numbered = uow.outbox.number(limit=NUMBERED_MAX)
        found = uow.outbox.numbered(feed.value.told, after=after, limit=limit)
        last = uow.outbox.last_number()
        uow.commit()
    is_full = len(found) == limit
    return Done(
        FeedPage(
            items=found,
            next_after=found[-1].number if is_full else max(after, last),
            more=is_full or numbered == NUMBERED_MAX,
        )
    )
