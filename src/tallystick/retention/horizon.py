"""
The retention horizon: the instant before which usage of an event type is taken no more.

A rule says for how many days of age events of a type are taken and kept; the rule for ``*`` is for
all types without one of their own, and a rule of 0 days keeps a type for ever. Without any rule
everything is kept. The horizon moves with the clock; a **floor** is what was fixed when events were
removed: it never moves back, whatever the rules become, so that nothing that was removed can be
sent again and count twice.

    rules            at                     horizon of http.request   of job.done
    (none)           2026-07-01T00:00:00Z   for ever                  for ever
    * 30             2026-07-01T00:00:00Z   2026-06-01T00:00:00Z      2026-06-01T00:00:00Z
    and job.done 0   2026-07-01T00:00:00Z   2026-06-01T00:00:00Z      for ever

Source: the project's semantics, "accepted up to the retention horizon, beyond it too_old".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

EVERY_TYPE = "*"
FOR_EVER = 0
DAYS_MAX = 36_525
"""A hundred years: as long as anything is taken where no rule says less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """
    How long events of a type are taken and kept.

    Attributes:
        event_type: a CloudEvents type, or ``*`` for all that have no rule of their own.
        days: of 24 hours, counted from the instant of use; 0 for ever.
        set_at: since when the rule stands.
    """

    event_type: str
    days: int
    set_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionFloor:
    """
    Before which instants the usage of an event type is closed, for good.

    Attributes:
        event_type: a CloudEvents type.
        closed_before: nothing used before is taken, voided or amended.
        removed_before: of what was used before, the content may be gone; at or before the other.
    """

    event_type: str
    closed_before: datetime
    removed_before: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizons:
    """
    The first instants of use that are still taken.

    Attributes:
        otherwise: for types that ``by_type`` does not name.
        by_type: for the others.
    """

    otherwise: datetime
    by_type: Mapping[str, datetime] = field(default_factory=dict)

    def of(self, event_type: str) -> datetime:
        """Return the first instant of use that is taken for a type."""
        return self.by_type.get(event_type, self.otherwise)

    @property
    def strictest(self) -> datetime:
        """Return the latest of all: what was used from then on is taken whatever its type."""
        return max([self.otherwise, *self.by_type.values()])


def horizons_of(
    rules: Iterable[RetentionRule], floors: Iterable[RetentionFloor] = (), *, at: datetime
) -> Horizons:
    """
    Return the horizons that rules and floors make at an instant.

    Example:
        >>> from datetime import UTC
        >>> now = datetime(2026, 7, 1, tzinfo=UTC)
        >>> rule = RetentionRule(event_type="*", days=30, set_at=now)
        >>> horizons_of([rule], at=now).of("call").isoformat()
        '2026-06-01T00:00:00+00:00'
        >>> horizons_of([], at=now).of("call").year
        1926
    """
    by_rule = {rule.event_type: at - timedelta(days=rule.days or DAYS_MAX) for rule in rules}
    otherwise = by_rule.pop(EVERY_TYPE, at - timedelta(days=DAYS_MAX))
    by_type = dict(by_rule)
    for floor in floors:
        ruled = by_rule.get(floor.event_type, otherwise)
        by_type[floor.event_type] = max(ruled, floor.closed_before)
    return Horizons(otherwise=otherwise, by_type=by_type)


def rule_of(rules: Iterable[RetentionRule], event_type: str) -> RetentionRule | None:
    """
    Return the rule that binds a type: its own, else the one for ``*``, else None.

    Example:
        >>> from datetime import UTC
        >>> rule = RetentionRule(event_type="*", days=30, set_at=datetime(2026, 1, 1, tzinfo=UTC))
        >>> rule_of([rule], "call").days
        30
    """
    by_type = {rule.event_type: rule for rule in rules}
    return by_type.get(event_type, by_type.get(EVERY_TYPE))
