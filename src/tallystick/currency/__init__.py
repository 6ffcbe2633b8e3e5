"""Exchange rates: published, dated, never changed; and the rule by which one is chosen."""

from tallystick.currency.choosing import RateRule, choose_rate
from tallystick.currency.exchange import Conversion, DatedRate, ExchangeRate, converted
from tallystick.currency.published import CODE_PATTERN, PublishedRate

__all__ = [
    "CODE_PATTERN",
    "Conversion",
    "DatedRate",
    "ExchangeRate",
    "PublishedRate",
    "RateRule",
    "choose_rate",
    "converted",
]
