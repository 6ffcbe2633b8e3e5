"""
Money twice: exact while rating, whole minor units once booked, and the one crossing.

``Amount`` is an exact decimal of one currency, unrounded: a unit price may be a millionth of a
cent. ``Money`` is an integer of minor units (cents, yen, fils): what is booked, invoiced and shown.
``settle`` turns the one into the other, half away from zero, once for each charge; nothing else
rounds. ``split`` hands Money out in parts that add up to exactly what was given.

    exact charge   0.2472554466 USD  -> settle ->  25 cents
    exact charge  -0.125 USD         -> settle -> -13 cents
    split 100 cents by 1 : 1 : 1     -> 34, 33, 33

Neither type has a truth value, mixes with floats, or meets another currency: that raises
``CurrencyMismatch``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction
from typing import NoReturn

from tallystick.kernel.currency import Currency
from tallystick.kernel.errors import CurrencyMismatch, Misuse, check
from tallystick.kernel.exact import EXACT, plain

_WHOLE = Decimal(1)
# Decimal calls half away from zero ROUND_HALF_UP.
_SETTLING = Context(prec=EXACT.prec, rounding=ROUND_HALF_UP, traps=[InvalidOperation])
# A quotient that does not end is right to 76 digits, so what should be half a minor unit may lie a
# last digit beside it. It is read to 40 places of a minor unit first: no price and quantity of 18
# places each have more, and no such error reaches that far.
_TIES = Context(prec=2 * EXACT.prec, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
_TIE_PLACES = Decimal(1).scaleb(-40)


def _mismatch(one: Currency, other: Currency) -> NoReturn:
    raise CurrencyMismatch(f"{one.code} and {other.code} do not mix")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """
    An exact amount of one currency in major units (dollars, not cents), not yet rounded.

    Raises:
        Misuse: the value is not a finite ``Decimal``.
    """

    value: Decimal
    currency: Currency

    def __post_init__(self) -> None:
        """Refuse what is not an exact, finite number."""
        if type(self.value) is not Decimal or not self.value.is_finite():
            raise Misuse(f"an Amount needs a finite Decimal, not {self.value!r}")

    def __add__(self, other: "Amount") -> "Amount":
        """Return the exact sum of two amounts of one currency."""
        if self.currency != other.currency:
            _mismatch(self.currency, other.currency)
        return Amount(value=EXACT.add(self.value, other.value), currency=self.currency)

    def __sub__(self, other: "Amount") -> "Amount":
        """Return the exact difference of two amounts of one currency."""
        return self + -other

    def __neg__(self) -> "Amount":
        """Return the amount with the other sign."""
        return Amount(value=EXACT.minus(self.value), currency=self.currency)

    def __bool__(self) -> NoReturn:
        """Refuse a truth value: compare ``value`` with zero and say so."""
        raise Misuse("an Amount has no truth value; compare its value with 0")

    def times(self, factor: Decimal) -> "Amount":
        """
        Return the exact product with a dimensionless number such as a share.

        Example:
            >>> from tallystick.kernel.currency import currency
            >>> Amount(value=Decimal("0.30"), currency=currency("USD")).times(Decimal("0.5")).value
            Decimal('0.150')
        """
        return Amount(value=EXACT.multiply(self.value, factor), currency=self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """
    Whole minor units of one currency: what is booked and shown.

    Raises:
        Misuse: the number of minor units is not an int.
    """

    minor: int
    currency: Currency

    def __post_init__(self) -> None:
        """Refuse anything but whole minor units."""
        if type(self.minor) is not int:
            raise Misuse(f"Money needs a whole number of minor units, not {self.minor!r}")

    @property
    def decimal(self) -> Decimal:
        """
        Return the value in major units, with as many places as the currency has.

        Example:
            >>> from tallystick.kernel.currency import currency
            >>> Money(minor=1250, currency=currency("USD")).decimal
            Decimal('12.50')
        """
        return Decimal(self.minor).scaleb(-self.currency.exponent, context=EXACT)

    @property
    def amount(self) -> Amount:
        """Return the same value as an exact amount."""
        return Amount(value=self.decimal, currency=self.currency)

    def __str__(self) -> str:
        """Return the value with all its places, and the code: ``12.50 USD``."""
        return f"{self.decimal:f} {self.currency.code}"

    def __add__(self, other: "Money") -> "Money":
        """Return the sum of two sums of one currency."""
        if self.currency != other.currency:
            _mismatch(self.currency, other.currency)
        return Money(minor=self.minor + other.minor, currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """Return the difference of two sums of one currency."""
        return self + -other

    def __neg__(self) -> "Money":
        """Return the sum with the other sign."""
        return Money(minor=-self.minor, currency=self.currency)

    def __lt__(self, other: "Money") -> bool:
        """Say whether this is less than the other, of the same currency."""
        if self.currency != other.currency:
            _mismatch(self.currency, other.currency)
        return self.minor < other.minor

    def __bool__(self) -> NoReturn:
        """Refuse a truth value: compare ``minor`` with zero and say so."""
        raise Misuse("Money has no truth value; compare its minor units with 0")


def settle(amount: Amount) -> Money:
    """
    Return an exact amount in whole minor units, rounded half away from zero.

    This is the only place where money is rounded. A correction settles the new whole and subtracts
    what was settled before; it never settles the difference.

    Source: the minor unit is ISO 4217's; the rule is decided in the project's semantics.

    Example:
        >>> from tallystick.kernel.currency import currency
        >>> settle(Amount(value=Decimal("-0.125"), currency=currency("USD"))).minor
        -13
        >>> settle(Amount(value=Decimal("0.5"), currency=currency("JPY"))).minor
        1
    """
    scaled = amount.value.scaleb(amount.currency.exponent, context=EXACT)
    try:
        whole = scaled.quantize(_TIE_PLACES, context=_TIES).quantize(_WHOLE, context=_SETTLING)
    except InvalidOperation as error:
        raise Misuse(
            f"{plain(amount.value)[:40]} {amount.currency.code} is too large to settle"
        ) from error
    return Money(minor=int(whole), currency=amount.currency)


def split(money: Money, weights: Sequence[Decimal | int]) -> tuple[Money, ...]:
    """
    Return the parts of money in proportion to weights; they add up to exactly the whole.

    Largest remainder: each part first gets the whole minor units of its exact share (towards zero),
    the units left over go one each to the largest remainders, ties to the earlier position. Each
    part lies within one minor unit of its exact share; a negative sum is split as its opposite is.

    Args:
        money: what is handed out.
        weights: shares in any unit, none negative, not all zero; the result has their order. No
            weights take nothing, if nothing is handed out.

    Raises:
        Misuse: a negative weight, or nobody with a weight to take what is handed out.

    Example:
        >>> from tallystick.kernel.currency import currency
        >>> [part.minor for part in split(Money(minor=100, currency=currency("EUR")), [1, 1, 1])]
        [34, 33, 33]
    """
    if not weights and money.minor == 0:
        return ()
    shares = [Fraction(weight) for weight in weights]
    whole = sum(shares, Fraction(0))
    if whole == 0 or min(shares) < 0:
        raise Misuse("weights must not be negative and must not all be zero")
    sign = -1 if money.minor < 0 else 1
    exact = [abs(money.minor) * share / whole for share in shares]
    parts = [part.numerator // part.denominator for part in exact]
    left_over = abs(money.minor) - sum(parts)
    check(0 <= left_over < len(parts), "fewer units are left over than there are parts")
    by_remainder = sorted(range(len(parts)), key=lambda at: parts[at] - exact[at])
    for position in by_remainder[:left_over]:
        parts[position] += 1
    return tuple(Money(minor=sign * part, currency=money.currency) for part in parts)


def take(money: Money, of: Sequence[Money]) -> tuple[Money, ...]:
    """
    Return how much of each sum is taken when so much of all of them is, in proportion to them.

    The parts add up to exactly what is taken, by largest remainder as in `split`, and none is more
    than the sum it is taken of: a refund over lines, a credit over what is left of charges.

    Args:
        money: what is taken in all; of one sign with the sums, or nothing.
        of: the sums, none of the other sign.

    Raises:
        Misuse: sums of both signs, or more is taken than there is.

    Example:
        >>> from tallystick.kernel.currency import currency
        >>> eur = currency("EUR")
        >>> sums = [Money(minor=1000, currency=eur), Money(minor=500, currency=eur)]
        >>> [part.minor for part in take(Money(minor=500, currency=eur), sums)]
        [333, 167]
    """
    whole = sum(of, Money(minor=0, currency=money.currency))
    if any(each.minor * whole.minor < 0 for each in of) or money.minor * whole.minor < 0:
        raise Misuse("what is taken and what it is taken of have one sign")
    if abs(money.minor) > abs(whole.minor):
        raise Misuse(f"{money} cannot be taken of {whole}")
    if whole.minor == 0:
        return tuple(of)
    return split(money, [abs(each.minor) for each in of])
