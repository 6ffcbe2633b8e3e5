"""
How a legal entity says which exchange rates its documents use.

    exchange_rates: {source: ecb, age_days_max: 7, digits: 12}
    conversion_prices: {source: own, age_days_max: 366}

What is left out is as usual: rates of the European Central Bank at most seven days old, and prices
of custom units from a table of one's own.
"""

from tallystick.catalog.fields import KEY, WHOLE, Fields, Kind
from tallystick.currency import RateRule
from tallystick.kernel import Misuse


def _age(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


_AGE = Kind(convert=_age, expected="a whole number of days such as 7", stand_in=0)


def read_rate_rule(fields: Fields, name: str, *, default: RateRule) -> RateRule:
    """Read which rates may be used; noted is a rule that cannot be."""
    if not fields.has(name):
        return default
    part = fields.inside(name)
    source = part.read_or("source", KEY, default.source)
    age = part.read_or("age_days_max", _AGE, default.age_days_max)
    digits = part.read_or("digits", WHOLE, default.digits)
    part.finish()
    try:
        return RateRule(source=source, age_days_max=age, digits=digits)
    except Misuse as error:
        fields.note("wrong_value", f'"{name}": {error}', name)
        return default


def rate_rule_document(rule: RateRule, usual: RateRule) -> dict[str, object] | None:
    """Write a rule; None where it is the usual one."""
    if rule == usual:
        return None
    return {"source": rule.source, "age_days_max": rule.age_days_max, "digits": rule.digits}
