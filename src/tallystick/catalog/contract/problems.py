"""
What a contract may agree on in time.

A quantity is of a price that is taken in a quantity, in the plan or an add-on in force then; a
contract's own price stands in for one of theirs. A contract does not move between plans whose
prices hold their taxes and plans whose prices do not. An add-on is taken beside a plan to which it
adds, whose interval is its own.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from tallystick.catalog.catalog import Catalog
from tallystick.catalog.contract.agreed_prices import own_prices, own_quantities, qualified
from tallystick.catalog.contract.price_needs import unmet_need
from tallystick.catalog.contract.reading import CHANGES_MAX
from tallystick.catalog.documents import joined
from tallystick.catalog.fields import suggestion
from tallystick.catalog.plan import PlanVersion
from tallystick.catalog.subscription import AddOn, ContractChange, Quantities, Subscription
from tallystick.kernel import MeterKey, PlanKey, PriceKey, Problem, instant_text
from tallystick.metering import Meter
from tallystick.pricing import Need, Price

_Plans = Mapping[tuple[PlanKey, int], PlanVersion]


def contract_problems(
    declared: Catalog,
    merged: Catalog,
    *,
    stored: Catalog,
    plans: _Plans,
    paths: Mapping[tuple[str, Hashable], str],
) -> Iterator[Problem]:
    """
    Yield a problem for each declared term that does not fit the contract.

    Args:
        declared: subscriptions as their documents have them.
        merged: the same with what stands.
        stored: what stands.
        plans: all plan versions.
        paths: of each document.

    Problems:
        unknown_reference, duplicate_key, wrong_value.
    """
    for key, one in declared.subscriptions.items():
        whole = merged.subscriptions[key]
        standing = _Standing(plans=plans, meters={**stored.meters, **declared.meters})
        found = (*_problems(one, whole, standing), *_of_whole(one, whole, stored, plans))
        for problem in found:
            yield replace(problem, field=joined(paths["subscriptions", key], problem.field))


def newly_unfit(
    before: Subscription, after: Subscription, plans: _Plans
) -> tuple[tuple[ContractChange, str], ...]:
    """
    Return the changes of both that fitted what was agreed before them, and do no more, with why.

    Args:
        before: a contract.
        after: the same with changes put in or taken out.
        plans: all plan versions that either names.
    """
    fitted, found = _misfits(before, plans), _misfits(after, plans)
    return tuple(
        (change, message)
        for change, messages in found.items()
        if change in before.changes
        for message in messages
        if message not in fitted[change]
    )


def _misfits(contract: Subscription, plans: _Plans) -> dict[ContractChange, list[str]]:
    """Return what of each change does not go with what is in force then."""
    standing = _Standing(plans=plans)
    standing.take(contract)
    found: dict[ContractChange, list[str]] = {}
    for change in contract.changes:
        standing.end(change.at)
        standing.take(change)
        found[change] = [problem.message for problem in _unfit(change, standing, "")]
    return found


def _of_whole(
    declared: Subscription, merged: Subscription, stored: Catalog, plans: _Plans
) -> Iterator[Problem]:
    """Yield what declared changes do to the contract as a whole, and to what was agreed later."""
    stands = stored.subscriptions.get(merged.key)
    added = 0 if stands is None else len(merged.changes) - len(stands.changes)
    if added and len(merged.changes) > CHANGES_MAX:
        message = (
            f"a contract has at most {CHANGES_MAX} changes; end it, and start another one at the "
            "same instant"
        )
        yield Problem(code="wrong_value", message=message, field="changes")
    if stands is None or not added:
        return
    for change, message in newly_unfit(stands, merged, plans):
        told = (
            f"what was agreed for {instant_text(change.at)} does not fit any more: {message}; "
            "withdraw that change first, and agree on it anew"
        )
        path = _latest(declared.changes, stands.changes, until=change.at)
        yield Problem(code="wrong_value", message=told, field=path)


def _latest(
    declared: tuple[ContractChange, ...], stands: tuple[ContractChange, ...], *, until: datetime
) -> str:
    """Return the path of the last change that is new, of those that take effect by an instant."""
    new = [place for place, one in enumerate(declared) if one not in stands and one.at <= until]
    return f"changes[{new[-1]}]" if new else "changes"


@dataclass
class _Standing:
    """What is in force so far, on the way through a contract's changes."""

    plans: _Plans
    meters: Mapping[MeterKey, Meter] = field(default_factory=dict)
    plan: PlanVersion | None = None
    add_ons: dict[PlanKey, PlanVersion] = field(default_factory=dict)
    until: dict[PlanKey, datetime] = field(default_factory=dict)
    own: dict[PriceKey, Price] = field(default_factory=dict)

    def end(self, at: datetime) -> None:
        """Drop the add-ons that have ended by an instant."""
        for key in [key for key, until in self.until.items() if until <= at]:
            del self.until[key], self.add_ons[key]

    def take(self, one: Subscription | ContractChange) -> None:
        """Put what is agreed in force."""
        if one.plan is not None and one.version is not None:
            self.plan = self.plans.get((one.plan, one.version))
        given_up = one.plan_prices if isinstance(one, ContractChange) else ()
        self.own = {key: price for key, price in self.own.items() if key not in given_up}
        self.own |= {price.key: price for price in one.prices}
        for taken in one.add_ons:
            found = self.plans.get((taken.plan, taken.version))
            self.add_ons.pop(taken.plan, None)
            self.until.pop(taken.plan, None)
            if found is not None and taken.quantity:
                self.add_ons[taken.plan] = found
                if taken.until is not None:
                    self.until[taken.plan] = taken.until

    def prices(self) -> Iterator[Price]:
        """Yield what is sold, each price under the key that it has in the contract."""
        yield from () if self.plan is None else self.plan.prices
        for each in self.add_ons.values():
            yield from (qualified(each, price) for price in each.prices)


def _problems(
    declared: Subscription, merged: Subscription, standing: _Standing
) -> Iterator[Problem]:
    standing.take(merged)
    first, repeated = standing.plan, _repeated_fees(merged)
    yield from _unfit(declared, standing, "")
    for change in merged.changes:
        standing.end(change.at)
        standing.take(change)
        if change not in declared.changes:
            continue
        path = f"changes[{declared.changes.index(change)}]"
        plan = standing.plan
        if plan and first and plan.prices_include_tax is not first.prices_include_tax:
            yield Problem(
                code="wrong_value", message=_mixed(plan, first), field=joined(path, "plan")
            )
        yield from _unfit(change, standing, path)
        for number, fee in enumerate(change.fees):
            if fee.key in repeated:
                message = f'"{fee.key}" is charged once; name another fee otherwise, as {fee.key}-2'
                yield Problem(
                    code="duplicate_key", message=message, field=f"{path}.fees[{number}].key"
                )


def _mixed(plan: PlanVersion, first: PlanVersion) -> str:
    return (
        f'plan "{plan.plan}" and plan "{first.plan}" of the same contract do not both '
        "hold taxes in their prices; end the subscription and start another"
    )


def _unfit(one: Subscription | ContractChange, standing: _Standing, path: str) -> Iterator[Problem]:
    """Yield what of a declaration or change does not go with what is in force then."""
    plan = standing.plan
    if plan is None:
        return
    if plan.add_on:
        message = f'plan "{plan.plan}" is an add-on; take it beside another plan, under add_ons'
        yield Problem(code="wrong_value", message=message, field=joined(path, "plan"))
    for each in standing.add_ons.values():
        for message in _misplaced(each, plan):
            place = _place(one.add_ons, each)
            yield Problem(code="wrong_value", message=message, field=joined(path, place))
    sold = {price.key: price for price in standing.prices()}
    yield from _unknown_quantities(one.quantities, sold, plan, joined(path, "quantities"))
    yield from _unknown_prices(one.prices, sold, plan, joined(path, "prices"))
    yield from _unmet_needs(one.prices, sold, standing.meters, joined(path, "prices"))
    yield from _unfit_own(one, standing, sold, joined(path, "plan"))
    if isinstance(one, ContractChange):
        yield from _unfit_amounts(one, sold, joined(path, "amounts"))
        yield from _unfit_fees(one, sold, joined(path, "fees"))


def _unfit_own(
    one: Subscription | ContractChange,
    standing: _Standing,
    sold: Mapping[PriceKey, Price],
    path: str,
) -> Iterator[Problem]:
    """Yield own prices that would stand for what they were not agreed for, once plans change."""
    if one.plan is None and not one.add_ons:
        return
    said_here = {price.key for price in one.prices}
    for key, price in standing.own.items():
        differ = list(own_prices(price, sold[key])) if key in sold and key not in said_here else []
        if differ:
            message = (
                f'the contract\'s own price "{key}" was agreed for another {", ".join(differ)} '
                f'than "{key}" has then; give it up with plan_prices: ["{key}"], or agree on '
                "another one"
            )
            yield Problem(code="wrong_value", message=message, field=path)


def _place(taken: Iterable[AddOn], plan: PlanVersion) -> str:
    """Return where an add-on is named; the plan is what does not fit one that stands already."""
    keys = [each.plan for each in taken]
    return f"add_ons[{keys.index(plan.plan)}].plan" if plan.plan in keys else "plan"


def _misplaced(add_on: PlanVersion, plan: PlanVersion) -> Iterator[str]:
    """Yield why an add-on may not be taken beside a plan."""
    name = f'plan "{add_on.plan}" version {add_on.version}'
    if not add_on.add_on:
        yield f"{name} is no add-on; change the contract to it, or declare it with add_on: true"
    elif add_on.adds_to and plan.plan not in add_on.adds_to:
        yield f'{name} adds to {", ".join(add_on.adds_to)}, not to plan "{plan.plan}"'
    elif add_on.interval != plan.interval:
        yield f'{name} and plan "{plan.plan}" beside it must have one interval'
    elif add_on.currency != plan.currency:
        yield f'{name} and plan "{plan.plan}" beside it must be in one currency'
    elif add_on.prices_include_tax is not plan.prices_include_tax:
        yield f'{name} and plan "{plan.plan}" do not both hold taxes in their prices'


def _unknown_quantities(
    quantities: Quantities, sold: Mapping[PriceKey, Price], plan: PlanVersion, path: str
) -> Iterator[Problem]:
    takes = {price.key for price in sold.values() if own_quantities(price)}
    for key, _ in quantities:
        if key not in takes:
            message = (
                f'plan "{plan.plan}" version {plan.version} has no price "{key}" that is taken in '
                f"a quantity{suggestion(key, takes)}"
            )
            yield Problem(code="unknown_reference", message=message, field=f"{path}.{key}")


def _unfit_amounts(
    change: ContractChange, sold: Mapping[PriceKey, Price], path: str
) -> Iterator[Problem]:
    """Yield amounts by hand of prices that are not sold then, or that have no such quantity."""
    for index, fact in enumerate(change.amounts):
        place, price = f"{path}[{index}]", sold.get(fact.price)
        if price is None:
            message = f'there is no price "{fact.price}" then{suggestion(fact.price, sold)}'
            yield Problem(code="unknown_reference", message=message, field=f"{place}.price")
        elif len(fact.group) != len(price.group_by):
            message = f'"group" must name {len(price.group_by)} values, as price "{price.key}" does'
            yield Problem(code="wrong_value", message=message, field=f"{place}.group")
        elif (
            fact.quantity is not None and fact.unit_price is None and price.need is not Need.NOTHING
        ):
            message = f'price "{price.key}" needs more than a quantity; say unit_price or amount'
            yield Problem(code="wrong_value", message=message, field=f"{place}.quantity")


def _unfit_fees(
    change: ContractChange, sold: Mapping[PriceKey, Price], path: str
) -> Iterator[Problem]:
    for index, fee in enumerate(change.fees):
        if fee.key in sold:
            message = f'price "{fee.key}" is sold already; give what is charged once its own key'
            yield Problem(code="duplicate_key", message=message, field=f"{path}[{index}].key")


def _repeated_fees(merged: Subscription) -> frozenset[PriceKey]:
    """Return the keys of fees that a contract is charged more than once."""
    keys = [fee.key for change in merged.changes for fee in change.fees]
    return frozenset(key for key in keys if keys.count(key) > 1)


def _unmet_needs(
    prices: Iterable[Price],
    sold: Mapping[PriceKey, Price],
    meters: Mapping[MeterKey, Meter],
    path: str,
) -> Iterator[Problem]:
    """Yield own prices whose model has to know what the meter cannot tell."""
    for index, price in enumerate(prices):
        meter = None if price.meter is None else meters.get(price.meter)
        if price.key not in sold or (price.meter is not None and meter is None):
            continue
        if unmet := unmet_need(price, meter):
            message = f'"model": {unmet}'
            yield Problem(code="wrong_value", message=message, field=f"{path}[{index}].model")


def _unknown_prices(
    prices: Iterable[Price], sold: Mapping[PriceKey, Price], plan: PlanVersion, path: str
) -> Iterator[Problem]:
    for index, price in enumerate(prices):
        stands_for = sold.get(price.key)
        if stands_for is None:
            message = (
                f'plan "{plan.plan}" version {plan.version} has no price "{price.key}" in whose '
                f"place this could stand{suggestion(price.key, sold)}"
            )
            yield Problem(code="unknown_reference", message=message, field=f"{path}[{index}].key")
            continue
        for name in own_prices(price, stands_for):
            message = f'"{name}" must be that of the price in whose place this stands'
            yield Problem(code="wrong_value", message=message, field=f"{path}[{index}].{name}")
