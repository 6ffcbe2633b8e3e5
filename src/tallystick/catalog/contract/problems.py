"""
What a contract may agree on in time.

A quantity is of a price that is taken in a quantity, in the plan in force then; a contract does not
move between plans whose prices hold their taxes and plans whose prices do not.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace

from tallystick.catalog.catalog import Catalog
from tallystick.catalog.documents import joined
from tallystick.catalog.fields import suggestion
from tallystick.catalog.plan import PlanVersion
from tallystick.catalog.subscription import Quantities, Subscription
from tallystick.kernel import PlanKey, Problem
from tallystick.pricing import FlatPrice

_Plans = Mapping[tuple[PlanKey, int], PlanVersion]


def contract_problems(
    declared: Catalog, merged: Catalog, *, plans: _Plans, paths: Mapping[tuple[str, Hashable], str]
) -> Iterator[Problem]:
    """
    Yield a problem for each declared quantity or plan that does not fit the contract.

    Args:
        declared: subscriptions as their documents have them.
        merged: the same with the changes that stand.
        plans: all plan versions.
        paths: of each document.

    Problems:
        unknown_reference, wrong_value.
    """
    for key, one in declared.subscriptions.items():
        for problem in _problems(one, merged.subscriptions[key], plans):
            yield replace(problem, field=joined(paths["subscriptions", key], problem.field))


def _problems(declared: Subscription, merged: Subscription, plans: _Plans) -> Iterator[Problem]:
    plan = first = plans.get((merged.plan, merged.version))
    yield from _unfit(declared.quantities, plan, "quantities")
    for change in merged.changes:
        if change.plan is not None and change.version is not None:
            plan = plans.get((change.plan, change.version))
        if change in declared.changes:
            index = declared.changes.index(change)
            if plan and first and plan.prices_include_tax is not first.prices_include_tax:
                message = (
                    f'plan "{plan.plan}" and plan "{first.plan}" of the same contract do not both '
                    "hold taxes in their prices; end the subscription and start another"
                )
                yield Problem(code="wrong_value", message=message, field=f"changes[{index}].plan")
            yield from _unfit(change.quantities, plan, f"changes[{index}].quantities")


def _unfit(quantities: Quantities, plan: PlanVersion | None, path: str) -> Iterator[Problem]:
    if plan is None:
        return
    takes = {
        price.key
        for price in plan.prices
        if price.meter is None and not isinstance(price.model, FlatPrice)
    }
    for key, _ in quantities:
        if key not in takes:
            message = (
                f'plan "{plan.plan}" version {plan.version} has no price "{key}" that is taken in '
                f"a quantity{suggestion(key, takes)}"
            )
            yield Problem(code="unknown_reference", message=message, field=f"{path}.{key}")
