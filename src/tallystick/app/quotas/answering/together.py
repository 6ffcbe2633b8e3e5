"""
Several limits on one meter, decided together: a use counts in each of them, or in none.

    exports: 10 a day, and 100 a month    the eleventh of a day is refused by the day
                                          the hundred and first of a month by the month

A use is one event, and every feature that its meter counts counts it.  It is allowed where all
allow it; of several that refuse, the one that holds longest is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from tallystick.app.quotas.answering.effects import (
    limits_beside,
    use_beyond,
    use_now,
    verdict_of,
)
from tallystick.app.quotas.asks import Check, Consume, Decision, Reserve
from tallystick.app.quotas.desk import Desk
from tallystick.app.quotas.limits import KnownLimit
from tallystick.app.quotas.phrasing import decision
from tallystick.quotas import Reason, Verdict, grantable

_NEVER = datetime.max.replace(tzinfo=UTC)
_PLAIN = frozenset({Reason.WITHIN_LIMIT, Reason.UNLIMITED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """
    What each limit says of a use.

    Attributes:
        known: the limit that was asked for.
        parts: that limit and the others on its meter, each with its verdict.
        at: when it is used.
    """

    known: KnownLimit
    parts: Sequence[tuple[KnownLimit, Verdict]]
    at: datetime

    @property
    def told(self) -> tuple[KnownLimit, Verdict]:
        """Return the limit that decides: one that refuses, else one that is passed."""
        refused = [part for part in self.parts if not part[1].allowed]
        if refused:
            return max(refused, key=lambda part: part[1].retry_at or _NEVER)
        passed = [part for part in self.parts if part[1].reason not in _PLAIN]
        return (*passed, *self.parts)[0]

    @property
    def allowed(self) -> bool:
        """Tell whether all allow it."""
        return all(verdict.allowed for _, verdict in self.parts)

    def count(self, quantity: Decimal, desk: Desk) -> None:
        """Count the use under each limit, also under those that do not allow what happened."""
        for known, verdict in self.parts:
            if verdict.allowed:
                use_now(known, verdict, quantity, desk, at=self.at)
            else:
                use_beyond(known, quantity, desk, at=self.at)

    def decision(self, ask: Check | Consume | Reserve, desk: Desk) -> Decision:
        """Return what is told: of the limit that decides, with its feature where it is another."""
        known, verdict = self.told
        found = decision(ask, known.limit, verdict, desk)
        if known is self.known:
            return found
        asked, other = self.known.limit.feature, known.limit.feature
        message = f"{found.message} This is the limit of {other}.".lstrip()
        return replace(found, feature=asked, limited_by=other, message=message)


def decide_together(
    ask: Check | Consume | Reserve, known: KnownLimit, desk: Desk, *, at: datetime | None = None
) -> Together:
    """Return what the limits on a meter say of a use, at an instant or now."""
    used_at = at or desk.at
    beside = limits_beside(known, str(ask.account), at=used_at, desk=desk)
    return Together(
        known=known,
        parts=[
            (one, verdict_of(one, ask.quantity, desk, ask.operation)) for one in (known, *beside)
        ],
        at=used_at,
    )


def grantable_together(known: KnownLimit, account: str, *, wanted: Decimal, desk: Desk) -> Decimal:
    """Return how much of what is wanted all limits on a meter leave."""
    beside = limits_beside(known, account, at=desk.at, desk=desk)
    return min(
        grantable(one.limit, desk.tally(one.limit), wanted=wanted) for one in (known, *beside)
    )
