"""Proration: the share of a part in its whole period (types first; see `share_of`)."""

from fractions import Fraction

from tallystick.catalog import Proration
from tallystick.kernel import Amount, Period


def share_of(
    part: Period, *, whole: Period, zone: str, mode: Proration, closes: bool = False
) -> Fraction:
    """
    Give the exact share of ``part`` in ``whole``.

    ``closes`` says that a cancellation ends the part.
    """
    raise NotImplementedError


def prorate(amount: Amount, share: Fraction) -> Amount:
    """Give ``share`` of an exact amount, with one division."""
    raise NotImplementedError
