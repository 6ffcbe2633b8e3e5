"""
A published rate: what one unit of a base was worth in another currency on a day, by a source.

    ecb, 2026-10-30:  1 EUR = 1.1172 USD

Custom units are quoted in the same way, by a table of one's own: ``1 CREDIT = 0.01 EUR``.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tallystick.kernel import FRACTION_DIGITS_MAX, Misuse, is_key

CODE_PATTERN = r"^[A-Z][A-Z0-9_]{2,15}$"
_CODE = re.compile(CODE_PATTERN.strip("^$"))
_INTEGER_DIGITS_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRate:
    """
    One unit of ``base`` is worth ``rate`` units of ``quote``.

    Attributes:
        source: who published it, as ``ecb``; the rates of one source are used together.
        day: the day for which it was published.
        rate: positive, at most 20 digits before and 18 behind the point.

    Raises:
        Misuse: a code or a rate that cannot be, or a currency in terms of itself.
    """

    source: str
    base: str
    quote: str
    day: date
    rate: Decimal

    def __post_init__(self) -> None:
        """Refuse what no source can have meant."""
        if not is_key(self.source):
            raise Misuse(f"{self.source[:40]!r} is no name of a source, such as ecb")
        for code in (self.base, self.quote):
            if _CODE.fullmatch(code) is None:
                raise Misuse(f"{code[:40]!r} is no code of a currency or unit, such as EUR")
        if self.base == self.quote:
            raise Misuse(f"{self.base} has no rate in terms of itself")
        places = -int(self.rate.as_tuple().exponent) if self.rate.is_finite() else 0
        if not (self.rate.is_finite() and self.rate > 0):
            raise Misuse(f"a rate is a positive number, not {self.rate}")
        if self.rate.adjusted() >= _INTEGER_DIGITS_MAX or places > FRACTION_DIGITS_MAX:
            raise Misuse(f"the rate {self.rate} of {self.quote} has too many digits")
