"""What applying a catalog did, over the wire."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from tallystick.app.catalog import AppliedCatalog
from tallystick.app.invoicing import PriceImpact
from tallystick.catalog import Action, Change


class FieldChangeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A field, by its path in the document; null stands for absent."""

    field: str
    before: Any
    after: Any


class ChangeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one declared object; `of` is the list in which it stands."""

    of: str
    key: str
    version: int | None
    action: Action
    fields: tuple[FieldChangeAnswer, ...]


class ContractImpactAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a contract's last whole period came to, and what it would come to; without taxes."""

    subscription: str
    account: str
    before: str
    after: str


class PriceImpactAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a new plan version would change for the contracts that stand on versions before it.

    `before` and `after` are sums over the last whole periods of the contracts that were compared,
    without taxes, in `currency`; null where none was. `greatest` differ most.
    """

    plan: str
    version: int
    contracts: int
    accounts: int
    compared: int
    currency: str | None
    before: str | None
    after: str | None
    greatest: tuple[ContractImpactAnswer, ...]


class AppliedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, or with `dry_run` would be done; then `impact` says what prices would do."""

    dry_run: bool
    created: int
    changed: int
    unchanged: int
    changes: tuple[ChangeAnswer, ...]
    impact: tuple[PriceImpactAnswer, ...] = ()


def wire_from_applied(applied: AppliedCatalog, impact: Iterable[PriceImpact] = ()) -> AppliedAnswer:
    """Return what was applied as it goes over the wire, and what its prices would change."""
    return AppliedAnswer(
        dry_run=applied.dry_run,
        created=applied.created,
        changed=applied.changed,
        unchanged=applied.unchanged,
        changes=tuple(_change(change) for change in applied.changes),
        impact=tuple(_impact(each) for each in impact),
    )


def _impact(impact: PriceImpact) -> PriceImpactAnswer:
    before, after = impact.before, impact.after
    return PriceImpactAnswer(
        plan=impact.plan,
        version=impact.version,
        contracts=impact.contracts,
        accounts=impact.accounts,
        compared=impact.compared,
        currency=None if before is None else before.currency.code,
        before=None if before is None else f"{before.decimal:f}",
        after=None if after is None else f"{after.decimal:f}",
        greatest=tuple(
            ContractImpactAnswer(
                subscription=each.subscription,
                account=each.account,
                before=f"{each.before.decimal:f}",
                after=f"{each.after.decimal:f}",
            )
            for each in impact.greatest
        ),
    )


def _change(change: Change) -> ChangeAnswer:
    return ChangeAnswer(
        of=change.of,
        key=change.key,
        version=change.version,
        action=change.action,
        fields=tuple(
            FieldChangeAnswer(field=each.field, before=each.before, after=each.after)
            for each in change.fields
        ),
    )
