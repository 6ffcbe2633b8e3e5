"""
What a process holds of a limit: slices, each spent until it is used up or has ended.

    slice a: 100 granted, ends in 60 s      31 spent, 69 left
    slice b: 100 granted, taken while a runs low; spent once a cannot pay

A slice never grows and never lasts longer: more is a new slice under a new id, so that an answer
lost on the way can be asked for again. Arithmetic only: time is a parameter, in nanoseconds of a
steady clock; who takes slices and gives them back is `leased`.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from tallystick.kernel import EXACT

USES_MAX = 100_000
"""So many uses of one slice are kept apart; then it is given back, whatever is left of it."""

_subtract = EXACT.subtract
_LOW = Decimal(4)  # renewed when less than a quarter is left, of what was granted or of the time


@dataclass(slots=True, kw_only=True)
class Slice:
    """
    What was granted under one id.

    Attributes:
        granted, left: exact; at first all is left.
        low_below: with less than this left it is time for another.
        began_at, ends_at: when it was asked for, and from when on nothing is decided by it.
        uses: how many times it was spent from.
    """

    lease: str
    granted: Decimal
    began_at: int
    ends_at: int
    left: Decimal = field(init=False)
    low_below: Decimal = field(init=False)
    uses: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Begin with all of it."""
        self.left = self.granted
        self.low_below = EXACT.divide(self.granted, _LOW)

    def can_pay(self, quantity: Decimal | int, at: int) -> bool:
        """Tell whether so much may be decided by it at an instant."""
        return at < self.ends_at and quantity <= self.left and self.uses < USES_MAX

    def is_low(self, at: int) -> bool:
        """Tell whether it is time for another, so that this one need not be waited out."""
        ends_soon = (self.ends_at - at) * _LOW < self.ends_at - self.began_at
        return ends_soon or self.left < self.low_below or self.uses * 2 > USES_MAX


@dataclass(slots=True, kw_only=True)
class Purse:
    """
    The slice that is spent, the one that comes after it, and those that are to be given back.

    Example:
        >>> purse = Purse()
        >>> purse.put(Slice(lease="a", granted=Decimal(10), began_at=0, ends_at=100))
        >>> purse.spend(7, 50).lease, purse.is_low(50), purse.spend(4, 50)
        ('a', False, None)
        >>> purse.put(Slice(lease="b", granted=Decimal(10), began_at=50, ends_at=150))
        >>> purse.spend(4, 50).lease, [each.left for each in purse.take_ended(50)]
        ('b', [Decimal('3')])
        >>> purse.spend(6, 149).left, purse.spend(0, 150)
        (Decimal('0'), None)
    """

    current: Slice | None = None
    following: Slice | None = None
    _ended: list[Slice] = field(default_factory=list)

    def spend(self, quantity: Decimal | int, at: int) -> Slice | None:
        """
        Take so much, 0 or more, of the first slice that has it; None: none has, nothing is taken.

        A quantity is never paid by two slices. The slice that could not pay is to be given back.
        """
        current = self.current
        if current is None:
            return None
        if at < current.ends_at and quantity <= current.left and current.uses < USES_MAX:
            current.left = _subtract(current.left, quantity)
            current.uses += 1
            return current
        following = self.following
        if following is None or not following.can_pay(quantity, at):
            return None
        self._ended.append(current)
        self.current, self.following = following, None
        return self.spend(quantity, at)

    def restore(self, slice_: Slice, quantity: Decimal | int) -> None:
        """Undo a `spend` that could not be written down."""
        slice_.left = EXACT.add(slice_.left, quantity)

    def put(self, slice_: Slice) -> None:
        """Take a new slice; it is spent once those before it cannot pay."""
        if self.current is None:
            self.current = slice_
        else:
            if self.following is not None:
                self._ended.append(self.following)
            self.following = slice_

    def is_low(self, at: int) -> bool:
        """Tell whether another slice should be taken now: what is used runs low."""
        current = self.current
        return (
            current is not None
            and self.following is None
            and current.uses > 0
            and current.is_low(at)
        )

    def take_ended(self, at: int) -> list[Slice]:
        """Return what is to be given back, once: slices passed over, used up, or past their end."""
        if self.current is not None and (self.current.ends_at <= at or not self.current.left):
            self._ended.append(self.current)
            self.current, self.following = self.following, None
        if self.current is not None and self.current.ends_at <= at:
            self._ended.append(self.current)
            self.current = None
        ended, self._ended = self._ended, []
        return ended

    def take_all(self) -> list[Slice]:
        """Return every slice, to be given back; nothing can be spent then."""
        slices = [self.current, self.following, *self._ended]
        self.current, self.following, self._ended = None, None, []
        return [each for each in slices if each is not None]
