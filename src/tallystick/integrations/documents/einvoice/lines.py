"""
A document's lines as an e-invoice has them: one for each tier, with quantity and price.

    cpu, 31.2 hours, 1 included       1 hour   at 0       0.00
      tier 1: up to 10               10 hours  at 0.05    0.50
      tier 2: above 10             20.2 hours  at 0.04    0.81

The net of a line is handed out to its parts by largest remainder, ties by position, so the parts
add up to it to the cent.  A line that corrects an earlier one is a single difference, because its
tiers were charged before; so is one with a part below zero, taxed within its price, or converted
from another currency, in which its tiers are.  What a coupon of the whole document takes off is an
allowance of the line (BG-27): the line is one, at its price before the coupon.
Prices are never negative (BR-27); what lowers the sum has a negative quantity.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from tallystick.integrations.documents.einvoice.units import ONE, unit_code
from tallystick.integrations.documents.view import LineView, StepView
from tallystick.kernel import EXACT, Amount, Money, plain, settle, split

_STEP = Decimal(1).scaleb(-12)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What is taken off a line, above nothing, and why."""

    reason: str
    money: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """
    One line of an e-invoice.

    Attributes:
        label: the step behind it, as rating wrote it; empty for a whole line.
        quantity: in the unit of ``code``; below zero in what lowers the sum.
        price: net price of one, 0 or more, major units.
        net: what it adds to the document, without its allowances.
    """

    line: LineView
    label: str
    quantity: Decimal
    code: str
    price: Decimal
    net: Money
    allowances: tuple[Allowance, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    label: str
    quantity: Decimal
    code: str
    price: Decimal
    amount: Decimal


def parts_of(line: LineView) -> tuple[Part, ...]:
    """Return the lines that a line becomes; their ``net`` add up to the line's."""
    allowances = _allowances(line)
    if allowances:
        return (_reduced(line, allowances),)
    shares = [] if line.corrected else [each for step in line.steps for each in _shares(step, line)]
    if (
        line.net != line.money
        or line.conversion is not None
        or any(share.amount < 0 for share in shares)
        or not any(share.amount for share in shares)
    ):
        return (_whole(line),)
    nets = split(line.net, [share.amount for share in shares])
    return tuple(
        Part(
            line=line,
            label=share.label,
            quantity=share.quantity,
            code=share.code,
            price=share.price,
            net=net,
        )
        for share, net in zip(shares, nets, strict=True)
    )


def _shares(step: StepView, line: LineView) -> Iterator[_Share]:
    """Yield what a step charges: its quantity at its price, and its flat fee."""
    if step.quantity is not None:
        price = Decimal(0) if step.unit_price is None else step.unit_price
        yield _Share(
            label="" if step.is_plain else step.label,
            quantity=_shown(step.quantity),
            code=ONE if step.is_in_packages else unit_code(line.unit),
            price=price,
            amount=EXACT.multiply(step.quantity, price),
        )
    rest = step.flat if step.quantity is not None else step.amount
    if rest:
        yield _Share(label=step.label, quantity=_ONE, code=ONE, price=abs(rest), amount=rest)


def _allowances(line: LineView) -> tuple[Allowance, ...]:
    """Return what is taken off a line for others' sake, if it is charged for the first time."""
    if line.corrected or line.net != line.money:
        return ()
    unit = line.net.currency
    taken = [
        Allowance(
            reason=step.label,
            money=settle(Amount(value=EXACT.minus(step.amount), currency=unit)),
        )
        for step in line.steps
        if step.origin and step.origin != f"bound:{line.item}"
    ]
    return tuple(taken) if all(one.money.minor > 0 for one in taken) else ()


def _reduced(line: LineView, allowances: tuple[Allowance, ...]) -> Part:
    before = sum((one.money for one in allowances), line.net)
    return replace(
        _whole(line), quantity=_ONE, price=before.decimal, net=line.net, allowances=allowances
    )


def _whole(line: LineView) -> Part:
    sign = -_ONE if line.net.minor < 0 else _ONE
    return Part(
        line=line, label="", quantity=sign, code=ONE, price=abs(line.net.decimal), net=line.net
    )


def _shown(quantity: Decimal) -> Decimal:
    """Return a quantity to 12 places: quotients have no end, and readers of e-invoices do."""
    rounded = quantity.quantize(_STEP, rounding=ROUND_HALF_UP, context=EXACT)
    return Decimal(plain(rounded))
