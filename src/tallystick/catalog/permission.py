"""
Which changes a catalog permits: nothing that was sold or billed may change behind anybody's back.

| object | what may not change | what to do instead |
|---|---|---|
| plan version, price book version | anything, once applied | publish the next version |
| price series | currency, unit; published prices | another series; a correction with its reason |
| meter, once a stored price names it or its formula | all but versions ahead | a new key |
| legal entity | zone, currency, series_prefix, once subscribed | declare another one |
| account, once it or one below is billed | currency | a new account |
| the same | parent, invoiced | add to `payer_changes` |
| the same | `payer_changes` before now | add one, dated back if need be |
| the same | zone | add to `zone_changes` |
| the same | `zone_changes` before now | add one that lies ahead |
| feature, once granted | all but names, product, `if_unreachable` | a new key |
| coupon, its grants | all but the name and `expires_at`; all but `until` | declare another one |
| subscription | all but `end`; what `changes` hold is kept, more is added | end it, start another |

Names, addresses, resources, transfers and ends may change; what they do to closed periods is
corrected by difference when bills are next drafted.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from tallystick.accounts import Account
from tallystick.catalog.catalog import Catalog
from tallystick.catalog.contract.price_needs import unmet_need
from tallystick.catalog.difference import Action, Change
from tallystick.catalog.documents import joined
from tallystick.catalog.fields import shown
from tallystick.catalog.payers import bound_accounts, lost_changes
from tallystick.kernel import AccountKey, MeterKey, PlanKey, Problem, instant_text
from tallystick.metering import Meter, known_at, with_named_meters

_ENTITY_FIXED = frozenset({"zone", "currency", "series_prefix"})
_FEATURE_FREE = frozenset({"name", "product", "if_unreachable", "policy_name"})
_USERS_SHOWN = 5
_NEW_ACCOUNT = "else declare a new account"
_ACCOUNT_FIXED = {
    "parent": f'for a payer add to "payer_changes", {_NEW_ACCOUNT}',
    "zone": f'for a zone add to "zone_changes", {_NEW_ACCOUNT}',
    "currency": "declare a new account",
    "invoiced": f'for a payer add to "payer_changes", {_NEW_ACCOUNT}',
}


def refused_changes(
    changes: tuple[Change, ...],
    *,
    stored: Catalog,
    wanted: Catalog,
    at: datetime,
    paths: Mapping[tuple[str, Hashable], str],
) -> tuple[Problem, ...]:
    """
    Give a problem for each change that is not permitted at an instant.

    Problems:
        published, in_use: each with the path of the field, below that of the object in ``paths``.
    """
    bound = bound_accounts(stored)
    problems: list[Problem] = []
    for change in changes:
        if change.action is not Action.CHANGED:
            continue
        refused: Iterable[Problem] = ()
        match change.of:
            case "plans" | "price_books":
                refused = _published(change, stored)
            case "meters":
                refused = _meter(change, stored, wanted, at)
            case "legal_entities":
                refused = _entity(change, stored)
            case "accounts" if change.key in bound:
                refused = _account(change, stored, wanted, at)
            case "features":
                refused = _feature(change, stored)
            case "price_series" | "coupons" | "coupon_grants":
                refused = _coupon(change) if change.of != "price_series" else _series(change)
            case "subscriptions":
                refused = _subscription(change)
            case _:  # units have nothing that could change; resources and free accounts may
                pass
        path = paths[change.of, change.identity]
        problems += (replace(each, field=joined(path, each.field)) for each in refused)
    return tuple(problems)


def need_problems(
    changes: Iterable[Change], wanted: Catalog, *, paths: Mapping[tuple[str, Hashable], str]
) -> Iterator[Problem]:
    """
    Yield a problem for each price of a new plan that is taken in a quantity and needs a meter.

    What was published before this was looked for is read as ever.

    Problems:
        wrong_value: with the path of the price's meter, below that of the plan in ``paths``.
    """
    created = [one for one in changes if one.of == "plans" and one.action is Action.CREATED]
    for change in created:
        plan = next(
            each
            for key, each in wanted.plan_versions.items()
            if key == (change.key, change.version)
        )
        of_book = frozenset(plan.price_book.prices) if plan.price_book else frozenset()
        own = [price for price in plan.prices if price.key not in of_book]
        for index, price in enumerate(own):
            if price.meter is None and (unmet := unmet_need(price, None)):
                field = f"{paths['plans', change.identity]}.prices[{index}].meter"
                yield Problem(code="wrong_value", message=f'"meter" {unmet}', field=field)


def _published(change: Change, stored: Catalog) -> Iterator[Problem]:
    held = stored.plan_versions if change.of == "plans" else stored.price_books
    newest = max(number for name, number in held if name == change.key)
    what = "plan" if change.of == "plans" else "price book"
    message = (
        f'{what} "{change.key}" version {change.version} is published; '
        f"publish version {newest + 1} instead"
    )
    yield from _each_field(change, "published", message)


def _meter(change: Change, stored: Catalog, wanted: Catalog, at: datetime) -> Iterator[Problem]:
    """Refuse to change a meter in use, unless by versions that lie ahead."""
    key = MeterKey(change.name)
    sellers = [(each.plan, each.prices) for each in stored.plan_versions.values()]
    sellers += [(PlanKey(each.key), each.prices) for each in stored.price_books.values()]
    within = {change.name, *(m.key for m in stored.meters.values() if _names(m, change.name))}
    users = sorted(
        {key for key, prices in sellers if any(price.meter in within for price in prices)}
    )
    if known_at(stored.meters[key], at) == known_at(wanted.meters[key], at):
        return
    if users:
        message = (
            f'meter "{change.name}" is priced by {", ".join(users)}; a change would alter what was '
            "billed; add a version with an effective_at that lies ahead, or declare a meter with a "
            "new key and publish a plan version that uses it"
        )
        yield from _each_field(change, "in_use", message)


def _names(meter: Meter, key: str) -> bool:
    return any(one.key == key for one in with_named_meters([meter]))


def _entity(change: Change, stored: Catalog) -> Iterator[Problem]:
    if any(each.legal_entity == change.name for each in stored.subscriptions.values()):
        message = f'legal entity "{change.name}" issues invoices; declare another one instead'
        yield from _each_field(change, "in_use", message, only=_ENTITY_FIXED)


def _feature(change: Change, stored: Catalog) -> Iterator[Problem]:
    """Refuse to change what is granted already; what does not alter how it counts may change."""
    granters = [
        (f"{each.plan}@{each.version}", each.entitlements) for each in stored.plan_versions.values()
    ]
    for contract in stored.subscriptions.values():
        granters += [(str(contract.key), one.entitlements) for one in contract.agreed]
    users = sorted(
        {name for name, granted in granters if any(one.feature == change.key for one in granted)}
    )
    if users:
        message = (
            f'feature "{change.key}" is granted by {", ".join(users[:_USERS_SHOWN])}; '
            "declare a feature with a new key and publish a plan version that grants it"
        )
        fixed = frozenset(each.field for each in change.fields if each.field not in _FEATURE_FREE)
        yield from _each_field(change, "in_use", message, only=fixed)


def _series(change: Change) -> Iterator[Problem]:
    """Refuse to change what published prices mean."""
    message = f'prices of "{change.name}" were published so; declare another series instead'
    yield from _each_field(change, "published", message, only=frozenset({"currency", "unit"}))


def _coupon(change: Change) -> Iterator[Problem]:
    """Refuse what would alter documents that it was used on; when it ends may change."""
    free = {"name", "expires_at", "until"}
    message = f'"{change.name}" was given or may have been; declare another one instead'
    fixed = frozenset(each.field for each in change.fields if each.field not in free)
    yield from _each_field(change, "in_use", message, only=fixed)


def _subscription(change: Change) -> Iterator[Problem]:
    message = f'subscription "{change.name}" stands; set its "end" and declare another one'
    changed = frozenset(
        each.field
        for each in change.fields
        if each.field != "end" and not each.field.startswith("changes")
    )
    yield from _each_field(change, "in_use", message, only=changed)


def _account(change: Change, stored: Catalog, wanted: Catalog, at: datetime) -> Iterator[Problem]:
    key = AccountKey(change.name)
    for field, instead in _ACCOUNT_FIXED.items():
        message = f'account "{key}" is billed; {instead}'
        yield from _each_field(change, "in_use", message, only=frozenset({field}))
    if _past_zones(stored.accounts[key], at) != _past_zones(wanted.accounts[key], at):
        message = f'account "{key}" is billed; a change of zone must lie ahead of now'
        yield Problem(code="in_use", message=message, field="zone_changes")
    for lost in lost_changes(stored.accounts[key], wanted.accounts[key], at=at):
        message = (
            f'account "{key}" is billed; its change of payer of {instant_text(lost.at)} may not '
            "change or go; add another one, at the same instant if it should never have been"
        )
        yield Problem(code="in_use", message=message, field="payer_changes")


def _each_field(
    change: Change, code: str, message: str, *, only: frozenset[str] | None = None
) -> Iterator[Problem]:
    """Give the problem once per changed field, with what it was and what it would become."""
    for field in change.fields:
        if only is None or field.field in only:
            yield Problem(
                code=code,
                message=f'"{field.field}" may not change from {shown(field.before)} to '
                f"{shown(field.after)}: {message}",
                field=field.field,
            )


def _past_zones(account: Account, at: datetime) -> list[tuple[str, datetime]]:
    return [(change.zone, change.at) for change in account.zone_changes if change.at <= at]
