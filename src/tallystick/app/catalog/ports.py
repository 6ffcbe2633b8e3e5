"""What the use cases of the catalog ask of a store: definitions by key, saved whole."""

from typing import Protocol

from tallystick.catalog import Catalog, LegalEntity, PlanVersion
from tallystick.kernel import MeterKey, PlanKey
from tallystick.metering import Meter


class CatalogStore(Protocol):
    """Units, legal entities, meters, price books and plan versions of one workspace."""

    def lock(self) -> None:
        """Wait for other transactions that change this workspace's catalog; keep them waiting."""
        ...

    def hold(self) -> None:
        """Wait for a transaction that changes the catalog; let none begin, but others that hold."""
        ...

    def load_definitions(self) -> Catalog:
        """Give all definitions; accounts, resources and subscriptions are left empty."""
        ...

    def save_definitions(self, catalog: Catalog) -> None:
        """Insert or replace the definitions given (plan versions and price books: insert only)."""
        ...

    def load_plan_version(self, plan: PlanKey, version: int) -> PlanVersion | None:
        """Give one plan version."""
        ...

    def load_meter(self, key: MeterKey) -> Meter | None:
        """Give one meter."""
        ...

    def load_legal_entity(self, key: str) -> LegalEntity | None:
        """Give one legal entity."""
        ...

    def list_meters(self, *, after: str, limit: int) -> tuple[Meter, ...]:
        """Give meters by key, behind ``after`` (empty: from the first)."""
        ...

    def list_plan_versions(self, *, after: str, limit: int) -> tuple[PlanVersion, ...]:
        """Give plan versions by their ``sort_key``, behind ``after`` (empty: from the first)."""
        ...
