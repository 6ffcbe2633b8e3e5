"""What applying a catalog did, and published prices, over the wire."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from tallystick.app.catalog import AppliedCatalog
from tallystick.app.invoicing import PriceImpact
from tallystick.catalog import Action, Change, PriceFact
from tallystick.kernel import instant_text, plain


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


class PublishedPrice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What one unit costs from an instant on, until before the next one's.

    `corrects` says why the time before the last price is told anew; empty for the next price.
    """

    at: Annotated[str, msgspec.Meta(max_length=64)]
    unit_price: Annotated[str, msgspec.Meta(max_length=64)]
    corrects: Annotated[str, msgspec.Meta(max_length=500)] = ""


class PricesOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Prices to publish, in order of time."""

    prices: tuple[PublishedPrice, ...]


class PricesPublishedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many prices are new, and how many stood already."""

    series: str
    added: int
    unchanged: int


class PricesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was published of a series; of several about one instant the last one counts."""

    series: str
    prices: tuple[PublishedPrice, ...]


def wire_from_fact(fact: PriceFact) -> PublishedPrice:
    """Return a published price."""
    return PublishedPrice(
        at=instant_text(fact.at), unit_price=plain(fact.unit_price), corrects=fact.corrects
    )


def document_of_price(price: PublishedPrice) -> dict[str, str]:
    """Return a price to publish as a catalog file has it, where what is empty is not written."""
    told: dict[str, str] = msgspec.to_builtins(price)
    return {name: value for name, value in told.items() if value}
