"""
What is sold and to whom, as one value.

Meters, price books, plans, and the declarations of accounts, resources and subscriptions; how they
are read from documents, written back, and compared.
"""

from tallystick.catalog.catalog import Catalog
from tallystick.catalog.contacts import LANGUAGES
from tallystick.catalog.contract import (
    contract_change_from_document,
    newly_unfit,
    own_quantities,
    qualified,
    stored_terms,
)
from tallystick.catalog.coupons import (
    Coupon,
    CouponDuration,
    CouponGrant,
    GivenCoupon,
    coupon_document,
    coupon_problems,
    grant_document,
)
from tallystick.catalog.difference import Action, Change, FieldChange, diff, touched
from tallystick.catalog.documents import LISTS, Documents, Place, Source, gather, placed
from tallystick.catalog.legal_entity import (
    OWN_RATES,
    PUBLISHED_RATES,
    BankAccount,
    Branding,
    DocumentDate,
    DocumentForm,
    IssueRules,
    LegalEntity,
    TaxRegistration,
    TaxScheme,
    UnconfirmedTaxId,
)
from tallystick.catalog.permission import refused_changes
from tallystick.catalog.plan import (
    Alignment,
    BookReference,
    PlanVersion,
    PriceBook,
    Proration,
    Threshold,
)
from tallystick.catalog.planning import CatalogPlan, plan_catalog
from tallystick.catalog.read import (
    account_from_document,
    catalog_from_documents,
    coupon_from_document,
    item_paths,
    legal_entity_from_document,
)
from tallystick.catalog.read_tax import taxpayer_from_document
from tallystick.catalog.subscription import (
    AddOn,
    AmountByHand,
    Block,
    ContractChange,
    ManualKind,
    ManualLine,
    Quantities,
    Subscription,
    Term,
)
from tallystick.catalog.tax_rule import (
    BuyerKind,
    SupplyKind,
    TaxCategory,
    TaxRule,
    tax_rule_problems,
)
from tallystick.catalog.write import (
    account_document,
    add_on_document,
    catalog_documents,
    contract_change_document,
    legal_entity_document,
    personal_document,
    plan_document,
    price_book_document,
    resource_document,
    subscription_document,
    term_document,
)
from tallystick.catalog.write_tax import tax_rule_document, taxpayer_document

__all__ = [
    "LANGUAGES",
    "LISTS",
    "OWN_RATES",
    "PUBLISHED_RATES",
    "Action",
    "AddOn",
    "Alignment",
    "AmountByHand",
    "BankAccount",
    "Block",
    "BookReference",
    "Branding",
    "BuyerKind",
    "Catalog",
    "CatalogPlan",
    "Change",
    "ContractChange",
    "Coupon",
    "CouponDuration",
    "CouponGrant",
    "DocumentDate",
    "DocumentForm",
    "Documents",
    "FieldChange",
    "GivenCoupon",
    "IssueRules",
    "LegalEntity",
    "ManualKind",
    "ManualLine",
    "Place",
    "PlanVersion",
    "PriceBook",
    "Proration",
    "Quantities",
    "Source",
    "Subscription",
    "SupplyKind",
    "TaxCategory",
    "TaxRegistration",
    "TaxRule",
    "TaxScheme",
    "Term",
    "Threshold",
    "UnconfirmedTaxId",
    "account_document",
    "account_from_document",
    "add_on_document",
    "catalog_documents",
    "catalog_from_documents",
    "contract_change_document",
    "contract_change_from_document",
    "coupon_document",
    "coupon_from_document",
    "coupon_problems",
    "diff",
    "gather",
    "grant_document",
    "item_paths",
    "legal_entity_document",
    "legal_entity_from_document",
    "newly_unfit",
    "own_quantities",
    "personal_document",
    "placed",
    "plan_catalog",
    "plan_document",
    "price_book_document",
    "qualified",
    "refused_changes",
    "resource_document",
    "stored_terms",
    "subscription_document",
    "tax_rule_document",
    "tax_rule_problems",
    "taxpayer_document",
    "taxpayer_from_document",
    "term_document",
    "touched",
]
