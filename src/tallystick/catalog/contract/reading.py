"""
Reading what a subscription agrees on beyond its plan: trial, quantities, changes.

    trial_end: "2026-02-01"
    quantities: {seats: "5"}
    changes:
      - {at: "2026-03-10", paused: true}
      - {at: "2026-03-20", paused: false}
      - {at: "2026-04-05", plan: team, version: 1, quantities: {seats: "8"}}
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from tallystick.catalog.fields import DAY, FLAG, INSTANT, KEY, WHOLE, Fields
from tallystick.catalog.subscription import ContractChange, Quantities
from tallystick.kernel import Misuse, PlanKey, PriceKey, Problem, check, is_key, parse_decimal

CHANGES_MAX = 1_000

ReadPlan = Callable[[Fields], tuple[PlanKey, int]]
ReadInstant = Callable[[Fields, str], datetime | None]


def read_changes(
    fields: Fields, *, read_plan: ReadPlan, read_instant: ReadInstant
) -> tuple[ContractChange, ...]:
    """
    Read the changes of a contract, in order of time.

    Args:
        fields: of the subscription.
        read_plan: reads ``plan`` and ``version`` and notes what is wrong with them.
        read_instant: reads an instant, or a date as the payer's local midnight.
    """
    changes: list[ContractChange] = []
    for index, part in enumerate(fields.each("changes")):
        change = _read_change(part, read_plan=read_plan, read_instant=read_instant)
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
    change = _read_change(
        Fields(document, path="", problems=problems),
        read_plan=lambda part: (PlanKey(part.read("plan", KEY)), part.read("version", WHOLE)),
        read_instant=lambda part, name: part.read_or(name, INSTANT, None),
    )
    check(not problems, f"a stored change of a contract cannot be read: {problems[:1]}")
    return change


def _read_change(
    fields: Fields, *, read_plan: ReadPlan, read_instant: ReadInstant
) -> ContractChange:
    at = read_instant(fields, "at")
    plan: PlanKey | None = None
    version: int | None = None
    if fields.has("plan") or fields.has("version"):
        plan, version = read_plan(fields)
    change = ContractChange(
        at=fields.read("at", INSTANT) if at is None else at,
        plan=plan,
        version=version,
        anchor=fields.read_or("anchor", DAY, None),
        quantities=read_quantities(fields),
        paused=fields.read_or("paused", FLAG, None),
        restart_tiers=fields.read_or("restart_tiers", FLAG, default=False),
    )
    names = ("plan", "version", "anchor", "quantities", "paused", "restart_tiers")
    if fields.sound and not any(fields.has(name) for name in names):
        message = "a change must name something that changes: plan, anchor, quantities or paused"
        fields.note("missing_field", message, "")
    fields.finish()
    return change


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


def _number(value: str | int | Decimal) -> Decimal | None:
    try:
        number = parse_decimal(str(value))
    except Misuse:
        return None
    return number if number >= 0 else None
