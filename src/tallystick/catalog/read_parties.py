"""
Reading who buys: accounts, resources, subscriptions.

A subscription is read after the accounts and plans that it names: a date in it is a local midnight
of its payer; it is billed in the payer's currency, unless it names its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from tallystick.accounts import (
    DEPTH_MAX,
    Account,
    Resource,
    Transfer,
    ZoneChange,
    is_invoiced_at,
    parent_at,
    zone_at,
)
from tallystick.catalog.amounts import read_consolidated, read_least_invoice
from tallystick.catalog.contacts import read_contact
from tallystick.catalog.contract import (
    Counted,
    Reading,
    read_add_ons,
    read_changes,
    read_own_prices,
    read_quantities,
    read_term,
)
from tallystick.catalog.features import Featured, read_entitlements
from tallystick.catalog.fields import (
    CURRENCY,
    DAY,
    DAYS,
    FLAG,
    INSTANT,
    KEY,
    MOMENT,
    TEXT,
    WHOLE,
    ZONE,
    Fields,
    read_alone,
    suggestion,
    verify,
)
from tallystick.catalog.payers import read_payer_changes
from tallystick.catalog.plan import PlanVersion
from tallystick.catalog.read_tax import read_country_code, read_taxpayer
from tallystick.catalog.subscription import Subscription
from tallystick.kernel import (
    AccountKey,
    Interval,
    IntervalUnit,
    Outcome,
    PlanKey,
    ResourceKey,
    SubscriptionKey,
    boundary,
    currency,
    plain,
    time_zone,
)

_ONE_DAY = Interval(count=1, of=IntervalUnit.DAY)
# Of contracts: periods are counted from one year to the other, however short they are.
_YEARS = range(1970, 3000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """
    What a subscription may refer to: stored already, or read before it.

    The ``_keys`` also hold what was declared with a mistake.
    """

    accounts: Mapping[AccountKey, Account]
    account_keys: frozenset[str]
    plan_versions: Mapping[tuple[PlanKey, int], PlanVersion]
    plan_keys: frozenset[tuple[str, int]]
    entity_keys: frozenset[str]
    units: frozenset[str] = frozenset()
    featured: Featured = field(default_factory=Featured)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paying:
    """Who pays for an account; nobody known where there are no ``accounts``."""

    account: AccountKey
    accounts: Mapping[AccountKey, Account]

    def payer_at(self, at: datetime | None) -> Account | None:
        above: AccountKey | None = self.account
        for _ in range(DEPTH_MAX):
            account = None if above is None else self.accounts.get(above)
            if account is None or is_invoiced_at(account, at):
                return account
            above = parent_at(account, at)
        return None

    def zone_at(self, at: datetime | None) -> str:
        payer = self.payer_at(at)
        if payer is None:
            return "UTC"
        return payer.zone if at is None else zone_at(payer, at)


def read_account(fields: Fields) -> Account:
    """Read an account; that its parent exists is checked when all accounts are read."""
    parent = fields.read_or("parent", KEY, "")
    account = Account(
        key=AccountKey(fields.read("key", KEY)),
        name=fields.read("name", TEXT),
        parent=AccountKey(parent) if parent else None,
        zone=fields.read("zone", ZONE),
        currency=fields.read("currency", CURRENCY),
        invoiced=fields.read_or("invoiced", FLAG, default=False),
        country=read_country_code(fields, "country"),
        contact=read_contact(fields),
        zone_changes=tuple(_zone_change(change) for change in fields.each("zone_changes")),
        tax=read_taxpayer(fields),
        payment_days=fields.read_or("payment_days", DAYS, None),
        consolidated=read_consolidated(fields),
        least_invoice=read_least_invoice(fields),
        payer_changes=read_payer_changes(fields),
    )
    verify(fields, "zone", time_zone)
    verify(fields, "currency", currency)
    _check_ascending(fields, "zone_changes", [change.at for change in account.zone_changes])
    return account


def read_resource(fields: Fields, account_keys: frozenset[str]) -> Resource:
    """Read a resource: its life, its first owner, and the transfers to others."""
    resource = Resource(
        key=ResourceKey(fields.read("key", KEY)),
        account=_account(fields, account_keys),
        kind=fields.read_or("kind", TEXT, ""),
        started_at=fields.read_or("started_at", INSTANT, None),
        ended_at=fields.read_or("ended_at", INSTANT, None),
        attributes=_attributes(fields),
        transfers=tuple(_transfer(part, account_keys) for part in fields.each("transfers")),
    )
    _check_life(fields, resource)
    return resource


def read_subscription(fields: Fields, known: Parties) -> Subscription:
    """Read a subscription; dates are local midnights of the payer."""
    account = _account(fields, known.account_keys)
    first = _payer(fields, account, known)
    paying = _Paying(account=account, accounts=known.accounts if first else {})
    start, end = _instant(fields, "start", paying), _instant(fields, "end", paying)
    if start is None:
        start = fields.read("start", INSTANT)
    payer, zone = paying.payer_at(start), paying.zone_at(start)
    billed_in = _billed_in(fields)
    plan, version = _plan(fields, payer, known, billed_in=billed_in)
    anchor = fields.read_or("anchor", DAY, start.astimezone(time_zone(zone)).date())
    counted = Counted(
        start=start, anchor=anchor, plan=known.plan_versions.get((plan, version)), zone=zone
    )
    term = read_term(fields)
    reading = _reading(paying, known, counted=counted, billed_in=billed_in)
    subscription = Subscription(
        key=SubscriptionKey(fields.read("key", KEY)),
        account=account,
        plan=plan,
        version=version,
        legal_entity=_entity(fields, known.entity_keys),
        start=start,
        end=end if end or term is None or term.renews else counted.after(term.periods),
        anchor=anchor,
        trial_end=_instant(fields, "trial_end", paying),
        quantities=read_quantities(fields),
        add_ons=read_add_ons(fields, reading),
        prices=read_own_prices(fields, reading),
        currency=billed_in,
        changes=read_changes(fields, reading),
        usable_from=_instant(fields, "usable_from", paying),
        term=term,
        entitlements=read_entitlements(fields, known.featured),
    )
    _check_instants(fields, subscription)
    return subscription


def _reading(
    paying: _Paying, known: Parties, *, counted: Counted, billed_in: str | None
) -> Reading:
    """Return how the parts of a contract are read."""
    payer = paying.payer_at(counted.start)
    return Reading(
        counted=counted,
        plan=lambda part: _plan(part, payer, known, billed_in=billed_in),
        instant=lambda part, name: _instant(part, name, paying),
        currency=billed_in or (payer.currency if payer else None),
        units=known.units,
        featured=known.featured,
    )


def _billed_in(fields: Fields) -> str | None:
    """Read the currency of a contract that has one of its own."""
    if not fields.has("currency"):
        return None
    verify(fields, "currency", currency)
    return fields.read("currency", CURRENCY)


def _check_instants(fields: Fields, contract: Subscription) -> None:
    for name, at in (("end", contract.end), ("trial_end", contract.trial_end)):
        if at is not None and at < contract.start:
            fields.note("wrong_value", f'"{name}" must not lie before "start"', name)
    for name, year in (("start", contract.start.year), ("anchor", contract.anchor.year)):
        if year not in _YEARS:
            message = f'"{name}" must lie in the years {_YEARS.start} to {_YEARS.stop - 1}'
            fields.note("wrong_value", message, name)
    if contract.usable_from is not None and contract.usable_from > contract.start:
        message = '"usable_from" must not lie after "start"; set "start" to when it is charged from'
        fields.note("wrong_value", message, "usable_from")


def account_from_document(document: Mapping[str, object]) -> Outcome[Account]:
    """
    Read one account as `account_document` wrote it; its parent is not looked for.

    Problems:
        unknown_field, missing_field, wrong_type, wrong_value.
    """
    return read_alone(document, read_account)


def check_parent(fields: Fields, key: AccountKey, parents: Mapping[str, AccountKey | None]) -> None:
    """Note a problem if what stands above an account is unknown, in a circle, or too deep."""
    parent = parents[key]
    if parent is not None and parent not in parents:
        message = f'unknown account "{parent}"{suggestion(parent, parents.keys())}'
        fields.note("unknown_reference", message, "parent")
        return
    chain = [key]
    while parent is not None and parent not in chain and len(chain) <= DEPTH_MAX:
        chain.append(parent)
        parent = parents.get(parent)
    if parent in chain:
        message = f'"parent": {" < ".join([*chain, parent])} is a circle; one must have no parent'
        fields.note("wrong_value", message, "parent")
    elif parent is not None:
        message = f'"parent": accounts stand in at most {DEPTH_MAX} levels'
        fields.note("wrong_value", message, "parent")


def _zone_change(fields: Fields) -> ZoneChange:
    change = ZoneChange(zone=fields.read("zone", ZONE), at=fields.read("at", INSTANT))
    verify(fields, "zone", time_zone)
    fields.finish()
    return change


def _transfer(fields: Fields, account_keys: frozenset[str]) -> Transfer:
    transfer = Transfer(account=_account(fields, account_keys), at=fields.read("at", INSTANT))
    fields.finish()
    return transfer


def _attributes(fields: Fields) -> dict[str, str]:
    """Read a mapping of texts; a number or a flag is kept as the text that was written."""
    body = fields.inside("attributes").all() if fields.has("attributes") else {}
    texts: dict[str, str] = {}
    for name, value in body.items():
        match value:
            case str():
                texts[name] = value
            case bool():
                texts[name] = "true" if value else "false"
            case int() | Decimal():
                texts[name] = plain(Decimal(value))
            case _:
                message = f'"{name}" must be text, a number, true or false'
                fields.note("wrong_type", message, f"attributes.{name}")
    return texts


def _check_life(fields: Fields, resource: Resource) -> None:
    start, end = resource.started_at, resource.ended_at
    if start is not None and end is not None and end <= start:
        fields.note("wrong_value", '"ended_at" must lie after "started_at"', "ended_at")
    instants = [transfer.at for transfer in resource.transfers]
    _check_ascending(fields, "transfers", instants)
    for index, at in enumerate(instants):
        if (start is not None and at <= start) or (end is not None and at >= end):
            message = '"at" must lie within the life of the resource'
            fields.note("wrong_value", message, f"transfers[{index}].at")


def _check_ascending(fields: Fields, name: str, instants: Sequence[datetime]) -> None:
    for index, (earlier, later) in enumerate(pairwise(instants), start=1):
        if later <= earlier:
            message = f'"at" must lie after that of the entry before; {name} stand in order of time'
            fields.note("wrong_value", message, f"{name}[{index}].at")


def _account(fields: Fields, account_keys: frozenset[str]) -> AccountKey:
    key = fields.read("account", KEY)
    if key and key not in account_keys:
        message = f'unknown account "{key}"{suggestion(key, account_keys)}'
        fields.note("unknown_reference", message, "account")
    return AccountKey(key)


def _payer(fields: Fields, account: AccountKey, known: Parties) -> Account | None:
    """Find the payer, if the accounts up to it could be read."""
    above: AccountKey | None = account
    for _ in range(DEPTH_MAX):
        if above is None:
            message = f'nobody pays for account "{account}"; set invoiced: true on it or a parent'
            fields.note("wrong_value", message, "account")
            return None
        if above not in known.accounts:
            return None
        if known.accounts[above].invoiced:
            return known.accounts[above]
        above = known.accounts[above].parent
    return None


def _instant(fields: Fields, name: str, paying: _Paying) -> datetime | None:
    """Read an instant, or a date as the local midnight of the payer at that time."""
    moment = fields.read_or(name, MOMENT, None)
    if moment is None or isinstance(moment, datetime):
        return moment
    at = boundary(moment, _ONE_DAY, 0, paying.zone_at(None))
    return boundary(moment, _ONE_DAY, 0, paying.zone_at(at))


def _plan(
    fields: Fields, payer: Account | None, known: Parties, *, billed_in: str | None
) -> tuple[PlanKey, int]:
    key, version = PlanKey(fields.read("plan", KEY)), fields.read("version", WHOLE)
    if not key or not fields.has("version"):
        return key, version
    versions = sorted(number for name, number in known.plan_keys if name == key)
    if not versions:
        names = {name for name, _ in known.plan_keys}
        fields.note("unknown_reference", f'unknown plan "{key}"{suggestion(key, names)}', "plan")
    elif version not in versions:
        held = ", ".join(str(number) for number in versions)
        message = f'plan "{key}" has no version {version}; known are {held}'
        fields.note("unknown_reference", message, "version")
    plan = known.plan_versions.get((key, version))
    if plan and payer and billed_in is None and plan.currency != payer.currency:
        message = (
            f'plan "{key}" is in {plan.currency}, but payer "{payer.key}" pays in '
            f'{payer.currency}; say in which "currency" the contract is billed'
        )
        fields.note("wrong_value", message, "plan")
    return key, version


def _entity(fields: Fields, entity_keys: frozenset[str]) -> str:
    key = fields.read("legal_entity", KEY)
    if key and key not in entity_keys:
        message = f'unknown legal entity "{key}"{suggestion(key, entity_keys)}'
        fields.note("unknown_reference", message, "legal_entity")
    return key
