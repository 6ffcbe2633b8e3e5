"""From a quantity to an exact, self-explaining charge."""

from tallystick.pricing.cadence import due_at, is_due_in
from tallystick.pricing.charge import Charge, Step
from tallystick.pricing.documents import document_from_price, price_from_document, rate_document
from tallystick.pricing.explain import document_from_charge, text_from_charge
from tallystick.pricing.flat import FlatPrice
from tallystick.pricing.graduated import GraduatedPrice
from tallystick.pricing.models import MODEL_KINDS, Model, ModelKind
from tallystick.pricing.package import PackagePrice
from tallystick.pricing.per_unit import UnitPrice
from tallystick.pricing.price import Cadence, Price
from tallystick.pricing.rating import rate
from tallystick.pricing.tiers import Tier
from tallystick.pricing.validity import InvalidPrice
from tallystick.pricing.volume import VolumePrice

__all__ = [
    "MODEL_KINDS",
    "Cadence",
    "Charge",
    "FlatPrice",
    "GraduatedPrice",
    "InvalidPrice",
    "Model",
    "ModelKind",
    "PackagePrice",
    "Price",
    "Step",
    "Tier",
    "UnitPrice",
    "VolumePrice",
    "document_from_charge",
    "document_from_price",
    "due_at",
    "is_due_in",
    "price_from_document",
    "rate",
    "rate_document",
    "text_from_charge",
]
