"""
Where removal may begin: the latest instant below which nothing is needed any more.

    closed before   periods of those who count the type   removed before
    April 16        March issued, April runs              April 1: April's usage reaches across
    April 16        March not issued                      March 1
    April 16        nobody bills the type                 April 16

A period that begins before the cut ends at or before the close, so no fact can change it any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """
    What keeps usage from being removed.

    Attributes:
        code: machine-readable, such as ``open_period``.
        message: for people.
        since: usage from this instant on is kept for it; None: all usage of the type.
    """

    code: str
    message: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """
    Where removal of a type may begin.

    Attributes:
        closed_before: nothing used before is taken any more.
        removed_before: what was used before may go; None: nothing may.
        obstacles: what holds it back, the strictest first.
    """

    event_type: str
    closed_before: datetime
    removed_before: datetime | None
    obstacles: tuple[Obstacle, ...] = ()


def cut_of(event_type: str, *, closed_before: datetime, obstacles: Iterable[Obstacle]) -> Cut:
    """
    Return the cut of a type.

    Example:
        >>> from datetime import UTC
        >>> first, second = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4))
        >>> late = Obstacle(code="open_period", message="", since=second)
        >>> early = Obstacle(code="not_issued", message="", since=first)
        >>> cut = cut_of("call", closed_before=datetime(2026, 4, 16, tzinfo=UTC),
        ...              obstacles=[late, early])
        >>> cut.removed_before == first, cut.obstacles[0].code
        (True, 'not_issued')
    """
    binding = [each for each in obstacles if each.since is None or each.since < closed_before]
    ordered = sorted(
        binding, key=lambda each: (each.since is not None, each.since or closed_before)
    )
    if not ordered:
        return Cut(event_type=event_type, closed_before=closed_before, removed_before=closed_before)
    return Cut(
        event_type=event_type,
        closed_before=closed_before,
        removed_before=ordered[0].since,
        obstacles=tuple(ordered),
    )
