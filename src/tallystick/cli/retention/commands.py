"""`tallystick retention`: how long events are taken and kept, and what holds them back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, cast

from cyclopts import App, Parameter
from rich.table import Table

from tallystick.cli.connection import HERE, Session
from tallystick.cli.exits import Refusal
from tallystick.cli.output import item_table, note
from tallystick.kernel import Problem, counted

RULES = ("event_type", "keep", "set_at")
HOLDS = ("id", "reason", "account", "event_type", "start", "end", "placed_at", "released_at")
FLOORS = ("event_type", "closed_before", "removed_before")
MINIMUMS = (
    "legal_entity", "country", "invoices_years#", "journal_years#", "audit_years#", "confirmed",
    "law",
)  # fmt: skip
PLAN = ("event_type", "events#", "removed_before", "closed_before")
OBSTACLES = ("event_type", "since", "code", "message")
REMOVED = ("event_type", "events#", "removed_before", "closed_before", "documents_sealed#")
LONG_SECONDS = 3_600.0
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
        item_table("By law", [_minimum(each) for each in state["minimums"]], MINIMUMS),
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


@retention_app.command
def plan(*, session: Session = HERE) -> None:
    """
    Show which usage `retention run` would remove now, and what holds the rest back.

    For example:

        tallystick retention plan

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client(timeout_seconds=LONG_SECONDS) as client:
        planned = cast(Item, client.get("/v1/retention/plan"))
    _show_plan(planned, session)


@retention_app.command
def run(
    *,
    yes: Annotated[bool, Parameter(negative=(), help="Remove; it cannot be undone.")] = False,
    session: Session = HERE,
) -> None:
    """
    Remove usage that rules, holds and bills let go; without --yes, show what would go.

    The content of the events is taken out of the log and of ClickHouse for good. What invoices
    rest on is sealed first; positions, identities and digests stay.

    For example:

        tallystick retention run
        tallystick retention run --yes

    Args:
        yes: Remove, rather than show.
        session: Which server is asked, and how its answer is written.
    """
    with session.client(timeout_seconds=LONG_SECONDS) as client:
        if not yes:
            _show_plan(cast(Item, client.get("/v1/retention/plan")), session)
            note("nothing was removed; add --yes to remove it for good")
            return
        removed = cast(Item, client.post("/v1/retention/removals"))
    session.answer(removed, item_table("Removed", removed["types"], REMOVED))


def _show_plan(planned: Item, session: Session) -> None:
    obstacles = [
        {**each, "event_type": one["event_type"], "since": each["since"] or "all"}
        for one in planned["types"]
        for each in one["obstacles"]
    ]
    session.answer(
        planned,
        item_table("Would go", planned["types"], PLAN),
        item_table("Held back", obstacles, OBSTACLES),
    )


def _days(text: str) -> int | None:
    if text in {FOR_EVER, NO_RULE}:
        return 0 if text == FOR_EVER else None
    if not text.isdecimal() or int(text) == 0:
        message = f"{text!r} is neither a number of days from 1 on, nor {FOR_EVER}, nor {NO_RULE}"
        raise Refusal([Problem(code="wrong_value", message=message, field="days")])
    return int(text)


def _minimum(each: Item) -> Item:
    return {**each, "confirmed": "yes" if each["confirmed"] else "no, ask an adviser"}


def _rules(rules: list[Item]) -> Table:
    shown = [
        {**each, "keep": counted(each["days"], "day") if each["days"] else FOR_EVER}
        for each in rules
    ]
    return item_table("Rules", shown, RULES)
