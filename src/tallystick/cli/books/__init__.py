"""Commands for bookkeepers."""

from tallystick.cli.books.commands import ledger_app
from tallystick.cli.books.price_series import price_series_app
from tallystick.cli.books.rates import rates_app

__all__ = ["ledger_app", "price_series_app", "rates_app"]
