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
from tallystick.pricing.flat import FlatPrice, rate_flat
from tallystick.pricing.graduated import GraduatedPrice, rate_graduated
from tallystick.pricing.package import PackagePrice, rate_package
from tallystick.pricing.per_unit import UnitPrice, rate_unit
from tallystick.pricing.volume import VolumePrice, rate_volume

Model: TypeAlias = FlatPrice | UnitPrice | PackagePrice | GraduatedPrice | VolumePrice


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelKind:
    """
    One line of the registry.

    Attributes:
        name: what documents call the model.
        type: the class that holds its numbers.
        rate: the function that prices a quantity of 0 or more; it takes exactly that class, which
            a list of different ones cannot express.
    """

    name: str
    type: type[Model]
    rate: Callable[[Any, Decimal], tuple[Step, ...]]


MODEL_KINDS = (
    ModelKind(name="flat", type=FlatPrice, rate=rate_flat),
    ModelKind(name="unit", type=UnitPrice, rate=rate_unit),
    ModelKind(name="package", type=PackagePrice, rate=rate_package),
    ModelKind(name="graduated", type=GraduatedPrice, rate=rate_graduated),
    ModelKind(name="volume", type=VolumePrice, rate=rate_volume),
)
KIND_BY_NAME = {kind.name: kind for kind in MODEL_KINDS}
KIND_BY_TYPE = {kind.type: kind for kind in MODEL_KINDS}
