"""Use cases of the catalog: apply, export, read."""

from tallystick.app.catalog.ports import CatalogStore

__all__ = ["CatalogStore"]
