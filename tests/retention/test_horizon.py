"""The retention horizon follows from rules, floors and the clock."""

from datetime import UTC, datetime, timedelta

import pytest

from tallystick.retention import RetentionFloor, RetentionRule, horizons_of

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def rule(event_type: str, days: int) -> RetentionRule:
    """Return a rule that stands since long."""
    return RetentionRule(event_type=event_type, days=days, set_at=NOW - timedelta(days=9))


def floor(event_type: str, days: int) -> RetentionFloor:
    """Return a floor so many days before the present."""
    at = NOW - timedelta(days=days)
    return RetentionFloor(event_type=event_type, closed_before=at, removed_before=at)


@pytest.mark.parametrize(
    ("rules", "floors", "days"),
    [
        ([], [], 36_525),
        ([rule("*", 30)], [], 30),
        ([rule("*", 30), rule("call", 90)], [], 90),
        ([rule("*", 30), rule("call", 0)], [], 36_525),
        ([rule("job", 30)], [], 36_525),
        ([], [floor("call", 50)], 50),
        ([rule("call", 90)], [floor("call", 50)], 50),
        ([rule("call", 20)], [floor("call", 50)], 20),
        ([rule("*", 90)], [floor("job", 50)], 90),
        ([rule("*", 0)], [floor("call", 50)], 50),
    ],
)
def test_own_rule_before_the_general_and_no_way_back(
    rules: list[RetentionRule], floors: list[RetentionFloor], days: int
) -> None:
    """A type's own rule goes before the one for `*`; a floor stays where a rule would go back."""
    assert horizons_of(rules, floors, at=NOW).of("call") == NOW - timedelta(days=days)


def test_strictest_is_the_latest_of_all() -> None:
    """What was used from the strictest horizon on is taken whatever its type."""
    found = horizons_of([rule("*", 60), rule("call", 90), rule("job", 7)], at=NOW)
    assert found.strictest == NOW - timedelta(days=7)
