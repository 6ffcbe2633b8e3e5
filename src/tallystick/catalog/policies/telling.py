"""
A plan version as a quota policy: what can be said in one, and what cannot.

Source: docs/decisions/0041, which also says what each field becomes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from tallystick.catalog.features import (
    NO_GRACE,
    Entitlement,
    Feature,
    FeatureKind,
    Overage,
    OverageAction,
)
from tallystick.catalog.plan import Alignment, PlanVersion, Proration
from tallystick.catalog.policies.form import LISTED, Leaf, document_of
from tallystick.catalog.policies.names import Named, named_features
from tallystick.catalog.policies.rates import money_in, rate_leaves
from tallystick.kernel import EXACT, IntervalUnit, MeterKey, currency
from tallystick.metering import Meter
from tallystick.pricing import FlatPrice, Price

CYCLES = {
    IntervalUnit.DAY: "daily",
    IntervalUnit.WEEK: "weekly",
    IntervalUnit.MONTH: "monthly",
    IntervalUnit.QUARTER: "quarterly",
    IntervalUnit.YEAR: "yearly",
}
UNLIMITED = "unlimited"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPlan:
    """
    A plan version as a quota policy.

    Attributes:
        document: the policy; whole numbers are int, all others Decimal in the scale written.
        untold: what the plan holds and a policy cannot say, for people.
    """

    document: Mapping[str, object]
    untold: tuple[str, ...]


def policy_of_plan(
    plan: PlanVersion, features: Mapping[str, Feature], meters: Mapping[MeterKey, Meter]
) -> ToldPlan:
    """
    Return a plan version as a quota policy.

    Args:
        plan: with its prices.
        features: at least those that it grants.
        meters: at least those of the features.
    """
    untold: list[str] = []
    named = {one.feature.key: one for one in named_features(features.values(), meters)}
    leaves = [
        Leaf(path="plan_id", value=str(plan.plan)),
        Leaf(path="plan_name", value=plan.name),
        *_granted(plan, named, untold),
        *_overages(plan, named),
        *_billing(plan, named, untold),
    ]
    untold += _settings(plan)
    return ToldPlan(document=document_of(leaves, plan.policy_form), untold=tuple(untold))


def in_policy(named: Named, number: Decimal) -> Decimal:
    """Return a granted number as the policy counts it."""
    times, by = named.factors
    return EXACT.divide(EXACT.multiply(number, Decimal(by)), Decimal(times)).normalize(EXACT)


def _granted(plan: PlanVersion, named: Mapping[str, Named], untold: list[str]) -> Iterator[Leaf]:
    for one in plan.entitlements:
        of = named[one.feature]
        if not one.enabled or one.adds or one.burst is not None or one.value:
            untold.append(f'what is granted of "{one.feature}" (off, added, a burst or a word)')
        elif of.feature.kind is FeatureKind.SWITCH:
            yield Leaf(path=f"entitlements.features{LISTED}", value=of.name)
        elif not of.limit:
            untold.append(f'"{one.feature}": its window')
        else:
            limit = UNLIMITED if one.limit is None else _whole(in_policy(of, one.limit))
            yield Leaf(path=f"entitlements.{of.limit}", value=limit)


def _overages(plan: PlanVersion, named: Mapping[str, Named]) -> Iterator[Leaf]:
    for one in plan.entitlements:
        if one.overage is not None and named[one.feature].limit:
            yield from _overage(one, one.overage, named[one.feature], plan)


def _overage(
    granted: Entitlement, overage: Overage, of: Named, plan: PlanVersion
) -> Iterator[Leaf]:
    path = f"overage_policy.{of.name}"
    operation = f"_{overage.operation}" if overage.operation else ""
    is_charged = any(price.meter == of.feature.meter for price in plan.prices if price.meter)
    implied = overage == Overage(action=OverageAction.CHARGE) and is_charged
    yield Leaf(path=f"{path}.action", value=overage.action.value + operation, optional=implied)
    if overage.throttle is not None:
        throttle = overage.throttle
        rate = f"{format(throttle.limit, 'f')}_per_{throttle.per.value}"
        yield Leaf(path=f"{path}.throttle_rate", value=rate)
        if throttle.burst is not None:
            yield Leaf(path=f"{path}.throttle_burst", value=_whole(throttle.burst))
    yield Leaf(path=f"{path}.notification", value=overage.notify, optional=overage.notify)
    level = of.feature.kind is FeatureKind.LEVEL
    for name, usual in (("auto_upgrade_offer", not level), ("upgrade_prompt", level)):
        optional = not overage.offer or not usual or _says_other(plan, path, name)
        yield Leaf(path=f"{path}.{name}", value=overage.offer, optional=optional)
    yield from _bounds(granted, overage, of, path)


def _says_other(plan: PlanVersion, path: str, name: str) -> bool:
    """Tell whether the form of a plan calls an offer by its other name."""
    other = "upgrade_prompt" if name == "auto_upgrade_offer" else "auto_upgrade_offer"
    return any(at == f"{path}.{other}" for at, _ in plan.policy_form)


def _bounds(granted: Entitlement, overage: Overage, of: Named, path: str) -> Iterator[Leaf]:
    grace = overage.grace
    if grace != NO_GRACE:
        if grace.days is not None:
            yield Leaf(path=f"{path}.grace_period_days", value=Decimal(grace.days))
        if grace.percent is not None:
            yield Leaf(path=f"{path}.grace_percent", value=_whole(grace.percent))
        if grace.units is not None:
            yield Leaf(path=f"{path}.grace_units", value=_whole(in_policy(of, grace.units)))
    if overage.hard_limit is not None and granted.limit is not None:
        yield Leaf(path=f"{path}.hard_limit", value=_whole(in_policy(of, overage.hard_limit)))
    if overage.upgrade_to:
        yield Leaf(path=f"{path}.upgrade_to", value=overage.upgrade_to)


def _billing(plan: PlanVersion, named: Mapping[str, Named], untold: list[str]) -> Iterator[Leaf]:
    digits = currency(plan.currency).exponent
    fees = [one for one in plan.prices if _is_fee(one)]
    base = next((one.model.amount for one in fees if isinstance(one.model, FlatPrice)), Decimal(0))
    yield Leaf(path="billing.model", value="subscription")
    cycle = CYCLES.get(plan.interval.of) if plan.interval.count == 1 else None
    if cycle is None:
        untold.append(f"the interval of {plan.interval.count} {plan.interval.of.value}s")
    yield Leaf(path="billing.cycle", value=cycle or "monthly")
    yield Leaf(path="billing.base_price", value=money_in(base, digits))
    yield Leaf(path="billing.currency", value=plan.currency)
    charged = {}
    for price in plan.prices:
        found = tuple(rate_leaves(price, plan, named, digits))
        charged[price.key] = found
        yield from found
    untold += [
        f'price "{one.key}"' for one in plan.prices if one not in fees[:1] and not charged[one.key]
    ]
    yield Leaf(path="billing.proration", value=plan.proration is not Proration.NONE)
    if plan.proration is Proration.SECOND:
        untold.append("proration by the second")


def _is_fee(price: Price) -> bool:
    """Tell whether a price is what a policy calls the base price."""
    return isinstance(price.model, FlatPrice) and price == Price(
        key=price.key, model=price.model, currency=price.currency, cadence="advance"
    )


def _settings(plan: PlanVersion) -> Iterator[str]:
    told = {
        "that it is an add-on": plan.add_on,
        "alignment": plan.alignment is not Alignment.CALENDAR,
        "that prices include tax": plan.prices_include_tax,
        "at_period_end": plan.at_period_end,
        "thresholds": plan.thresholds,
        "product": plan.product,
        "payment_days": plan.payment_days is not None,
        "its price book": plan.price_book,
    }
    yield from (name for name, is_said in told.items() if is_said)


def _whole(number: Decimal) -> Decimal:
    """Return a number without an exponent."""
    return Decimal(format(number, "f"))
