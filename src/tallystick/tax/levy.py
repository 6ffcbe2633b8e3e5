"""
How much tax lines bear: settled once for each tax and rate, then spread over the lines.

    three lines of 0.33 at 19 %      0.99 x 0.19 = 0.1881 -> 0.19, spread 0.07, 0.06, 0.06
    one price of 10.00 that holds 19 %   10.00 x 19/119 = 1.5966... -> 1.60, net 8.40

A correction taxes the corrected whole and takes off what was issued, so that original and
corrections bear together what one document with all facts would have borne:

    issued   10.01 at 19 %       1.9019 -> 1.90
    now      10.04 (0.03 more)   1.9076 -> 1.91, of which 1.90 was issued: 0.01

Rounding: one settlement for each tax of a whole, half away from zero; the spread by largest
remainder, ties by position.
Source: EN 16931 BR-CO-17 and BR-S-08 (tax on the sum of a category's net lines).
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

from tallystick.kernel import EXACT, Amount, Currency, Money, settle, split
from tallystick.tax.applied import AppliedTax, LineTax

_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxableLine:
    """
    A line that bears taxes.

    Attributes:
        whole: what is taxed together: the document that first charged what the line is for.
        money: as priced; with the taxes that are inclusive.
        taxes: which it bears.
    """

    whole: Hashable
    money: Money
    taxes: tuple[AppliedTax, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxedLine:
    """A line that was issued, with the taxes that it bore."""

    whole: Hashable
    money: Money
    taxes: tuple[LineTax, ...]


def levy(
    lines: Sequence[TaxableLine], issued: Sequence[TaxedLine] = ()
) -> tuple[tuple[LineTax, ...], ...]:
    """
    Return the taxes of each line, in the order of the lines and of their taxes.

    Args:
        lines: of one document, in one currency.
        issued: what stands of the same wholes; lines of other wholes are not looked at.
    """
    found: list[dict[AppliedTax, Money]] = [{} for _ in lines]
    groups: dict[tuple[Hashable, AppliedTax], list[int]] = {}
    for at, line in enumerate(lines):
        for applied in line.taxes:
            groups.setdefault((line.whole, applied), []).append(at)
    standing = _by_whole(issued, {line.whole for line in lines})
    for (whole, applied), members in groups.items():
        exact = [_exact(lines[at].money, applied, lines[at].taxes) for at in members]
        unit = lines[members[0]].money.currency
        before, borne = _issued(standing.get(whole, ()), applied)
        due = _settled(sum(exact, before), unit) - sum(borne, Money(minor=0, currency=unit))
        for at, part in zip(members, _spread(due, exact), strict=True):
            found[at][applied] = part
    return tuple(
        tuple(LineTax(applied=applied, money=parts[applied]) for applied in line.taxes)
        for line, parts in zip(lines, found, strict=True)
    )


def _by_whole(
    issued: Sequence[TaxedLine], wanted: Collection[Hashable]
) -> dict[Hashable, list[TaxedLine]]:
    found: dict[Hashable, list[TaxedLine]] = {}
    for line in issued:
        if line.whole in wanted:
            found.setdefault(line.whole, []).append(line)
    return found


def _issued(lines: Sequence[TaxedLine], applied: AppliedTax) -> tuple[Fraction, list[Money]]:
    """Return the exact tax of what stands of a whole, and what was issued of it."""
    exact, standing = Fraction(0), []
    for line in lines:
        borne = tuple(one.applied for one in line.taxes)
        for one in line.taxes:
            if one.applied == applied:
                exact += _exact(line.money, applied, borne)
                standing.append(one.money)
    return exact, standing


def _exact(money: Money, applied: AppliedTax, borne: Sequence[AppliedTax]) -> Fraction:
    """Return the exact tax on a line in minor units, of its price without what that holds."""
    inside = sum((Fraction(one.rate) for one in borne if one.inclusive), Fraction(0))
    return money.minor * Fraction(applied.rate) / (_PERCENT + inside)


def _settled(minor: Fraction, unit: Currency) -> Money:
    exact = EXACT.divide(Decimal(minor.numerator), Decimal(minor.denominator))
    return settle(Amount(value=exact.scaleb(-unit.exponent, context=EXACT), currency=unit))


def _spread(due: Money, exact: Sequence[Fraction]) -> tuple[Money, ...]:
    """Hand a tax out over its lines: by their exact shares, the odd units by remainder."""
    signs = {part > 0 for part in exact if part}
    if len(signs) == 1:
        scale = lcm(*(part.denominator for part in exact))
        return split(due, [int(abs(part) * scale) for part in exact])
    parts = [int(part) for part in exact]
    left = due.minor - sum(parts)
    step = 1 if left >= 0 else -1
    order = sorted(range(len(parts)), key=lambda at: step * (parts[at] - exact[at]))
    for turn in range(abs(left)):
        parts[order[turn % len(order)]] += step
    return tuple(Money(minor=part, currency=due.currency) for part in parts)
