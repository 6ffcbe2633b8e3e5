"""
Package price: blocks of a fixed size, each paid in full once it is started.

    size 1,000 at 0.50:  quantity 0 -> 0,  1 -> 0.50,  1,000 -> 0.50,  1,000.5 -> 1.00

Where packages are counted beyond the period, one that was started before has been paid: after 900
another 200 start one package, not two.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from tallystick.kernel import EXACT, plain
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import NO_DETAIL, Detail
from tallystick.pricing.validity import negative_problems, positive_problems, require

_NOTHING = Decimal(0)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePrice:
    """
    One price for each started block.

    Attributes:
        package_size: how much one block holds, in the price's unit, above 0.
        package_price: price of one block in major units, 0 or more.
    """

    package_size: Decimal
    package_price: Decimal
    label: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse blocks that hold nothing and negative prices."""
        size = self.package_size
        require(
            positive_problems("package_size", size)
            + negative_problems("package_price", self.package_price)
        )
        object.__setattr__(self, "label", f"started packages of {plain(size)}")


def rate_package(
    model: PackagePrice, quantity: Decimal, detail: Detail = NO_DETAIL
) -> tuple[Step, ...]:
    """
    Return the one step of a package price: the number of started blocks times their price.

    Example:
        >>> step = rate_package(
        ...     PackagePrice(package_size=Decimal(1000), package_price=Decimal("0.5")),
        ...     Decimal("1000.5"),
        ... )[0]
        >>> step.quantity, step.amount
        (Decimal('2'), Decimal('1.0'))
    """
    size = model.package_size
    if detail.start:
        packages = EXACT.subtract(
            started(EXACT.add(detail.start, quantity), size), started(detail.start, size)
        )
    else:
        packages = started(quantity, size)
    price = model.package_price
    amount = EXACT.multiply(packages, price)
    return (
        Step(label=model.label, quantity=packages, unit_price=price, flat=_NOTHING, amount=amount),
    )


def started(quantity: Decimal, size: Decimal) -> Decimal:
    """
    Return how many blocks of a size a quantity of 0 or more starts.

    Example:
        >>> started(Decimal("1000.5"), Decimal(1000))
        Decimal('2')
    """
    full, rest = EXACT.divmod(quantity, size)
    return EXACT.add(full, _ONE) if rest else full
