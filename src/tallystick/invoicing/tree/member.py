"""
A contract of the payer's tree that fills the tiers of a price together with another one.

    corp (pays) <- alpha: hours by tiers over the tree
                <- beta:  the same, from March 10 on

To alpha's documents beta is a member: whose usage is beta's, and since when it pays the price.
What beta's own prices come to does not matter to alpha.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from tallystick.catalog import PlanVersion, Subscription
from tallystick.kernel import AccountKey, MeterKey, PriceKey, SubjectSpan, SubscriptionKey
from tallystick.pricing import Price
from tallystick.subscriptions import Segment, timeline

Time: TypeAlias = tuple[datetime, datetime | None]
ALWAYS: tuple[Time, ...] = ((datetime.min.replace(tzinfo=UTC), None),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """What prices have in common that fill the same tiers; what they cost may differ."""

    price: PriceKey
    meter: MeterKey
    group_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeMember:
    """
    Another contract that fills the same tiers.

    Attributes:
        sold: which tiers.
        account: whose contract it is; members stand in the order of accounts, then of contracts.
        spans: whose usage is the account's, and when.
        agreed: when the contract pays such a price, half-open, ascending, apart; None: open.
    """

    sold: Sold
    account: AccountKey
    subscription: SubscriptionKey
    spans: tuple[SubjectSpan, ...]
    agreed: tuple[Time, ...]


def sold_as(price: Price) -> Sold | None:
    """Return which tiers a price fills together with others; None: its own alone."""
    if not price.shares_tiers or price.meter is None:
        return None
    return Sold(price=price.key, meter=price.meter, group_by=price.group_by)


def member_of(
    contract: Subscription,
    plans: Iterable[PlanVersion],
    sold: Sold,
    *,
    spans: tuple[SubjectSpan, ...],
    paid: Iterable[Time] = ALWAYS,
) -> TreeMember | None:
    """
    Return a contract as another one's member, None if it never pays such a price.

    Args:
        contract: with its changes.
        plans: at least every plan version that it names.
        sold: which tiers.
        spans: whose usage is its account's.
        paid: when the payer of the tree pays for it, ascending, apart.
    """
    times, payers = agreed_times(timeline(contract, plans), sold), tuple(paid)
    shared = (_shared(one, other) for one in times for other in payers)
    agreed = tuple(time for time in shared if time is not None)
    if not agreed:
        return None
    return TreeMember(
        sold=sold,
        account=contract.account,
        subscription=contract.key,
        spans=spans,
        agreed=agreed,
    )


def agreed_times(segments: Iterable[Segment], sold: Sold) -> tuple[Time, ...]:
    """Return when a contract pays such a price; a pause pays nothing."""
    times: list[Time] = []
    for segment in segments:
        agreed = segment.terms.agreed_prices()
        if segment.terms.paused or all(sold_as(one.price) != sold for one in agreed):
            continue
        if times and times[-1][1] == segment.start:
            times[-1] = (times[-1][0], segment.end)
        else:
            times.append((segment.start, segment.end))
    return tuple(times)


def _shared(one: Time, other: Time) -> Time | None:
    ends = [end for end in (one[1], other[1]) if end is not None]
    start, end = max(one[0], other[0]), min(ends, default=None)
    return (start, end) if end is None or start < end else None


def spans_of_members(members: Iterable[TreeMember]) -> tuple[SubjectSpan, ...]:
    """Return whose usage counts of all members, each span once."""
    return tuple(dict.fromkeys(span for member in members for span in member.spans))
