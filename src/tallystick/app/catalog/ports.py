"""What the use cases of the catalog ask of a store: definitions by key, saved whole."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tallystick.catalog import AlertRule, Catalog, LegalEntity, PlanVersion, PriceFact
from tallystick.kernel import MeterKey, PlanKey
from tallystick.metering import Meter


class PriceSeriesStore(Protocol):
    """What was published of price series; facts are added, never changed."""

    def load(self, keys: Collection[str]) -> Mapping[str, tuple[PriceFact, ...]]:
        """Give what was published of series by key, in order; those without prices are left out."""
        ...

    def add(self, series: str, facts: Sequence[PriceFact]) -> None:
        """Put further facts behind those of a series that is stored."""
        ...

    def page(self, series: str, *, since: datetime, limit: int) -> tuple[PriceFact, ...]:
        """Give what was published about an instant and later, in order of time."""
        ...


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

    def load_meters(self) -> Mapping[MeterKey, Meter]:
        """Give all meters, by key."""
        ...

    def load_meter(self, key: MeterKey) -> Meter | None:
        """Give one meter."""
        ...

    def load_alert_rules(self) -> tuple[AlertRule, ...]:
        """Give all alert rules, by key."""
        ...

    def load_legal_entity(self, key: str) -> LegalEntity | None:
        """Give one legal entity."""
        ...

    def list_plan_versions(self, *, after: str, limit: int) -> tuple[PlanVersion, ...]:
        """Give plan versions by their ``sort_key``, behind ``after`` (empty: from the first)."""
        ...
