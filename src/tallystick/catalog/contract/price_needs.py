"""What a price's model has to know besides a quantity, and whether its meter can tell."""

from tallystick.kernel import IntervalUnit
from tallystick.metering import RULES, Meter, definitions_of, has_levels, has_transactions
from tallystick.pricing import Need, Price

_WANTED = {
    Need.PARTS: "adds up over time",
    Need.CHANGES: "is time_weighted",
    Need.RUNS: "is time_weighted and takes no negative levels",
}
_EVENTS = "counts or sums single events"
_TOGETHER = "adds up over accounts"


def unmet_need(price: Price, meter: Meter | None) -> str | None:
    """
    Return why a price could never be billed by a meter; None where it can.

    Args:
        price: whose model needs something, or nothing.
        meter: None: it is taken in a quantity, of which nothing else is known.
    """
    wanted = _TOGETHER if price.shares_tiers else _WANTED.get(price.need, _EVENTS)
    if meter is None:
        if price.need is Need.NOTHING:
            return None
        return f"is missing: this price needs a meter that {wanted}"
    if _tells(meter, price.need) and (not price.shares_tiers or _adds(meter)):
        return None
    return f'this price needs a meter that {wanted}; "{meter.key}" does not'


def unbillable_interval(price: Price) -> str | None:
    """Return why a price cannot have its interval: no day ends within an hour."""
    if price.interval is not None and price.interval.of is IntervalUnit.HOUR:
        return '"interval" of a price is at least a day; bill the plan by the hour instead'
    return None


def _tells(meter: Meter, need: Need) -> bool:
    match need:
        case Need.NOTHING:
            return True
        case Need.COUNT | Need.TRANSACTIONS:
            return has_transactions(meter)
        case Need.PARTS:
            return _adds(meter)
        case Need.CHANGES:
            return has_levels(meter)
        case Need.RUNS:
            negative = any(each.negative_allowed for each in definitions_of(meter))
            return has_levels(meter) and not negative


def _adds(meter: Meter) -> bool:
    return RULES[meter.aggregation].adds
