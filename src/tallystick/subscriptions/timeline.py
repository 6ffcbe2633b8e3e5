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

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias, cast

from tallystick.catalog import (
    AddOn,
    Alignment,
    Block,
    ContractChange,
    ManualLine,
    PlanVersion,
    Proration,
    Quantities,
    Subscription,
    contract_change_document,
    qualified,
)
from tallystick.kernel import (
    Interval,
    PlanKey,
    SubscriptionKey,
    canonical_json,
    check,
    derived_id,
    digest,
)
from tallystick.pricing import Price

_ONCE = Decimal(1)
_SAID_FROM_THE_FIRST = (
    "at",
    "plan",
    "version",
    "anchor",
    "quantities",
    "paused",
    "restart_tiers",
)
_Known: TypeAlias = dict[tuple[PlanKey, int], PlanVersion]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenAddOn:
    """An add-on that is taken at an instant, how many times, and whether its fees are free."""

    plan: PlanVersion
    quantity: Decimal
    trial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedPrice:
    """
    A price of a contract, under the key that it has there.

    Attributes:
        price: of the plan, of an add-on, or the contract's own in its place.
        quantity: how much is taken of it, where it has no meter.
        mode: how its parts of a period are prorated.
        trial: whether it is free where it has no meter.
        at_period_end: whether a period that changed is billed whole where the meter does not add.
    """

    price: Price
    quantity: Decimal
    mode: Proration
    trial: bool
    at_period_end: bool = False


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
        add_ons: taken beside the plan, in the order of their keys.
        prices: the contract's own, in place of those of the same keys.
        blocks: what each level holds back; one of billing pauses the contract.
    """

    plan: PlanVersion
    anchor: date
    quantities: Quantities = ()
    paused: bool = False
    trial: bool = False
    tiers_from: datetime | None = None
    add_ons: tuple[TakenAddOn, ...] = ()
    prices: tuple[Price, ...] = ()
    blocks: tuple[Block, ...] = ()

    @property
    def blocks_change(self) -> bool:
        """Tell whether nothing else may be agreed on."""
        return any(block.change for block in self.blocks)

    def agreed_prices(self) -> tuple[AgreedPrice, ...]:
        """Return every price, those of the plan first, each under its key in the contract."""
        quantities = dict(self.quantities)
        own = {price.key: price for price in self.prices}
        sold = [TakenAddOn(plan=self.plan, quantity=_ONCE, trial=self.trial), *self.add_ons]
        return tuple(
            AgreedPrice(
                price=own.get(price.key, price),
                quantity=quantities.get(price.key, taken.quantity),
                mode=taken.plan.proration,
                trial=taken.trial,
                at_period_end=taken.plan.at_period_end,
            )
            for taken in sold
            for price in (qualified(taken.plan, price) for price in taken.plan.prices)
        )


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
        prices=subscription.prices,
    )
    steps = _steps(subscription)
    found: list[Segment] = []
    taken = {one.plan: one for one in subscription.add_ons}
    for index, at in enumerate(steps):
        until = steps[index + 1] if index + 1 < len(steps) else subscription.end
        for change in subscription.changes:
            if change.at == at or (index == 0 and change.at < at):
                terms = _changed(terms, change, known)
                taken |= {one.plan: one for one in change.add_ons}
        trial = subscription.trial_end is not None and at < subscription.trial_end
        add_ons = tuple(_add_ons(taken, at, known, trial=trial))
        held = replace(terms, trial=trial, add_ons=add_ons, paused=_is_paused(terms))
        segment = Segment(start=at, end=until, terms=held)
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
    """
    Give the id of a change: it follows from the contract and from what was agreed, and when.

    What a change does not say has no part in it, but for what changes could say from the first, so
    that ids stay what they are when changes learn to say more.
    """
    first = {name: getattr(change, name) for name in _SAID_FROM_THE_FIRST}
    document = contract_change_document(change)
    more = {name: value for name, value in document.items() if name not in first}
    return derived_id("change", subscription, digest(canonical_json(first | more)))


def manual_line_id(subscription: SubscriptionKey, line: ManualLine) -> str:
    """Give the id of an ordered line: of one kind, code and beginning a contract has one."""
    return derived_id("manual", subscription, line.kind, line.code, line.start)


def named_plans(subscription: Subscription) -> tuple[tuple[PlanKey, int], ...]:
    """Give every plan version that a contract names, the first one first, each once."""

    def named() -> Iterator[tuple[PlanKey, int]]:
        for one in subscription.agreed:
            if one.plan is not None and one.version is not None:
                yield one.plan, one.version
            yield from ((taken.plan, taken.version) for taken in one.add_ons)

    return tuple(dict.fromkeys(named()))


def plan_at(subscription: Subscription, at: datetime) -> tuple[PlanKey, int]:
    """Give the plan version in force at an instant; before the start, the one it begins with."""
    found = subscription.plan, subscription.version
    for change in subscription.changes:
        in_force = change.at <= max(at, subscription.start)
        if in_force and change.plan is not None and change.version is not None:
            found = change.plan, change.version
    return found


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
        for one in subscription.agreed:
            for taken in one.add_ons:
                yield from (at for at in (taken.until, taken.trial_end) if at is not None)

    start, end = subscription.start, subscription.end
    inside = {at for at in candidates() if at > start and (end is None or at < end)}
    return [start, *sorted(inside)]


def blocks_at(subscription: Subscription, at: datetime) -> tuple[Block, ...]:
    """Give what each level holds back at an instant, in the order of their names."""
    found: tuple[Block, ...] = ()
    for change in subscription.changes:
        if change.at <= at:
            found = _blocked(found, change)
    return found


def is_usable(subscription: Subscription, at: datetime) -> bool:
    """Tell whether a contract entitles to use at an instant; what to is not said here."""
    begins = subscription.usable_from or subscription.start
    ended = subscription.end is not None and at >= subscription.end
    blocked = any(block.entitlement for block in blocks_at(subscription, at))
    return at >= begins and not ended and not blocked


def _blocked(standing: tuple[Block, ...], change: ContractChange) -> tuple[Block, ...]:
    """Give what stands after a change; a level that holds nothing back is left out."""
    found = {block.level: block for block in standing}
    for block in change.blocks:
        before = found.get(block.level, Block(level=block.level))
        found[block.level] = Block(
            level=block.level,
            billing=before.billing if block.billing is None else block.billing,
            change=before.change if block.change is None else block.change,
            entitlement=before.entitlement if block.entitlement is None else block.entitlement,
        )
    return tuple(
        block
        for _, block in sorted(found.items())
        if block.billing or block.change or block.entitlement
    )


def _is_paused(terms: Terms) -> bool:
    return terms.paused or any(block.billing for block in terms.blocks)


def _add_ons(
    taken: Mapping[PlanKey, AddOn], at: datetime, known: _Known, *, trial: bool
) -> Iterator[TakenAddOn]:
    """Yield the add-ons that are taken at an instant, in the order of their keys."""
    for key, one in sorted(taken.items()):
        if one.quantity and (one.until is None or at < one.until):
            yield TakenAddOn(
                plan=_plan(known, key, one.version),
                quantity=one.quantity,
                trial=trial if one.trial_end is None else at < one.trial_end,
            )


def _changed(terms: Terms, change: ContractChange, known: _Known) -> Terms:
    plan = terms.plan
    if change.plan is not None and change.version is not None:
        plan = _plan(known, change.plan, change.version)
    own = {price.key: price for price in terms.prices if price.key not in change.plan_prices}
    own |= {price.key: price for price in change.prices}
    return replace(
        terms,
        plan=plan,
        anchor=change.anchor or terms.anchor,
        quantities=tuple(sorted({**dict(terms.quantities), **dict(change.quantities)}.items())),
        paused=terms.paused if change.paused is None else change.paused,
        tiers_from=change.at if change.restart_tiers else terms.tiers_from,
        prices=tuple(own[key] for key in sorted(own)),
        blocks=_blocked(terms.blocks, change),
    )


def _plan(known: _Known, key: PlanKey, version: int) -> PlanVersion:
    found = known.get((key, version))
    check(found is not None, f"version {version} of plan {key} is not known")
    return cast("PlanVersion", found)
