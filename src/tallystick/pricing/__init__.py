"""From a quantity to an exact, self-explaining charge."""

from tallystick.pricing.cadence import due_at, is_due_in, price_within
from tallystick.pricing.charge import Charge, Step
from tallystick.pricing.detail import (
    NO_DETAIL,
    Detail,
    LevelStep,
    Need,
    Part,
    Run,
    Unrateable,
)
from tallystick.pricing.documents import document_from_price, price_from_document, rate_document
from tallystick.pricing.explain import document_from_charge, text_from_charge
from tallystick.pricing.models import (
    MODEL_KINDS,
    CommittedPrice,
    CostPlusPrice,
    DatedRate,
    DynamicPrice,
    EachWindow,
    FlatPrice,
    FormulaPrice,
    GraduatedPrice,
    MatrixCell,
    MatrixPrice,
    Model,
    ModelKind,
    PackagePrice,
    PercentagePrice,
    SpendPrice,
    StairstepPrice,
    Tier,
    TimeBand,
    TimeOfUsePrice,
    UnitPrice,
    VolumePrice,
    average_level,
)
from tallystick.pricing.price import Cadence, Price
from tallystick.pricing.rating import billable_quantity, rate
from tallystick.pricing.rising import never_falls
from tallystick.pricing.share import price_for_share
from tallystick.pricing.stages import (
    Discount,
    DiscountTier,
    EachRun,
    QuantityRounding,
    roll_over,
)
from tallystick.pricing.time_pieces import pieces_of, windows_of
from tallystick.pricing.usages import Usage, plain_usage, usage_from_document
from tallystick.pricing.validity import InvalidPrice

__all__ = [
    "MODEL_KINDS",
    "NO_DETAIL",
    "Cadence",
    "Charge",
    "CommittedPrice",
    "CostPlusPrice",
    "DatedRate",
    "Detail",
    "Discount",
    "DiscountTier",
    "DynamicPrice",
    "EachRun",
    "EachWindow",
    "FlatPrice",
    "FormulaPrice",
    "GraduatedPrice",
    "InvalidPrice",
    "LevelStep",
    "MatrixCell",
    "MatrixPrice",
    "Model",
    "ModelKind",
    "Need",
    "PackagePrice",
    "Part",
    "PercentagePrice",
    "Price",
    "QuantityRounding",
    "Run",
    "SpendPrice",
    "StairstepPrice",
    "Step",
    "Tier",
    "TimeBand",
    "TimeOfUsePrice",
    "UnitPrice",
    "Unrateable",
    "Usage",
    "VolumePrice",
    "average_level",
    "billable_quantity",
    "document_from_charge",
    "document_from_price",
    "due_at",
    "is_due_in",
    "never_falls",
    "pieces_of",
    "plain_usage",
    "price_for_share",
    "price_from_document",
    "price_within",
    "rate",
    "rate_document",
    "roll_over",
    "text_from_charge",
    "usage_from_document",
    "windows_of",
]
