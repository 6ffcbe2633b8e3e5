"""Importing published exchange rates, and asking for the one of a day."""

from tallystick.app.currency.import_rates import (
    BATCH_MAX,
    ImportRates,
    RatesImported,
    import_rates,
)
from tallystick.app.currency.ports import RateStore
from tallystick.app.currency.read_rates import RateQuestion, list_rates, rate_on, read_rate

__all__ = [
    "BATCH_MAX",
    "ImportRates",
    "RateQuestion",
    "RateStore",
    "RatesImported",
    "import_rates",
    "list_rates",
    "rate_on",
    "read_rate",
]
