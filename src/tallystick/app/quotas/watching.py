"""Who is told, in the same transaction, that counters changed or something was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from tallystick.app.unit_of_work import UnitOfWork
from tallystick.quotas import Limit, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterChange:
    """What is used of a limit before and after."""

    limit: Limit
    before: Decimal
    after: Decimal
    trace_id: str = ""


WATCHED = frozenset(
    {
        Reason.GRACE,
        Reason.OVERAGE,
        Reason.THROTTLE,
        Reason.LIMIT_REACHED,
        Reason.HARD_LIMIT,
        Reason.RATE_EXCEEDED,
        Reason.RESTRICTED,
    }
)
"""What is told of decisions: those that were not plainly within a limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforced:
    """Something that was not plainly within a limit: refused, throttled, or let through beyond."""

    limit: Limit
    account: str
    reason: Reason
    trace_id: str = ""


class Watching(Protocol):
    """Makes alerts and facts of what happens to counters."""

    def changed(self, changes: Sequence[CounterChange], *, at: datetime, uow: UnitOfWork) -> None:
        """Take changes of what is used."""
        ...

    def enforced(self, enforced: Sequence[Enforced], *, at: datetime, uow: UnitOfWork) -> None:
        """Take what limits decided."""
        ...


class Unwatched:
    """Tells nobody."""

    def changed(self, changes: Sequence[CounterChange], *, at: datetime, uow: UnitOfWork) -> None:
        """Leave it."""

    def enforced(self, enforced: Sequence[Enforced], *, at: datetime, uow: UnitOfWork) -> None:
        """Leave it."""
