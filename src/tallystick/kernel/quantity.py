"""
Quantities: an exact number with a unit, and conversion by declaration.

A unit is one name, or several joined by dots as a product: ``second``, ``GiB``, ``core.hour``,
``GiB.second``. Names of time and of bytes stand for a whole number of their smallest unit; every
other name counts itself.

    second 1   minute 60   hour 3,600   day 86,400 (24 h)   month730 2,628,000 (730 h)
    byte 1     kB, MB, GB, TB, PB: 10^3 to 10^15            KiB, MiB, GiB, TiB: 2^10 to 2^40

Converting is one multiplication and one division by integers under ``EXACT``, so that 2,747,282,740
bytes are exactly 2.74728274 GB, and a quotient that does not end (seconds in hours) is right to 76
digits. A calendar month is a period, not a unit; ``month730`` is what some price lists call a
month.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from math import gcd, prod
from typing import NoReturn

from tallystick.kernel.errors import Misuse, UnitMismatch
from tallystick.kernel.exact import EXACT
from tallystick.kernel.spelling import nearest

_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "month730": 2_628_000}
_BYTES = {
    "byte": 1,
    "B": 1,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "PB": 10**15,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
_COUNTABLE_NAMES = "request call event user seat vm core node token item message job count"

# Name -> (dimension, how many of the dimension's smallest unit).
_NAMES: dict[str, tuple[str, int]] = {
    **{name: ("second", size) for name, size in _SECONDS.items()},
    **{name: ("byte", size) for name, size in _BYTES.items()},
    **{name: (name, 1) for name in _COUNTABLE_NAMES.split()},
}
KNOWN_UNITS = frozenset(_NAMES)
FACTORS_MAX = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """
    The unit of a quantity; parsed by ``unit``, which checks the name.

    Names that are neither time nor bytes are their own dimension, so a declared countable needs no
    table here.
    """

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """An exact number of a unit."""

    value: Decimal
    unit: Unit

    def __add__(self, other: "Quantity") -> "Quantity":
        """Return the sum of two quantities of the same unit; convert first when units differ."""
        if self.unit != other.unit:
            raise UnitMismatch(
                f"{self.unit.name} and {other.unit.name} do not add; convert one first"
            )
        return Quantity(value=EXACT.add(self.value, other.value), unit=self.unit)


def unit(text: str, declared: Iterable[str] = frozenset()) -> Unit:
    """
    Return the unit a text names.

    Args:
        text: a known name, a declared one, or up to four of them joined by dots.
        declared: further countable names that a catalog declares.

    Raises:
        Misuse: an unknown name; the message says the nearest known one.

    Example:
        >>> unit("core.hour").name
        'core.hour'
    """
    names = text.split(".")
    if len(names) > FACTORS_MAX:
        raise Misuse(f"unit {text[:60]!r} multiplies more than {FACTORS_MAX} names")
    extra = frozenset(declared)
    for name in names:
        if name not in _NAMES and name not in extra:
            _refuse_unit(name, KNOWN_UNITS | extra)
    return Unit(name=text)


def convert(quantity: Quantity, to: Unit) -> Quantity:
    """
    Return the same quantity in another unit: one multiplication and one division by integers.

    Exact where the quotient ends; otherwise right to 76 digits.

    Raises:
        UnitMismatch: the units measure different things.

    Example:
        >>> used = Quantity(value=Decimal(5400), unit=unit("core.second"))
        >>> convert(used, unit("core.hour")).value
        Decimal('1.5')
    """
    multiplier, divisor = conversion(quantity.unit, to)
    value = (
        quantity.value if multiplier == 1 else EXACT.multiply(quantity.value, Decimal(multiplier))
    )
    return Quantity(value=value if divisor == 1 else EXACT.divide(value, Decimal(divisor)), unit=to)


@lru_cache(maxsize=1024)
def conversion(of: Unit, to: Unit) -> tuple[int, int]:
    """
    Return what a number of one unit is multiplied and divided by to count another.

    Two positive integers in lowest terms.

    Raises:
        UnitMismatch: the units measure different things.

    Example:
        >>> conversion(unit("minute"), unit("hour"))
        (1, 60)
    """
    of_dimensions, of_size = _measure(of)
    to_dimensions, to_size = _measure(to)
    if of_dimensions != to_dimensions:
        raise UnitMismatch(f"{of.name} does not convert into {to.name}")
    shared = gcd(of_size, to_size)
    return of_size // shared, to_size // shared


def _measure(of: Unit) -> tuple[tuple[str, ...], int]:
    """Return what a unit measures, as sorted dimensions, and its size in their smallest units."""
    parts = [_NAMES.get(name, (name, 1)) for name in of.name.split(".")]
    return tuple(sorted(dimension for dimension, _ in parts)), prod(size for _, size in parts)


def _refuse_unit(name: str, known: frozenset[str]) -> NoReturn:
    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else f"known are {', '.join(sorted(known))}"
    raise Misuse(f"unit {name[:60]!r} is not known; {hint}")
