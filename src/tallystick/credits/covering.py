"""
How much of what is to be paid or rated credit covers, and which lot pays which part.

Lots are asked in burn order. Each covers as much as it can without those before it covering less;
for that it may take the place of an earlier lot at one need, if that lot can serve another instead.
In this way the whole covered is the most that is possible, whatever the order of the needs:

    lot P 10.00 for anything, lot S 10.00 for the base fee
    needs: base fee 10.00, calls 10.00

        P pays the base fee first; S can pay nothing else; so P goes over to the calls
        P 10.00 calls, S 10.00 base fee: all covered

Where a lot has a choice it serves needs in their order.

Source: the greedy choice is best because what sets of lots can cover together is a polymatroid
(Edmonds, 1970); moving an earlier lot over is an augmenting path (Ford and Fulkerson, 1956).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from tallystick.credits.burning import whole_part
from tallystick.credits.grant import Holding, Use
from tallystick.credits.lots import LotId
from tallystick.credits.standing import Supply
from tallystick.kernel import EXACT

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """
    What credit is wanted for.

    Attributes:
        amount: 0 or more; in major units of a currency or in a unit. Of a currency only whole
            minor units are covered.
        of: what it is in; only grants that hold the same may cover it.
        use: for which price, plan and meter.
    """

    amount: Decimal
    of: Holding
    use: Use


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """That a lot covers so much, above 0, of a need; ``need`` is its place among those asked."""

    need: int
    lot: LotId
    amount: Decimal


def cover(needs: Sequence[Need], supplies: Sequence[Supply]) -> tuple[Cover, ...]:
    """
    Return which lots cover which parts of needs, in the order of the needs, then of the lots.

    Args:
        needs: what is wanted, in the order in which lots with a choice serve them.
        supplies: the lots that may be used, in burn order (`supplies_at`). What is less than the
            smallest part of a currency is left where it is.

    Example:
        >>> cover([], [])
        ()
    """
    plan = _Plan(needs, supplies)
    for place in range(len(supplies)):
        plan.spend(place)
    return tuple(
        Cover(need=need, lot=supplies[place].lot.id, amount=amount)
        for need, place, amount in plan.parts()
    )


class _Plan:
    """Who covers what so far; ``paid`` is by need and by place of the lot."""

    def __init__(self, needs: Sequence[Need], supplies: Sequence[Supply]) -> None:
        self._supplies = supplies
        self._open = [whole_part(need.amount, need.of) for need in needs]
        self._paid: list[dict[int, Decimal]] = [{} for _ in needs]
        self._needs = needs

    def parts(self) -> list[tuple[int, int, Decimal]]:
        """Return what is covered, by need and by lot in burn order."""
        return [
            (need, place, amount)
            for need, paid in enumerate(self._paid)
            for place, amount in sorted(paid.items())
            if amount > 0
        ]

    def spend(self, place: int) -> None:
        """Let a lot cover what it can."""
        supply = self._supplies[place]
        left = whole_part(supply.free, supply.lot.grant.of)
        while left > 0:
            path = self._path(place)
            if not path:
                return
            left = EXACT.subtract(left, self._shift(path, left))

    def _serves(self, place: int) -> list[int]:
        grant = self._supplies[place].lot.grant
        return [
            number
            for number, need in enumerate(self._needs)
            if need.of == grant.of and grant.serves(need.use)
        ]

    def _path(self, place: int) -> list[tuple[int, int]]:
        """
        Return a way from a lot to a need that is open: (lot, need it would serve), and so on.

        Each further lot gives up its place at the need before and serves the one beside it. The
        shortest way is taken, by the order of needs. Empty: there is none.
        """
        came: dict[int, tuple[int, int | None]] = {}
        queue: list[tuple[int, int | None]] = [(place, None)]
        asked = {place}
        for lot, behind in queue:
            for need in self._serves(lot):
                if need in came:
                    continue
                came[need] = (lot, behind)
                if self._open[need] > 0:
                    return _traced(came, need)
                for other in sorted(self._paid[need]):
                    if other not in asked and self._paid[need][other] > 0:
                        asked.add(other)
                        queue.append((other, need))
        return []

    def _shift(self, path: Sequence[tuple[int, int]], most: Decimal) -> Decimal:
        """Move as much as possible along a way, and return how much that is."""
        last = path[-1][1]
        given_up = [self._paid[need][lot] for (_, need), (lot, _) in pairwise(path)]
        moved = min(most, self._open[last], *given_up)
        for step, (lot, need) in enumerate(path):
            self._add(need, lot, moved)
            if step + 1 < len(path):
                self._add(need, path[step + 1][0], EXACT.minus(moved))
        self._open[last] = EXACT.subtract(self._open[last], moved)
        return moved

    def _add(self, need: int, place: int, amount: Decimal) -> None:
        self._paid[need][place] = EXACT.add(self._paid[need].get(place, _NOTHING), amount)


def _traced(came: dict[int, tuple[int, int | None]], need: int) -> list[tuple[int, int]]:
    path: list[tuple[int, int]] = []
    at: int | None = need
    while at is not None:
        lot, behind = came[at]
        path.append((lot, at))
        at = behind
    return path[::-1]
