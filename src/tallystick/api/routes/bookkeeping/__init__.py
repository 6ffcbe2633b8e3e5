"""Routes of bookkeeping: the journal, and exchange rates."""

from tallystick.api.routes.bookkeeping.journal import journal_router
from tallystick.api.routes.bookkeeping.price_series import price_series_router
from tallystick.api.routes.bookkeeping.rates import rates_router

__all__ = ["journal_router", "price_series_router", "rates_router"]
