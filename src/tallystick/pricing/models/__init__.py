"""The price models: one file each, and the registry."""

from tallystick.pricing.models.committed import CommittedPrice
from tallystick.pricing.models.cost_plus import CostPlusPrice
from tallystick.pricing.models.dynamic import DatedRate, DynamicPrice
from tallystick.pricing.models.each_window import OUTSIDE, EachWindow
from tallystick.pricing.models.flat import FlatPrice
from tallystick.pricing.models.formula import FormulaPrice
from tallystick.pricing.models.graduated import GraduatedPrice
from tallystick.pricing.models.matrix import MatrixCell, MatrixPrice
from tallystick.pricing.models.package import PackagePrice
from tallystick.pricing.models.per_unit import UnitPrice
from tallystick.pricing.models.percentage import PercentagePrice
from tallystick.pricing.models.registry import (
    KIND_BY_NAME,
    KIND_BY_TYPE,
    MODEL_KINDS,
    Model,
    ModelKind,
)
from tallystick.pricing.models.spend import SpendPrice
from tallystick.pricing.models.stairstep import StairstepPrice
from tallystick.pricing.models.tiers import Tier
from tallystick.pricing.models.time_of_use import TimeBand, TimeOfUsePrice
from tallystick.pricing.models.volume import VolumePrice
from tallystick.pricing.models.walked import average_level

__all__ = [
    "KIND_BY_NAME",
    "KIND_BY_TYPE",
    "MODEL_KINDS",
    "OUTSIDE",
    "CommittedPrice",
    "CostPlusPrice",
    "DatedRate",
    "DynamicPrice",
    "EachWindow",
    "FlatPrice",
    "FormulaPrice",
    "GraduatedPrice",
    "MatrixCell",
    "MatrixPrice",
    "Model",
    "ModelKind",
    "PackagePrice",
    "PercentagePrice",
    "SpendPrice",
    "StairstepPrice",
    "Tier",
    "TimeBand",
    "TimeOfUsePrice",
    "UnitPrice",
    "VolumePrice",
    "average_level",
]
