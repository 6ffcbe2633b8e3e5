"""
What is sold and to whom, as one value.

Meters, price books, plans, and the declarations of accounts, resources and subscriptions; how they
are read from documents, written back, and compared.
"""

from tallystick.catalog.catalog import Catalog
from tallystick.catalog.legal_entity import LegalEntity
from tallystick.catalog.plan import Alignment, BookReference, PlanVersion, PriceBook, Proration
from tallystick.catalog.subscription import Subscription

__all__ = [
    "Alignment",
    "BookReference",
    "Catalog",
    "LegalEntity",
    "PlanVersion",
    "PriceBook",
    "Proration",
    "Subscription",
]
