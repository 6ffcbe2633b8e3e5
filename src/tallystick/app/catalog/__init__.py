"""Use cases of the catalog: apply, export, list."""

from tallystick.app.catalog.alert_rules import (
    DeleteAlertRule,
    DeletedAlertRule,
    SetAlertRule,
    delete_alert_rule,
    get_alert_rule,
    list_alert_rules,
    set_alert_rule,
)
from tallystick.app.catalog.apply_catalog import AppliedCatalog, ApplyCatalog, apply_catalog
from tallystick.app.catalog.copy_catalog import CopiedCatalog, CopyCatalog, copy_catalog
from tallystick.app.catalog.export_catalog import export_catalog
from tallystick.app.catalog.list_definitions import list_meters, list_plan_versions
from tallystick.app.catalog.load_catalog import load_catalog
from tallystick.app.catalog.ports import CatalogStore, PriceSeriesStore
from tallystick.app.catalog.publish_prices import (
    PricesPublished,
    PublishPrices,
    list_prices,
    publish_prices,
)
from tallystick.app.catalog.read_policy import read_quota_policy
from tallystick.app.catalog.wire import (
    CatalogBody,
    body_from_json,
    documents_from_body,
    json_from_documents,
)

__all__ = [
    "AppliedCatalog",
    "ApplyCatalog",
    "CatalogBody",
    "CatalogStore",
    "CopiedCatalog",
    "CopyCatalog",
    "DeleteAlertRule",
    "DeletedAlertRule",
    "PriceSeriesStore",
    "PricesPublished",
    "PublishPrices",
    "SetAlertRule",
    "apply_catalog",
    "body_from_json",
    "copy_catalog",
    "delete_alert_rule",
    "documents_from_body",
    "export_catalog",
    "get_alert_rule",
    "json_from_documents",
    "list_alert_rules",
    "list_meters",
    "list_plan_versions",
    "list_prices",
    "load_catalog",
    "publish_prices",
    "read_quota_policy",
    "set_alert_rule",
]
