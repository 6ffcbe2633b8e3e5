"""Use cases of the catalog: apply, export, list."""

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
    "PriceSeriesStore",
    "PricesPublished",
    "PublishPrices",
    "apply_catalog",
    "body_from_json",
    "copy_catalog",
    "documents_from_body",
    "export_catalog",
    "json_from_documents",
    "list_meters",
    "list_plan_versions",
    "list_prices",
    "load_catalog",
    "publish_prices",
    "read_quota_policy",
]
