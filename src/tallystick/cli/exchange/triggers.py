"""`tallystick trigger`: tell what happened elsewhere, and see what came of it."""

from collections.abc import Iterable, Iterator
from secrets import token_hex
from typing import Annotated, Any, cast

import msgspec
from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.exits import Refusal
from tallystick.cli.output import item_table
from tallystick.client import Client
from tallystick.kernel import Problem

COLUMNS = ("received_at", "kind", "state", "source", "id", "shown")
PAGE = "200"
NUMBERS = frozenset({"version", "retryCount"})
FLAGS = frozenset({"restrict"})
EVIDENCE = "evidence."

trigger_app = App(
    name="trigger",
    help="""
    Tell what happened elsewhere, which starts its workflow once.

    For example:

        tallystick trigger start billing_cycle_started tenantId=acme --id cycle-2026-01
        tallystick trigger list --unfinished
    """,
)


@trigger_app.command
def start(
    kind: str,
    /,
    *data: str,
    id: Annotated[str, Parameter(name="--id")] = "",
    session: Session = HERE,
) -> None:
    """
    Start the workflow of a trigger; sent again under the same id it has one effect.

    Kinds are usage_threshold_approaching, billing_cycle_started, plan_upgrade_requested,
    plan_downgrade_requested, usage_anomaly_detected and payment_failed. What a change of plan comes
    to is told before by `tallystick subscription change --dry-run`.

    For example:

        tallystick trigger start payment_failed invoiceId=inv_5f0c1d reason=declined retryCount=1
        tallystick trigger start plan_upgrade_requested subscriptionId=a plan=team version=1

    Args:
        kind: What happened.
        data: What it says, as NAME=VALUE; evidence as evidence.NAME=VALUE.
        id: Of the trigger; without it, a new one each time.
        session: Which server is asked, and how its answer is written.
    """
    said = _data(data)
    key = id or token_hex(16)
    with session.client() as client:
        done = cast(Item, client.post(f"/v1/triggers/{kind}", said, idempotency_key=key))
    before = " before" if done["repeated"] else ""
    session.answer(done, f"{kind} {done['id']} was done{before}: {_shown(done)}")


@trigger_app.command(name="list")
def list_all(
    *,
    kind: str = "",
    unfinished: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> None:
    """
    List triggers and what came of them, the latest first.

    For example:

        tallystick trigger list --kind payment_failed
        tallystick trigger list --unfinished --json

    Args:
        kind: Only of this kind.
        unfinished: Only those that are not done; refused or failed ones go on when sent again.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = list(_triggers(client, kind))
    if unfinished:
        found = [each for each in found if each["state"] != "done"]
    rows = [{**each, "shown": _shown(each)} for each in found]
    session.answer(found, item_table("", rows, COLUMNS) if rows else "No triggers.")


def _data(texts: Iterable[str]) -> dict[str, object]:
    """Return what a trigger says; texts stay texts unless their name says otherwise."""
    said: dict[str, object] = {}
    evidence: dict[str, str] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not (name and mark):
            message = f"{text!r} is not NAME=VALUE"
            raise Refusal([Problem(code="wrong_value", message=message, field="data")])
        if name.startswith(EVIDENCE):
            evidence[name.removeprefix(EVIDENCE)] = value
        elif name in NUMBERS and value.isdecimal():
            said[name] = int(value)
        else:
            said[name] = value == "true" if name in FLAGS and value in {"true", "false"} else value
    return said | ({"evidence": evidence} if evidence else {})


def _shown(item: Item) -> str:
    """Return what came of a trigger, or why nothing did, in a line."""
    problems = cast("list[dict[str, str]]", item["problems"])
    if item["outcome"] is None:
        return "; ".join(one["message"] for one in problems)
    return msgspec.json.encode(item["outcome"]).decode()


def _triggers(client: Client, kind: str) -> Iterator[dict[str, Any]]:
    asked = {"limit": PAGE, **({"kind": kind} if kind else {})}
    while True:
        page = cast("dict[str, Any]", client.get("/v1/triggers", **asked))
        yield from page["items"]
        if page["next_before"] is None:
            return
        asked["before"] = str(page["next_before"])
