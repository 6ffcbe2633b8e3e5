"""
When credit is bought by itself: once as the balance falls below a threshold, so often a month.

    threshold 500, buys 1,000

        balance 520, use 30    490: one purchase, balance 1,490
        use 5, use 5           nothing: the balance is above

A rule that has bought, or was kept from it by its limit, is quiet until the balance was at the
threshold or above again. Where the limit of a month is reached this is told once, at the first
crossing that it keeps from buying.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tallystick.kernel import Period


class TopUpStep(StrEnum):
    """What a rule did, as it is kept."""

    BOUGHT = "bought"
    BLOCKED = "blocked"
    MUTED = "muted"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUpRule:
    """
    When to buy, in what is watched.

    Attributes:
        threshold: below it credit is bought; the threshold itself is enough.
        times_max: how often within one month at most.
    """

    threshold: Decimal
    times_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenStep:
    """What a rule did at an instant."""

    at: datetime
    step: TopUpStep


def next_step(
    rule: TopUpRule, taken: Sequence[TakenStep], *, balance: Decimal, month: Period
) -> TopUpStep | None:
    """
    Return what a rule does now; None: nothing.

    Args:
        rule: when to buy.
        taken: what it did so far, in order.
        balance: what the account may use now.
        month: the local month of the present.

    Returns:
        ``bought``: buy; ``blocked``: the limit keeps it from buying, tell so; ``muted``: the same,
        and it was told in this month; ``recovered``: the balance is up again.

    Example:
        >>> from tallystick.kernel import instant
        >>> start, end = instant("2026-01-01T00:00:00Z"), instant("2026-02-01T00:00:00Z")
        >>> month = Period(start=start, end=end)
        >>> rule = TopUpRule(threshold=Decimal(500), times_max=5)
        >>> next_step(rule, [], balance=Decimal(490), month=month).value
        'bought'
    """
    is_armed = not taken or taken[-1].step is TopUpStep.RECOVERED
    if balance >= rule.threshold:
        return None if is_armed else TopUpStep.RECOVERED
    if not is_armed:
        return None
    this_month = [one.step for one in taken if month.contains(one.at)]
    if this_month.count(TopUpStep.BOUGHT) < rule.times_max:
        return TopUpStep.BOUGHT
    return TopUpStep.MUTED if TopUpStep.BLOCKED in this_month else TopUpStep.BLOCKED
