"""
The price models there are: a name, a type and a function each.

A new model is one file, one line in each of the two lists here, and one table of cases. Its fields
are read from and written to documents by their types (``documents.py``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from tallystick.pricing.charge import Step
from tallystick.pricing.detail import Detail, Need
from tallystick.pricing.models.committed import CommittedPrice, committed_need, rate_committed
from tallystick.pricing.models.cost_plus import CostPlusPrice, rate_cost_plus
from tallystick.pricing.models.dynamic import DynamicPrice, dynamic_need, rate_dynamic
from tallystick.pricing.models.flat import FlatPrice, rate_flat
from tallystick.pricing.models.formula import FormulaPrice, rate_formula
from tallystick.pricing.models.graduated import GraduatedPrice, graduated_need, rate_graduated
from tallystick.pricing.models.matrix import MatrixPrice, rate_matrix
from tallystick.pricing.models.package import PackagePrice, rate_package
from tallystick.pricing.models.per_unit import UnitPrice, rate_unit
from tallystick.pricing.models.percentage import (
    PercentagePrice,
    percentage_need,
    rate_percentage,
)
from tallystick.pricing.models.spend import SpendPrice, rate_spend
from tallystick.pricing.models.stairstep import StairstepPrice, rate_stairstep
from tallystick.pricing.models.time_of_use import TimeOfUsePrice, rate_time_of_use
from tallystick.pricing.models.volume import VolumePrice, rate_volume

Model: TypeAlias = (
    FlatPrice
    | UnitPrice
    | PackagePrice
    | GraduatedPrice
    | VolumePrice
    | StairstepPrice
    | PercentagePrice
    | MatrixPrice
    | TimeOfUsePrice
    | DynamicPrice
    | CommittedPrice
    | CostPlusPrice
    | FormulaPrice
    | SpendPrice
)


def _nothing(_model: Any) -> Need:  # noqa: ANN401 - any model
    return Need.NOTHING


def _parts(_model: Any) -> Need:  # noqa: ANN401 - any model
    return Need.PARTS


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelKind:
    """
    One line of the registry.

    Attributes:
        name: what documents call the model.
        type: the class that holds its numbers.
        rate: the function that prices a quantity of 0 or more with its detail; it takes exactly
            that class, which a list of different ones cannot express.
        need: what a model of the class has to be told besides the quantity.
    """

    name: str
    type: type[Model]
    rate: Callable[[Any, Decimal, Detail], tuple[Step, ...]]
    need: Callable[[Any], Need] = _nothing


MODEL_KINDS = (
    ModelKind(name="flat", type=FlatPrice, rate=rate_flat),
    ModelKind(name="unit", type=UnitPrice, rate=rate_unit),
    ModelKind(name="package", type=PackagePrice, rate=rate_package),
    ModelKind(name="graduated", type=GraduatedPrice, rate=rate_graduated, need=graduated_need),
    ModelKind(name="volume", type=VolumePrice, rate=rate_volume),
    ModelKind(name="stairstep", type=StairstepPrice, rate=rate_stairstep),
    ModelKind(name="percentage", type=PercentagePrice, rate=rate_percentage, need=percentage_need),
    ModelKind(name="matrix", type=MatrixPrice, rate=rate_matrix),
    ModelKind(name="time_of_use", type=TimeOfUsePrice, rate=rate_time_of_use, need=_parts),
    ModelKind(name="dynamic", type=DynamicPrice, rate=rate_dynamic, need=dynamic_need),
    ModelKind(name="committed", type=CommittedPrice, rate=rate_committed, need=committed_need),
    ModelKind(name="cost_plus", type=CostPlusPrice, rate=rate_cost_plus),
    ModelKind(name="formula", type=FormulaPrice, rate=rate_formula),
    ModelKind(name="spend", type=SpendPrice, rate=rate_spend),
)
KIND_BY_NAME = {kind.name: kind for kind in MODEL_KINDS}
KIND_BY_TYPE = {kind.type: kind for kind in MODEL_KINDS}
