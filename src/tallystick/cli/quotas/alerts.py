"""`tallystick usage-alert`: what was told of limits, and what was done about it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec
from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Item, Session, items
from tallystick.cli.output import item_table
from tallystick.client import Client
from tallystick.integrations.catalog_files import yaml_text

COLUMNS = ("opened_at", "state", "severity", "account", "message", "id")
NEAR = ("account", "feature", "used#", "limit#", "percent#", "ends_at")
SCHEMA_FILE = "alert-history.schema.json"
PAGE = "200"

usage_alert_app = App(
    name="usage-alert", help="See who is near a limit, what was told, and what was done about it."
)


@usage_alert_app.command(name="list")
def list_all(
    *,
    account: str = "",
    unresolved: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> None:
    """
    List alerts, the latest first.

    For example:

        tallystick usage-alert list --unresolved
        tallystick usage-alert list --account acme --json

    Args:
        account: Only of this account.
        unresolved: Only those that nobody has resolved.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = list(_alerts(client, account))
    if unresolved:
        found = [each for each in found if each["state"] != "resolved"]
    rows = [{**each["alert"], **each} for each in found]
    session.answer(found, item_table("", rows, COLUMNS) if rows else "No alerts.")


@usage_alert_app.command
def acknowledge(alert: str, /, *, response: str = "", session: Session = HERE) -> None:
    """
    Say that somebody looks at an alert.

    For example:

        tallystick usage-alert acknowledge alert_5f0c1d2e3a4b --response "called them"

    Args:
        alert: Id of the alert.
        response: What is done about it.
        session: Which server is asked, and how its answer is written.
    """
    _respond(alert, "acknowledge", response, session)


@usage_alert_app.command
def resolve(alert: str, /, *, response: str = "", session: Session = HERE) -> None:
    """
    Say what was done about an alert; it is settled then.

    For example:

        tallystick usage-alert resolve alert_5f0c1d2e3a4b --response "sold a larger plan"

    Args:
        alert: Id of the alert.
        response: What was done about it.
        session: Which server is asked, and how its answer is written.
    """
    _respond(alert, "resolve", response, session)


@usage_alert_app.command
def near(*, percent: int = 80, account: str = "", session: Session = HERE) -> None:
    """
    List limits of which so much is used now.

    For example:

        tallystick usage-alert near
        tallystick usage-alert near --percent 95 --json

    Args:
        percent: Of a limit, from which on it is near.
        account: Only of this account.
        session: Which server is asked, and how its answer is written.
    """
    asked = {"percent": str(percent), **({"account": account} if account else {})}
    with session.client() as client:
        found = list(items(client, "/v1/usage-alerts/near", **asked))
    session.answer(found, item_table("", found, NEAR) if found else "Nobody is near a limit.")


@usage_alert_app.command
def history(
    *,
    start: str,
    end: str,
    account: str = "",
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    session: Session = HERE,
) -> None:
    """
    Write the alerts of a period with their responses as YAML; beside a file, its JSON Schema.

    For example:

        tallystick usage-alert history --start 2026-03-01T00:00:00Z --end 2026-04-01T00:00:00Z
        tallystick usage-alert history --start ... --end ... --out alert-history.yaml

    Args:
        start: First instant, with its zone.
        end: The instant behind the last.
        account: Only of this account.
        out: File to write; without it, standard output.
        session: Which server is asked, and how its answer is written.
    """
    asked = {"start": start, "end": end, **({"account": account} if account else {})}
    with session.client() as client:
        document = cast(Item, client.get("/v1/usage-alerts/history", **asked))
        schema = client.get("/v1/usage-alerts/history/schema") if out else None
    text = yaml_text(document, comment=f"yaml-language-server: $schema={SCHEMA_FILE}")
    if out is None:
        session.answer(document, text.rstrip("\n"))
        return
    out.write_text(text, encoding="utf-8")
    beside = out.with_name(SCHEMA_FILE)
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(schema)) + b"\n")
    session.answer(document, f"{out}, {beside}")


def _alerts(client: Client, account: str) -> Iterator[dict[str, Any]]:
    asked = {"limit": PAGE, **({"account": account} if account else {})}
    while True:
        page = cast("dict[str, Any]", client.get("/v1/usage-alerts", **asked))
        yield from page["items"]
        if page["next_before"] is None:
            return
        asked["before"] = str(page["next_before"])


def _respond(alert: str, verb: str, response: str, session: Session) -> None:
    with session.client() as client:
        made = cast(Item, client.post(f"/v1/usage-alerts/{alert}/{verb}", {"response": response}))
    session.answer(made, f"{made['kind']} by {made['responded_by']}")
