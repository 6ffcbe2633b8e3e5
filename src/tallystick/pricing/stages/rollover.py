"""
Rollover: what of an allowance was not used goes on into the next period, up to a cap.

    allowance 1,000 a month, cap 1,500

    March    600 used    400 go on
    April    300 used    the 400 first, then nothing of April's own: 1,100 go on
    May        0 used    2,100 are left, 1,500 go on

Which period it came from is not kept: what is older is used first, so that only the sum counts.
Source: the project's semantics, "Prices" (allowance with rollover).
"""

from dataclasses import dataclass
from decimal import Decimal

from tallystick.pricing.validity import negative_problems, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollover:
    """
    How an allowance goes on.

    Attributes:
        cap: the most that goes on into a period, in the price's unit; None for no bound.
    """

    cap: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse a negative cap."""
        require(() if self.cap is None else negative_problems("cap", self.cap))
