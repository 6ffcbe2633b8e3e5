"""
The movements by which a line takes credit: one for its service, one for what came behind it.

A lot that holds something for the service is used then, also if it has ended since. What only holds
something as the document is issued, or holds more then, is used as of that instant: it was given
behind the service, and pays what is issued while it stands.

    calls of January, 70.00, issued on February 2
    granted on January 1    50.00 until February 1    taken for January 31, the last instant
    granted on February 1   50.00                     20.00 are taken as of February 2

A grant that comes anew each period is for what is used in each: it pays no service before.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from tallystick.credits import (
    CreditHistory,
    Lot,
    LotId,
    Movement,
    MovementKind,
    Part,
    Supply,
    Treatment,
    of_grants,
    supplies_at,
)

LOWERING = frozenset({Treatment.DISCOUNT, Treatment.PREPAID_TAXED})
_BEHIND = "/issued"
_NOTHING = Decimal(0)


def supplies(history: CreditHistory, at: datetime, asked: datetime | None) -> tuple[Supply, ...]:
    """
    Return the lots that may lower a line, with the most that is free of each, in burn order.

    Args:
        history: what is known of the credit.
        at: for which instant the service asks.
        asked: that of issue; None: the service's alone counts.
    """
    found = {one.lot.id: one for one in supplies_at(history, at, _lowers)}
    if asked is not None and asked > at:
        for one in supplies_at(history, asked, _lowers_behind):
            known = found.get(one.lot.id)
            if known is None or known.free < one.free:
                found[one.lot.id] = one
    return tuple(sorted(found.values(), key=lambda one: one.lot.order))


def taking(
    history: CreditHistory,
    of: tuple[str, str],
    parts: Sequence[Part],
    *,
    at: datetime,
    asked: datetime | None,
) -> tuple[Movement, ...]:
    """
    Return the movements by which a line takes parts of lots: for its service, then as of issue.

    Args:
        history: what is known before.
        of: the id of the line, and the document.
        parts: what it takes, in burn order.
        at: for which instant the service asks.
        asked: that of issue, where it counts.
    """
    free = _free(history, parts, at) if asked is not None and asked > at else None
    served = [one for one in parts if free is None or one.amount <= free.get(one.lot, _NOTHING)]
    behind = [one for one in parts if one not in served]
    line, document = of
    return tuple(
        Movement(key=key, kind=MovementKind.BURNED, at=when, parts=tuple(some), source=document)
        for key, when, some in ((line, at, served), (f"{line}{_BEHIND}", asked or at, behind))
        if some
    )


def names_of(line: str) -> tuple[str, str]:
    """Return the names of the movements by which a line takes credit."""
    return (line, f"{line}{_BEHIND}")


def line_of(movement: str) -> str:
    """Return the id of the line by which, or for which, a document moved credit."""
    return movement.partition("/")[0]


def _free(history: CreditHistory, parts: Sequence[Part], at: datetime) -> Mapping[LotId, Decimal]:
    concerned = of_grants(history, {one.lot.grant for one in parts})
    return {one.lot.id: one.free for one in supplies_at(concerned, at)}


def _lowers(lot: Lot) -> bool:
    return lot.grant.treatment in LOWERING


def _lowers_behind(lot: Lot) -> bool:
    return _lowers(lot) and lot.grant.recurs is None
