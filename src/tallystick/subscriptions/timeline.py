"""
What a contract says at each instant: its terms, from its declaration and the changes since.

    pro from January 1, paused March 10, resumed March 20, team from April 5

    [Jan 1, Mar 10)  pro        [Mar 10, Mar 20)  pro, paused
    [Mar 20, Apr 5)  pro        [Apr 5, ...)      team

Changes at one instant take effect together, the later one last.  Segments of no length are dropped
and equal neighbours are joined before anything is counted, so changing back at one instant is free.
A plan of another interval or alignment, or a new anchor, begins a new **cycle**: the billing period
that runs ends there, and boundaries are counted anew.

Source: the project's semantics, "Time and periods" and "Subscriptions".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from tallystick.catalog import (
    Alignment,
    ContractChange,
    PlanVersion,
    Quantities,
    Subscription,
)
from tallystick.kernel import (
    Interval,
    PlanKey,
    PriceKey,
    SubscriptionKey,
    canonical_json,
    check,
    derived_id,
    digest,
)

_ONCE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """
    What is agreed at an instant.

    Attributes:
        plan: the plan version in force.
        anchor: the local date from which anniversary boundaries are counted.
        quantities: of prices without a meter; what is not named is taken once.
        paused: whether nothing is charged.
        trial: whether fees are free.
        tiers_from: the instant since which tiers are counted anew; None: with each period.
    """

    plan: PlanVersion
    anchor: date
    quantities: Quantities = ()
    paused: bool = False
    trial: bool = False
    tiers_from: datetime | None = None

    def quantity_of(self, price: PriceKey) -> Decimal:
        """Return how much of a price without a meter is taken."""
        return dict(self.quantities).get(price, _ONCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of a contract with the same terms throughout, until before ``end`` (None: open)."""

    start: datetime
    end: datetime | None
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """A part of a contract whose boundaries are counted in one way."""

    start: datetime
    end: datetime | None
    interval: Interval
    alignment: Alignment
    anchor: date


def timeline(subscription: Subscription, plans: Iterable[PlanVersion]) -> tuple[Segment, ...]:
    """
    Give the segments of a contract, oldest first; they tile it, and neighbours differ.

    Args:
        subscription: the contract; one of no length has no segment.
        plans: at least every plan version that it names.

    Raises:
        InvariantBroken: a plan version that the contract names is missing.
    """
    known = {(plan.plan, plan.version): plan for plan in plans}
    terms = Terms(
        plan=_plan(known, subscription.plan, subscription.version),
        anchor=subscription.anchor,
        quantities=subscription.quantities,
    )
    steps = _steps(subscription)
    found: list[Segment] = []
    for index, at in enumerate(steps):
        until = steps[index + 1] if index + 1 < len(steps) else subscription.end
        for change in subscription.changes:
            if change.at == at or (index == 0 and change.at < at):
                terms = _changed(terms, change, known)
        trial = subscription.trial_end is not None and at < subscription.trial_end
        segment = Segment(start=at, end=until, terms=replace(terms, trial=trial))
        if found and found[-1].terms == segment.terms:
            segment = replace(segment, start=found.pop().start)
        if until is None or at < until:
            found.append(segment)
    return tuple(found)


def cycles(segments: Iterable[Segment]) -> tuple[Cycle, ...]:
    """Give the cycles of a contract's segments; equal neighbours are one."""
    found: list[Cycle] = []
    for segment in segments:
        plan = segment.terms.plan
        cycle = Cycle(
            start=segment.start,
            end=segment.end,
            interval=plan.interval,
            alignment=plan.alignment,
            anchor=segment.terms.anchor,
        )
        if found and _counts_alike(found[-1], cycle):
            cycle = replace(found.pop(), end=cycle.end)
        found.append(cycle)
    return tuple(found)


def change_id(subscription: SubscriptionKey, change: ContractChange) -> str:
    """Give the id of a change: it follows from the contract and from what was agreed, and when."""
    return derived_id("change", subscription, digest(canonical_json(change)))


def named_plans(subscription: Subscription) -> tuple[tuple[PlanKey, int], ...]:
    """Give every plan version that a contract names, the first one first, each once."""
    later = (
        (change.plan, change.version)
        for change in subscription.changes
        if change.plan is not None and change.version is not None
    )
    return tuple(dict.fromkeys([(subscription.plan, subscription.version), *later]))


def _counts_alike(one: Cycle, other: Cycle) -> bool:
    """Tell whether boundaries go on; those of the calendar have no anchor of their own."""
    if (one.interval, one.alignment) != (other.interval, other.alignment):
        return False
    return one.alignment is Alignment.CALENDAR or one.anchor == other.anchor


def _steps(subscription: Subscription) -> list[datetime]:
    """Give the instants at which terms may change, the start first."""

    def candidates() -> Iterator[datetime]:
        yield from (change.at for change in subscription.changes)
        if subscription.trial_end is not None:
            yield subscription.trial_end

    start, end = subscription.start, subscription.end
    inside = {at for at in candidates() if at > start and (end is None or at < end)}
    return [start, *sorted(inside)]


def _changed(
    terms: Terms, change: ContractChange, known: dict[tuple[PlanKey, int], PlanVersion]
) -> Terms:
    plan = terms.plan
    if change.plan is not None and change.version is not None:
        plan = _plan(known, change.plan, change.version)
    return replace(
        terms,
        plan=plan,
        anchor=change.anchor or terms.anchor,
        quantities=tuple(sorted({**dict(terms.quantities), **dict(change.quantities)}.items())),
        paused=terms.paused if change.paused is None else change.paused,
        tiers_from=change.at if change.restart_tiers else terms.tiers_from,
    )


def _plan(known: dict[tuple[PlanKey, int], PlanVersion], key: PlanKey, version: int) -> PlanVersion:
    found = known.get((key, version))
    check(found is not None, f"version {version} of plan {key} is not known")
    return cast("PlanVersion", found)
