"""
Planning an application: what documents would change in a stored catalog, or why they may not.

This is the whole decision of `apply`, with or without ``--dry-run``; carrying it out is storing
what is `touched`.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.catalog.alerts import alert_rule_problems
from tallystick.catalog.catalog import Catalog
from tallystick.catalog.contract import contract_problems, grant_problems
from tallystick.catalog.difference import Action, Change, diff, touched
from tallystick.catalog.documents import Documents, item_paths, placed_in_order
from tallystick.catalog.metric_series import series_problems
from tallystick.catalog.numbering import series_prefix_problems
from tallystick.catalog.payers import payer_problems, with_changes_kept
from tallystick.catalog.permission import need_problems, refused_changes
from tallystick.catalog.personal_paths import personal_problems
from tallystick.catalog.policies import with_policies
from tallystick.catalog.read import catalog_from_documents
from tallystick.catalog.subscription import ContractChange, Subscription
from tallystick.kernel import AccountKey, Done, Outcome, Refused, SubscriptionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogPlan:
    """What would become of each declared object, and what would be stored for it."""

    changes: tuple[Change, ...]
    stores: Catalog

    def count(self, action: Action) -> int:
        """Count the objects with which something is done."""
        return sum(change.action is action for change in self.changes)


def plan_catalog(documents: Documents, *, stored: Catalog, at: datetime) -> Outcome[CatalogPlan]:
    """
    Read documents, compare them with what is stored, and check that every change is permitted.

    Args:
        documents: what is wanted; what they do not mention stays as it is.
        stored: the whole catalog as it is now.
        at: the present instant; what lies before it is history.

    Problems:
        Those of `with_policies` and `catalog_from_documents`, else those of `refused_changes`,
        `series_problems`, `personal_problems`, `series_prefix_problems`, `payer_problems`,
        `grant_problems`, `alert_rule_problems`, `need_problems` and `contract_problems`.

    >>> from tallystick.kernel import instant
    >>> documents = Documents(lists={"units": ["scan"]})
    >>> now = instant("2026-01-01T00:00:00Z")
    >>> plan_catalog(documents, stored=Catalog(), at=now).value.count(Action.CREATED)
    1
    """
    said = with_policies(documents, stored=stored, at=at)
    if isinstance(said, Refused):
        return said
    documents = said.value
    outcome = catalog_from_documents(documents, stored=stored, at=at)
    if isinstance(outcome, Refused):
        return outcome
    wanted = with_agreed_kept(outcome.value, stored, says_end=_saying_end(documents))
    kept = with_changes_kept(
        wanted.accounts, stored.accounts, says_changes=_saying_payers(documents)
    )
    wanted = replace(wanted, accounts=kept)
    changes = diff(stored, wanted)
    paths = item_paths(documents)
    refused = (
        *refused_changes(changes, stored=stored, wanted=wanted, at=at, paths=paths),
        *series_problems(changes, wanted.meters, paths=paths),
        *personal_problems(changes, stored=stored, wanted=wanted, paths=paths),
        *series_prefix_problems(changes, wanted, stored, paths=paths),
        *payer_problems(wanted, stored, paths=paths),
        *grant_problems(wanted, stored, paths=paths),
        *alert_rule_problems(
            wanted.alert_rules, stored.accounts.keys() | wanted.accounts.keys(), paths=paths
        ),
        *need_problems(changes, wanted, paths=paths),
        *contract_problems(
            outcome.value,
            wanted,
            stored=stored,
            plans={**stored.plan_versions, **wanted.plan_versions},
            paths=paths,
        ),
    )
    if refused:
        return Refused(placed_in_order(refused, documents.places))
    return Done(CatalogPlan(changes=changes, stores=touched(wanted, changes)))


def with_agreed_kept(
    wanted: Catalog, stored: Catalog, *, says_end: AbstractSet[SubscriptionKey]
) -> Catalog:
    """
    Add to each wanted subscription what stands and what its document does not speak of.

    A file does not know what was agreed since it was written; nothing that was agreed is taken back
    by leaving it out: changes stay, and so does an end.

    Args:
        wanted: what documents declare.
        stored: what stands.
        says_end: the subscriptions whose documents name their end, be it as none.
    """

    def kept(key: SubscriptionKey, one: Subscription) -> Subscription:
        stands = stored.subscriptions.get(key)
        if stands is None:
            return one
        end = one.end if key in says_end else stands.end
        changes = _merged(stands.changes, one.changes)
        return replace(one, end=end, changes=changes, manual=stands.manual)

    merged = {key: kept(key, one) for key, one in wanted.subscriptions.items()}
    return replace(wanted, subscriptions=merged)


def _saying_end(documents: Documents) -> frozenset[SubscriptionKey]:
    """Return the subscriptions whose documents hold the field, with a value or empty."""
    bodies = documents.lists.get("subscriptions", ())
    return frozenset(
        SubscriptionKey(str(body.get("key")))
        for body in bodies
        if isinstance(body, Mapping) and "end" in body
    )


def _saying_payers(documents: Documents) -> frozenset[AccountKey]:
    """Return the accounts whose documents hold the field, with a value or empty."""
    bodies = documents.lists.get("accounts", ())
    return frozenset(
        AccountKey(str(body.get("key")))
        for body in bodies
        if isinstance(body, Mapping) and "payer_changes" in body
    )


def _merged(
    stands: tuple[ContractChange, ...], declared: tuple[ContractChange, ...]
) -> tuple[ContractChange, ...]:
    """Put what is new behind what stands at the same instant."""
    new = [change for change in declared if change not in stands]
    return tuple(sorted([*stands, *new], key=lambda change: change.at))
