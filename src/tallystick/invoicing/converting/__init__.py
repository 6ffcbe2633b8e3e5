"""Lines whose price is in another currency than the contract: which rate, and how it is written."""

from tallystick.invoicing.converting.conversion import (
    WantedRate,
    conversion_of,
    converted_charge,
    converted_on,
    in_contract_currency,
    missing_rates,
    rests_on,
    wanted_rates,
)
from tallystick.invoicing.converting.remade import converted_again, different_rate, issue_day_of
from tallystick.invoicing.converting.tax_point import last_local_day, tax_point
from tallystick.invoicing.converting.wire import (
    ConversionDocument,
    RateDocument,
    conversion_from_wire,
    exact_number,
    rate_from_wire,
    wire_from_conversion,
    wire_from_rate,
)

__all__ = [
    "ConversionDocument",
    "RateDocument",
    "WantedRate",
    "conversion_from_wire",
    "conversion_of",
    "converted_again",
    "converted_charge",
    "converted_on",
    "different_rate",
    "exact_number",
    "in_contract_currency",
    "issue_day_of",
    "last_local_day",
    "missing_rates",
    "rate_from_wire",
    "rests_on",
    "tax_point",
    "wanted_rates",
    "wire_from_conversion",
    "wire_from_rate",
]
