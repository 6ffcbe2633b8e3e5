"""Files of exchange rates: of the European Central Bank, Open Exchange Rates, and one's own."""

from tallystick.integrations.exchange_rates.ecb_csv import ecb_csv_rates
from tallystick.integrations.exchange_rates.ecb_xml import ecb_xml_rates
from tallystick.integrations.exchange_rates.file import (
    FILE_BYTES_MAX,
    ecb_history,
    rates_in,
)
from tallystick.integrations.exchange_rates.open_rates import open_exchange_rates
from tallystick.integrations.exchange_rates.table import table_rates

__all__ = [
    "FILE_BYTES_MAX",
    "ecb_csv_rates",
    "ecb_history",
    "ecb_xml_rates",
    "open_exchange_rates",
    "rates_in",
    "table_rates",
]
