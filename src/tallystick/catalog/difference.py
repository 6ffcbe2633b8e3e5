"""
The difference between a stored catalog and a wanted one.

What is wanted is created, changed or left as it is; what is stored and not mentioned stays.
Nothing is ever deleted by leaving it out of a file.

    stored: meter a, account x           wanted: account x (renamed), account y
    ->  account x changed (name: "X" -> "Xavier"), account y created; meter a is not mentioned
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from tallystick.catalog.alerts import alert_rule_document
from tallystick.catalog.catalog import Catalog
from tallystick.catalog.coupons import coupon_document, grant_document
from tallystick.catalog.features import feature_document, product_document
from tallystick.catalog.series import price_series_document
from tallystick.catalog.write import (
    account_document,
    legal_entity_document,
    personal_document,
    plan_document,
    price_book_document,
    resource_document,
    subscription_document,
)
from tallystick.catalog.write_tax import tax_rule_document
from tallystick.metering import document_from_meter

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Action(StrEnum):
    """What applying does with an object."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field, by its path in the document, with what it was and what it becomes (None: absent)."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    What becomes of one wanted object.

    ``of`` is the list in which it stands; ``version`` is None for what has none.
    """

    of: str
    key: str
    version: int | None = None
    action: Action
    fields: tuple[FieldChange, ...] = ()

    @property
    def name(self) -> str:
        """Name the object for people: ``pro`` or ``pro@2``."""
        return self.key if self.version is None else f"{self.key}@{self.version}"

    @property
    def identity(self) -> str | tuple[str, int]:
        """Give what it is found by in a catalog: its key, or key and version."""
        return self.key if self.version is None else (self.key, self.version)


def diff(stored: Catalog, wanted: Catalog) -> tuple[Change, ...]:
    """
    Give one change per wanted object, list by list in the order of reading, by key within each.

    >>> [(change.name, change.action.value) for change in diff(
    ...     Catalog(units=frozenset({"scan"})), Catalog(units=frozenset({"scan", "build"})))]
    [('build', 'created'), ('scan', 'unchanged')]
    """
    units = {name: name for name in wanted.units}, {name: name for name in stored.units}
    return (
        *_changes("units", *units, lambda name: {"name": name}),
        *_changes("tax_rules", wanted.tax_rules, stored.tax_rules, tax_rule_document),
        *_changes(
            "legal_entities", wanted.legal_entities, stored.legal_entities, legal_entity_document
        ),
        *_changes("meters", wanted.meters, stored.meters, document_from_meter),
        *_changes("personal_data", wanted.personal_data, stored.personal_data, personal_document),
        *_changes("products", wanted.products, stored.products, product_document),
        *_changes("features", wanted.features, stored.features, feature_document),
        *_changes("price_series", wanted.price_series, stored.price_series, price_series_document),
        *_changes("price_books", wanted.price_books, stored.price_books, price_book_document),
        *_changes("plans", wanted.plan_versions, stored.plan_versions, plan_document),
        *_changes("coupons", wanted.coupons, stored.coupons, coupon_document),
        *_changes("coupon_grants", wanted.coupon_grants, stored.coupon_grants, grant_document),
        *_changes("alert_rules", wanted.alert_rules, stored.alert_rules, alert_rule_document),
        *_changes("accounts", wanted.accounts, stored.accounts, account_document),
        *_changes("resources", wanted.resources, stored.resources, resource_document),
        *_changes(
            "subscriptions", wanted.subscriptions, stored.subscriptions, subscription_document
        ),
    )


def touched(catalog: Catalog, changes: tuple[Change, ...]) -> Catalog:
    """Keep of a wanted catalog what the changes create or change."""
    names: dict[str, set[Hashable]] = {}
    for change in changes:
        if change.action is not Action.UNCHANGED:
            names.setdefault(change.of, set()).add(change.identity)

    def kept(of: str, values: Mapping[K, T]) -> dict[K, T]:
        wanted = names.get(of, set())
        return {key: value for key, value in values.items() if key in wanted}

    return Catalog(
        units=catalog.units & {str(name) for name in names.get("units", set())},
        tax_rules=kept("tax_rules", catalog.tax_rules),
        legal_entities=kept("legal_entities", catalog.legal_entities),
        meters=kept("meters", catalog.meters),
        personal_data=kept("personal_data", catalog.personal_data),
        products=kept("products", catalog.products),
        features=kept("features", catalog.features),
        price_series=kept("price_series", catalog.price_series),
        price_books=kept("price_books", catalog.price_books),
        plan_versions=kept("plans", catalog.plan_versions),
        coupons=kept("coupons", catalog.coupons),
        coupon_grants=kept("coupon_grants", catalog.coupon_grants),
        alert_rules=kept("alert_rules", catalog.alert_rules),
        accounts=kept("accounts", catalog.accounts),
        resources=kept("resources", catalog.resources),
        subscriptions=kept("subscriptions", catalog.subscriptions),
    )


def _changes(
    of: str,
    wanted: Mapping[K, T],
    stored: Mapping[K, T],
    document: Callable[[T], Mapping[str, object]],
) -> Iterator[Change]:
    for key, value in sorted(wanted.items(), key=lambda item: str(item[0])):
        before = stored.get(key)
        if before is None:
            yield _change(of, key, Action.CREATED)
            continue
        # A store gives mappings back in an order of its own; what differs is what documents say.
        differ = before != value and _field_changes(document(before), document(value))
        fields = tuple(differ or ())
        action = Action.CHANGED if fields else Action.UNCHANGED
        yield replace(_change(of, key, action), fields=fields)


def _change(of: str, identity: Hashable, action: Action) -> Change:
    if isinstance(identity, tuple):
        return Change(of=of, key=identity[0], version=identity[1], action=action)
    return Change(of=of, key=str(identity), action=action)


def _field_changes(before: object, after: object, path: str = "") -> Iterator[FieldChange]:
    """Walk two documents side by side down to what differs."""
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys([*before, *after]):
            below = f"{path}.{name}" if path else str(name)
            yield from _field_changes(before.get(name), after.get(name), below)
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            old = before[index] if index < len(before) else None
            new = after[index] if index < len(after) else None
            yield from _field_changes(old, new, f"{path}[{index}]")
    else:
        yield FieldChange(field=path, before=before, after=after)
