"""Restrictions that slow: the slowest rate holds, and no limit that is granted is passed by it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tallystick.catalog import (
    Feature,
    FeatureKind,
    Overage,
    OverageAction,
    RateUnit,
    Throttle,
)
from tallystick.entitlements import Entitled, Restriction, RestrictionSource, restricted
from tallystick.kernel import AccountKey, MeterKey
from tests.invoicing.contract import day

CALLS = Feature(key="calls", kind=FeatureKind.METERED, meter=MeterKey("calls"))
GRANTED = Entitled(feature=CALLS, enabled=True, limit=Decimal(500))
SLOW = Restriction(
    id="slow",
    account=AccountKey("acme"),
    feature="calls",
    throttle=Throttle(limit=Decimal(90), per=RateUnit.MINUTE),
    reason="abuse",
    source=RestrictionSource.PROTECTION,
    start=day("2026-03-01"),
)


@pytest.mark.parametrize(
    ("overage", "never_passed"),
    [
        (None, "500"),
        (Overage(action=OverageAction.BLOCK, hard_limit=Decimal(600)), "500"),
        (Overage(action=OverageAction.CHARGE), None),
        (Overage(action=OverageAction.NOTIFY, hard_limit=Decimal(600)), "600"),
    ],
)
def test_slowed_use_passes_no_limit_that_held_before(
    overage: Overage | None, never_passed: str | None
) -> None:
    """A limit that blocks is the most that may be used slowly; one that lets pass is none."""
    found, by = restricted(replace(GRANTED, overage=overage), [SLOW])
    assert (found.limit, by) == (Decimal(0), SLOW)
    assert found.overage is not None
    assert found.overage.throttle == SLOW.throttle
    expected = None if never_passed is None else Decimal(never_passed)
    assert found.overage.hard_limit == expected


def test_the_slowest_holds_a_lower_limit_too_and_off_before_all() -> None:
    """Two each second are more than 90 each minute; a limit of 20 is not passed slowly."""
    fast = replace(SLOW, id="fast", throttle=Throttle(limit=Decimal(2), per=RateUnit.SECOND))
    least = replace(SLOW, id="least", throttle=None, limit=Decimal(20))
    found, by = restricted(GRANTED, [fast, SLOW, least])
    assert by == SLOW
    assert found.overage is not None
    assert found.overage.hard_limit == Decimal(20)
    off = replace(SLOW, id="off", throttle=None)
    found, by = restricted(GRANTED, [fast, SLOW, off])
    assert (found.enabled, by) == (False, off)


def test_what_is_not_counted_is_not_slowed() -> None:
    """A level has no rate; a restriction of all features leaves it as it is."""
    level = replace(GRANTED, feature=Feature(key="users", kind=FeatureKind.LEVEL, unit="user"))
    assert restricted(level, [replace(SLOW, feature="users")]) == (level, None)
