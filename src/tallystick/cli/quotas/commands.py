"""`tallystick quota`: what stands against limits, may so much be used, and are counters right."""

from typing import Annotated, Any, cast

from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.output import item_table

LIMITS = ("feature", "kind", "limit", "used", "held", "remaining", "resets_at", "sources")
DECIDED = ("allowed", "reason", "limit", "used", "held", "remaining", "retry_at", "message")
DIFFERENCES = ("account", "feature", "what", "enforced", "expected")
_DIFFERS = 1

quota_app = App(name="quota", help="See limits and what stands against them; compare counters.")


@quota_app.command
def usage(account: str, /, *, session: Session = HERE) -> None:
    """
    Show every limit of an account: used, held by reservations and leases, left, and why.

    For example:

        tallystick quota usage acme
        tallystick quota usage acme --json

    Args:
        account: Whose limits.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        answer = cast(Item, client.get("/v1/quota/usage", account=account))
    rows = [_shown(one) for one in cast("list[dict[str, Any]]", answer["quotas"])]
    session.answer(answer, item_table("", rows, LIMITS))


@quota_app.command
def check(
    account: str,
    feature: str,
    quantity: str = "1",
    /,
    *,
    operation: str = "",
    session: Session = HERE,
) -> None:
    """
    Ask whether so much may be used; nothing is counted.

    For example:

        tallystick quota check acme api-calls 1000
        tallystick quota check acme storage 2.5 --operation uploads

    Args:
        account: Who would use it.
        feature: What would be used.
        quantity: How much.
        operation: For what, where the plan treats operations differently beyond a limit.
        session: Which server is asked, and how its answer is written.
    """
    order = {
        "account": account,
        "feature": feature,
        "quantity": quantity,
        "operation": operation,
    }
    with session.client() as client:
        answer = cast(Item, client.post("/v1/quota/check", order))
    session.answer(answer, item_table("", [answer], DECIDED))


@quota_app.command
def compare(
    *,
    repair: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> None:
    """
    Compare each limit that is enforced with what is granted, and each counter with its events.

    Ends with 1 where something differs and is not repaired.

    For example:

        tallystick quota compare
        tallystick quota compare --repair

    Args:
        repair: Put right what differs.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        answer = cast(Item, client.post("/v1/quota/compare", {"repair": repair}))
    rows = cast("list[Item]", answer["differences"])
    told = f"{answer['counters']} counters, {answer['differing']} differences"
    session.answer(answer, item_table(told, rows, DIFFERENCES))
    if answer["differing"] and not repair:
        raise SystemExit(_DIFFERS)


def _shown(one: dict[str, Any]) -> Item:
    return {**one, "sources": ", ".join(one["sources"])}
