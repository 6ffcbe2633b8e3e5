"""
Formula price: an expression over the quantity and the values of the dimensions.

    max(5, quantity * 0.02)                                      100 -> 5,  1,000 -> 20
    if dimension.region == "eu" then quantity * 0.2 else quantity * 0.1

Names are ``quantity``, in the price's unit, and ``dimension.NAME`` for each dimension by which the
price is grouped. It is the language of computed meters: exact fractions, no loops, no reach beyond
its names. A result that does not end is taken to 18 decimal places, half away from zero. Below zero
it is priced as 0: a price never pays out by itself. Where it has no value (a division by zero)
there is no charge; that is an error, never 0.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from tallystick.expressions import Expression, Kind, Undefined, decimal_of, parse_expression
from tallystick.kernel import Problem, Refused
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import NO_DETAIL, Detail, Unrateable
from tallystick.pricing.validity import require

_QUANTITY = "quantity"
_DIMENSION = "dimension"
_NOTHING = Decimal(0)
_PATH_LENGTH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaPrice:
    """
    An expression whose value is the amount.

    Attributes:
        formula: its text, giving major units of the currency.
    """

    formula: str
    expression: Expression = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what is no formula, or names something else."""
        outcome = parse_expression(self.formula, kind=Kind.NUMBER, known=_unknown)
        if isinstance(outcome, Refused):
            faults = outcome.problems
            require(
                Problem(code=fault.code, message=fault.message, field="formula") for fault in faults
            )
            return
        object.__setattr__(self, "expression", outcome.value)

    @property
    def dimensions(self) -> frozenset[str]:
        """Return the names of the dimensions that the formula looks at."""
        names = self.expression.names
        return frozenset(name.path[1] for name in names if name.path[0] == _DIMENSION)


def rate_formula(
    model: FormulaPrice, quantity: Decimal, detail: Detail = NO_DETAIL
) -> tuple[Step, ...]:
    """
    Return the one step of what the formula comes to.

    Raises:
        Unrateable: the formula has no value for this usage.

    Example:
        >>> rate_formula(FormulaPrice(formula="max(5, quantity * 0.025)"), Decimal(1000))[0].amount
        Decimal('25')
    """
    found = model.expression.value(_names(quantity, detail))
    if isinstance(found, Undefined):
        reason = found.code.replace("_", " ")
        raise Unrateable(f"{model.expression.text} has no value for {quantity}: {reason}")
    if not isinstance(found, Fraction):
        raise Unrateable(f"{model.expression.text} gives no number")
    fee = max(decimal_of(found), _NOTHING)
    below = ", below zero, priced as 0" if found < 0 else ""
    label = f"{model.expression.text}{below}"
    return (Step(label=label, quantity=None, unit_price=None, flat=fee, amount=fee),)


def _names(quantity: Decimal, detail: Detail) -> Callable[[tuple[str, ...]], str | Fraction]:
    def lookup(path: tuple[str, ...]) -> str | Fraction:
        return Fraction(quantity) if path == (_QUANTITY,) else detail.value(path[-1])

    return lookup


def _unknown(path: tuple[str, ...]) -> str:
    if path == (_QUANTITY,) or (path[0] == _DIMENSION and len(path) == _PATH_LENGTH):
        return ""
    return f"no name {'.'.join(path)}; known are {_QUANTITY} and {_DIMENSION}.NAME"
