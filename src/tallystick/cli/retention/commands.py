"""`tallystick retention`: how long events are taken and kept, and what holds them back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, cast

from cyclopts import App, Parameter
from rich.table import Table

from tallystick.cli.connection import HERE, Session
from tallystick.cli.exits import Refusal
from tallystick.cli.output import item_table
from tallystick.kernel import Problem

RULES = ("event_type", "keep", "set_at")
HOLDS = ("id", "reason", "account", "event_type", "start", "end", "placed_at", "released_at")
FLOORS = ("event_type", "closed_before", "removed_before")
MINIMUMS = ("legal_entity", "country", "invoices_years#", "journal_years#", "audit_years#", "law")
FOR_EVER, NO_RULE = "forever", "none"

Item = Mapping[str, Any]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """
    What a hold covers: what lies in all that is given.

    Attributes:
        account: usage of this account only.
        event_type: events of this type only.
        start: used at or after, as 2026-01-01T00:00:00Z.
        end: used before.
    """

    account: Annotated[str, Parameter(help="Usage of this account only.")] = ""
    event_type: Annotated[str, Parameter(name="--type", help="Events of this type only.")] = ""
    start: Annotated[str, Parameter(help="Used at or after, as 2026-01-01T00:00:00Z.")] = ""
    end: Annotated[str, Parameter(help="Used before.")] = ""


EVERYTHING = Bounds()
"""A hold without bounds."""
retention_app = App(name="retention", help="Say how long usage is kept, and hold it.")


@retention_app.command
def show(*, session: Session = HERE) -> None:
    """
    Show rules, holds, closed times, and the statutory years of each legal entity's country.

    For example:

        tallystick retention show

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        state = cast(Item, client.get("/v1/retention"))
    session.answer(
        state,
        _rules(state["rules"]),
        item_table("Holds", state["holds"], HOLDS),
        item_table("Closed", state["floors"], FLOORS),
        item_table("By law", state["minimums"], MINIMUMS),
    )


@retention_app.command(name="set")
def set_rule(event_type: str, days: str, /, *, session: Session = HERE) -> None:
    """
    Take and keep usage of a type for so many days of age; nothing is removed by it.

    For example:

        tallystick retention set http.request 400
        tallystick retention set '*' forever
        tallystick retention set http.request none

    Args:
        event_type: Type of the events, or * for all types without a rule of their own.
        days: Whole days, `forever`, or `none` to forget the rule.
        session: Which server is asked, and how its answer is written.
    """
    order = {"event_type": event_type, "days": _days(days)}
    with session.client() as client:
        answer = cast(Item, client.post("/v1/retention/rules", order))
    session.answer(answer, _rules(answer["rules"]))


@retention_app.command
def hold(*, reason: str, bounds: Bounds = EVERYTHING, session: Session = HERE) -> None:
    """
    Keep usage whatever the rules say, until the hold is released.

    It covers what lies in all of the bounds that are given.

    For example:

        tallystick retention hold --reason "case 2026/17" --account acme

    Args:
        reason: Why, as a case number.
        bounds: What it covers; everything without any.
        session: Which server is asked, and how its answer is written.
    """
    given = asdict(bounds)
    order = {"reason": reason} | {name: text for name, text in given.items() if text}
    with session.client() as client:
        placed = cast(Item, client.post("/v1/retention/holds", order))
    session.answer(placed, f"{placed['id']} holds")


@retention_app.command
def release(hold: str, /, *, reason: str, session: Session = HERE) -> None:
    """
    Release a hold.

    For example:

        tallystick retention release hold_0123456789abcdef0123 --reason "case closed"

    Args:
        hold: Id of the hold, as `retention show` lists it.
        reason: Why it is released.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        released = client.post(f"/v1/retention/holds/{hold}/release", {"reason": reason})
    session.answer(released, f"{hold} is released")


def _days(text: str) -> int | None:
    if text in {FOR_EVER, NO_RULE}:
        return 0 if text == FOR_EVER else None
    if not text.isdecimal() or int(text) == 0:
        message = f"{text!r} is neither a number of days from 1 on, nor {FOR_EVER}, nor {NO_RULE}"
        raise Refusal([Problem(code="wrong_value", message=message, field="days")])
    return int(text)


def _rules(rules: list[Item]) -> Table:
    shown = [
        {**each, "keep": f"{each['days']} days" if each["days"] else FOR_EVER} for each in rules
    ]
    return item_table("Rules", shown, RULES)
