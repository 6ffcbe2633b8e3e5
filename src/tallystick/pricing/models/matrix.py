"""
Matrix price: the price of a unit depends on the values of dimensions.

    region eu and size large at 0.30, region eu at 0.20, everything else at 0.10

    region eu, size large, 10 -> 3.00;  region eu, size small, 10 -> 2.00;  region us, 10 -> 1.00

Of the cells that fit, the one that names most dimensions decides; among those the first. A value
that no cell names has the default: new values of a dimension must not become free, nor stop a bill.

The price is grouped by the dimensions, so that each combination of values is a line of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from tallystick.kernel import EXACT, Problem
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import NO_DETAIL, Detail
from tallystick.pricing.validity import negative_problems, require

CELLS_MAX = 10_000
_NOTHING = Decimal(0)

Where = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixCell:
    """
    A price for some values of some dimensions.

    Attributes:
        where: names of dimensions with the value each must have, at least one, each name once.
        unit_price: price of one unit in major units, 0 or more.
    """

    where: Where
    unit_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixPrice:
    """
    Cells, and the price of what no cell fits.

    Attributes:
        cells: at least one.
        default_price: price of one unit where no cell fits, in major units, 0 or more.
    """

    cells: tuple[MatrixCell, ...]
    default_price: Decimal
    by_names: Mapping[tuple[str, ...], Mapping[tuple[str, ...], int]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Refuse negative prices and cells that say nothing or the same twice."""
        require([*negative_problems("default_price", self.default_price), *_problems(self.cells)])
        index: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}
        for place, cell in enumerate(self.cells):
            pairs = sorted(cell.where)
            names = tuple(name for name, _ in pairs)
            values = tuple(value for _, value in pairs)
            index.setdefault(names, {})[values] = place
        most_first = dict(sorted(index.items(), key=lambda item: -len(item[0])))
        object.__setattr__(self, "by_names", most_first)

    @property
    def dimensions(self) -> frozenset[str]:
        """Return the names of all dimensions that cells look at."""
        return frozenset(name for cell in self.cells for name, _ in cell.where)


def rate_matrix(
    model: MatrixPrice, quantity: Decimal, detail: Detail = NO_DETAIL
) -> tuple[Step, ...]:
    """
    Return the one step of the cell that fits the group.

    Args:
        model: the cells.
        quantity: 0 or more, in the price's unit.
        detail: the values of the dimensions.

    Example:
        >>> eu = MatrixCell(where=(("region", "eu"),), unit_price=Decimal("0.2"))
        >>> model = MatrixPrice(cells=(eu,), default_price=Decimal("0.1"))
        >>> rate_matrix(model, Decimal(10), Detail(group=(("region", "eu"),)))[0].amount
        Decimal('2.0')
    """
    label, price = _fitting(model, detail)
    amount = EXACT.multiply(quantity, price)
    return (Step(label=label, quantity=quantity, unit_price=price, flat=_NOTHING, amount=amount),)


def _fitting(model: MatrixPrice, detail: Detail) -> tuple[str, Decimal]:
    found: list[int] = []
    most = 0
    for names, places in model.by_names.items():
        if len(names) < most:
            break
        place = places.get(tuple(detail.value(name) for name in names))
        if place is not None:
            found.append(place)
            most = len(names)
    if not found:
        return "all other values", model.default_price
    cell = model.cells[min(found)]
    return ", ".join(f"{name} {value}" for name, value in cell.where), cell.unit_price


def _problems(cells: tuple[MatrixCell, ...]) -> Iterator[Problem]:
    if not 0 < len(cells) <= CELLS_MAX:
        message = f"give 1 to {CELLS_MAX} cells, not {len(cells)}"
        yield Problem(code="no_cells", message=message, field="cells")
    seen: set[Where] = set()
    for index, cell in enumerate(cells):
        path = f"cells[{index}]"
        yield from negative_problems(f"{path}.unit_price", cell.unit_price)
        names = [name for name, _ in cell.where]
        if not names or len(set(names)) < len(names):
            message = "must name at least one dimension, each once"
            yield Problem(code="invalid_where", message=message, field=f"{path}.where")
        where = tuple(sorted(cell.where))
        if where in seen:
            message = "another cell is for the same values"
            yield Problem(code="duplicate_cell", message=message, field=f"{path}.where")
        seen.add(where)
