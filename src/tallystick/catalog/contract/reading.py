"""
Reading what a subscription agrees on beyond its plan: trial, quantities, add-ons, prices, changes.

    trial_end: "2026-02-01"
    quantities: {seats: "5"}
    add_ons: [{plan: support, version: 1}]
    changes:
      - {at: "2026-03-10", paused: true}
      - {at: "2026-03-20", paused: false}
      - {at: "2026-04-05", plan: team, version: 1, quantities: {seats: "8"}}
      - {at: "2026-05-01", prices: [{key: calls, model: unit, meter: calls, unit_price: "0.08"}]}
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from tallystick.catalog.contract.phases import PERIODS_MAX, Counted
from tallystick.catalog.contract.price_needs import unbillable_interval
from tallystick.catalog.documents import joined
from tallystick.catalog.features import Featured, read_entitlements
from tallystick.catalog.fields import DAY, FLAG, INSTANT, KEY, TEXT, WHOLE, Fields
from tallystick.catalog.subscription import (
    AddOn,
    AmountByHand,
    Block,
    ContractChange,
    Quantities,
)
from tallystick.kernel import (
    Misuse,
    PlanKey,
    PriceKey,
    Problem,
    Refused,
    check,
    is_key,
    parse_decimal,
)
from tallystick.pricing import FlatPrice, Price, price_from_document

CHANGES_MAX = 1_000
REASON_CHARS_MAX = 500
_CHANGING = (
    "plan",
    "version",
    "anchor",
    "quantities",
    "paused",
    "restart_tiers",
    "add_ons",
    "prices",
    "plan_prices",
    "amounts",
    "fees",
    "blocks",
    "entitlements",
    "plan_entitlements",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """
    How parts of a contract are read.

    Attributes:
        plan: reads ``plan`` and ``version`` and notes what is wrong with them.
        instant: reads an instant, or a date as the payer's local midnight.
        currency: of prices that name none; None: each names its own.
        units: countable units that the catalog declares; None: what is written is taken.
        counted: by what ``after_periods`` is counted; None: no change says so.
        featured: the features that may be granted; None: what is written is taken.
    """

    plan: Callable[[Fields], tuple[PlanKey, int]]
    instant: Callable[[Fields, str], datetime | None]
    currency: str | None = None
    units: frozenset[str] | None = None
    counted: Counted | None = None
    featured: Featured | None = None


def read_changes(fields: Fields, reading: Reading) -> tuple[ContractChange, ...]:
    """Read the changes of a contract, in order of time; ``fields`` are of the subscription."""
    changes: list[ContractChange] = []
    for index, part in enumerate(fields.each("changes")):
        change = _read_change(part, reading)
        if changes and change.at < changes[-1].at:
            message = '"at" must not lie before that of the change before it'
            fields.note("wrong_value", message, f"changes[{index}].at")
        changes.append(change)
    if len(changes) > CHANGES_MAX:
        message = f'"changes" holds at most {CHANGES_MAX}; end the subscription and start another'
        fields.note("wrong_value", message, "changes")
    return tuple(changes)


def contract_change_from_document(document: Mapping[str, object]) -> ContractChange:
    """
    Return the change that a stored document holds.

    Raises:
        InvariantBroken: it is not one that was written by `contract_change_document`.
    """
    problems: list[Problem] = []
    change = _read_change(Fields(document, path="", problems=problems), _AS_STORED)
    check(not problems, f"a stored change of a contract cannot be read: {problems[:1]}")
    return change


def stored_terms(
    add_ons: list[object], prices: list[object]
) -> tuple[tuple[AddOn, ...], tuple[Price, ...]]:
    """
    Return the add-ons and prices that a contract began with, from stored documents.

    Raises:
        InvariantBroken: they are not such as catalogs write.
    """
    problems: list[Problem] = []
    fields = Fields({"add_ons": add_ons, "prices": prices}, path="", problems=problems)
    found = read_add_ons(fields, _AS_STORED), read_own_prices(fields, _AS_STORED)
    check(not problems, f"the stored terms of a contract cannot be read: {problems[:1]}")
    return found


def _read_change(fields: Fields, reading: Reading) -> ContractChange:
    at = _read_at(fields, reading)
    plan: PlanKey | None = None
    version: int | None = None
    if fields.has("plan") or fields.has("version"):
        plan, version = reading.plan(fields)
    change = ContractChange(
        at=fields.read("at", INSTANT) if at is None else at,
        plan=plan,
        version=version,
        anchor=fields.read_or("anchor", DAY, None),
        quantities=read_quantities(fields),
        paused=fields.read_or("paused", FLAG, None),
        restart_tiers=fields.read_or("restart_tiers", FLAG, default=False),
        add_ons=read_add_ons(fields, reading),
        prices=read_own_prices(fields, reading),
        plan_prices=tuple(map(PriceKey, _keys(fields, "plan_prices", of="a price"))),
        amounts=tuple(_read_amount(part) for part in fields.each("amounts")),
        fees=_read_fees(fields, reading),
        blocks=tuple(_read_block(part) for part in fields.each("blocks")),
        entitlements=read_entitlements(fields, reading.featured),
        plan_entitlements=_keys(fields, "plan_entitlements", of="a feature"),
    )
    if fields.sound and not any(fields.has(name) for name in _CHANGING):
        message = (
            "a change must name something that changes: plan, anchor, quantities, add_ons, "
            "prices or paused"
        )
        fields.note("missing_field", message, "")
    fields.finish()
    return change


def _read_at(fields: Fields, reading: Reading) -> datetime | None:
    """Read when a change takes effect: an instant, a date, or after how many billing periods."""
    at = reading.instant(fields, "at")
    if reading.counted is None or not fields.has("after_periods"):
        return at
    if at is not None:
        fields.note("wrong_value", '"after_periods" is said in place of "at"', "after_periods")
    periods = fields.read("after_periods", WHOLE)
    at = reading.counted.after(periods)
    if at is None and reading.counted.plan is not None:
        fields.note("wrong_value", f'"after_periods" must be 1 to {PERIODS_MAX}', "after_periods")
    return at or reading.counted.start


def _read_block(fields: Fields) -> Block:
    billing, change, entitlement = (
        fields.read_or(name, FLAG, None) for name in ("billing", "change", "entitlement")
    )
    block = Block(
        level=fields.read_or("level", KEY, "contract"),
        billing=billing,
        change=change,
        entitlement=entitlement,
    )
    if {billing, change, entitlement} == {None}:
        message = "a block must say what it holds back: billing, change or entitlement"
        fields.note("missing_field", message, "billing")
    fields.finish()
    return block


def _read_amount(fields: Fields) -> AmountByHand:
    """Read an amount that was set by hand; an amount stands alone."""
    numbers = {name: _read_number(fields, name) for name in ("quantity", "unit_price", "amount")}
    if numbers["amount"] is not None and len([one for one in numbers.values() if one]) > 1:
        message = '"amount" stands in place of quantity and unit_price; leave those out'
        fields.note("wrong_value", message, "amount")
    group = fields.items("group")
    if not all(isinstance(each, str) for each in group):
        fields.note("wrong_type", '"group" must be a list of texts', "group")
    fact = AmountByHand(
        price=PriceKey(fields.read("price", KEY)),
        group=tuple(map(str, group)),
        reason=fields.read("reason", TEXT),
        by=fields.read_or("by", TEXT, "a catalog file"),
        **numbers,
    )
    if len(fact.reason) > REASON_CHARS_MAX:
        message = f'"reason" has at most {REASON_CHARS_MAX} characters'
        fields.note("wrong_value", message, "reason")
    fields.finish()
    return fact


def _read_number(fields: Fields, name: str) -> Decimal | None:
    if not fields.has(name):
        return None
    number = _number(fields.raw(name))
    if number is None:
        fields.note("wrong_value", f'"{name}" must be a number of 0 or more', name)
    return number


def read_add_ons(fields: Fields, reading: Reading) -> tuple[AddOn, ...]:
    """Read which add-ons are taken, in the order of their keys; each is named once."""
    found: dict[PlanKey, AddOn] = {}
    for index, part in enumerate(fields.each("add_ons")):
        plan, version = reading.plan(part)
        if plan in found:
            message = f'add-on "{plan}" stands here twice'
            fields.note("duplicate_key", message, f"add_ons[{index}].plan")
        given = part.raw("quantity")
        quantity = Decimal(1) if given is None else _number(given)
        if quantity is None:
            part.note("wrong_value", '"quantity" must be a number of 0 or more', "quantity")
        found[plan] = AddOn(
            plan=plan,
            version=version,
            quantity=Decimal(1) if quantity is None else quantity,
            until=reading.instant(part, "until"),
            trial_end=reading.instant(part, "trial_end"),
        )
        part.finish()
    return tuple(found[key] for key in sorted(found))


def read_own_prices(fields: Fields, reading: Reading) -> tuple[Price, ...]:
    """Read the prices that a contract pays in place of its plans', in the order of their keys."""
    return _read_prices("prices", fields, reading)


def _read_fees(fields: Fields, reading: Reading) -> tuple[Price, ...]:
    """Read what is charged once: flat prices, in advance unless told otherwise."""
    found = _read_prices("fees", fields, reading, given={"model": "flat", "cadence": "advance"})
    for index, price in enumerate(found):
        if not isinstance(price.model, FlatPrice) or price.cadence != "advance":
            message = "what is charged once is a flat price in advance; leave model and cadence out"
            fields.note("wrong_value", message, f"fees[{index}].model")
    return found


def _read_prices(
    name: str, fields: Fields, reading: Reading, given: Mapping[str, object] = MappingProxyType({})
) -> tuple[Price, ...]:
    found: dict[PriceKey, Price] = {}
    for index, written in enumerate(fields.items(name)):
        path = f"{name}[{index}]"
        body = {**given, **written} if isinstance(written, Mapping) else written
        units = _written_units(body) if reading.units is None else reading.units
        outcome = price_from_document(body, currency=reading.currency, declared_units=units)
        if isinstance(outcome, Refused):
            for problem in outcome.problems:
                fields.note(problem.code, problem.message, joined(path, problem.field))
            continue
        price = outcome.value
        if price.key in found:
            fields.note("duplicate_key", f'price "{price.key}" stands here twice', f"{path}.key")
        if reading.units is not None and (hourly := unbillable_interval(price)):
            fields.note("wrong_value", hourly, f"{path}.interval")
        if reading.currency is not None and price.currency != reading.currency:
            message = f'"currency" must be {reading.currency} as the payer\'s, or left out'
            fields.note("wrong_value", message, f"{path}.currency")
        found[price.key] = price
    return tuple(found[key] for key in sorted(found))


def read_quantities(fields: Fields) -> Quantities:
    """Read how much of prices without a meter is taken, by key of the price."""
    body = fields.inside("quantities").all() if fields.has("quantities") else {}
    found: dict[PriceKey, Decimal] = {}
    for name, value in body.items():
        path = f"quantities.{name}"
        if not is_key(str(name)):
            fields.note("wrong_value", f'"{name}" is not the key of a price', path)
        elif isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            fields.note("wrong_type", f'"{name}" must be a number such as "5"', path)
        elif (number := _number(value)) is None:
            fields.note("wrong_value", f'"{name}" must be a number of 0 or more', path)
        else:
            found[PriceKey(str(name))] = number
    return tuple(sorted(found.items()))


def _keys(fields: Fields, name: str, *, of: str) -> tuple[str, ...]:
    found: set[str] = set()
    for index, each in enumerate(fields.items(name)):
        if isinstance(each, str) and is_key(each):
            found.add(each)
        else:
            fields.note("wrong_value", f"must be the key of {of}", f"{name}[{index}]")
    return tuple(sorted(found))


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        number = parse_decimal(str(value))
    except Misuse:
        return None
    return number if number >= 0 else None


def _written_units(body: object) -> frozenset[str]:
    """Return the words of a stored price's unit: they were checked when it was agreed on."""
    unit = body.get("unit") if isinstance(body, Mapping) else None
    return frozenset(unit.split(".")) if isinstance(unit, str) else frozenset()


_AS_STORED = Reading(
    plan=lambda part: (PlanKey(part.read("plan", KEY)), part.read("version", WHOLE)),
    instant=lambda part, name: part.read_or(name, INSTANT, None),
)
