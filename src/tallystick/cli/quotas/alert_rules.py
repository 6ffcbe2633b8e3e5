"""`tallystick alert-rule`: at which values of usage somebody is told, when and how."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec
from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Item, Session, items
from tallystick.cli.exits import Refusal
from tallystick.cli.output import item_table, note, table
from tallystick.cli.yaml_file import read_yaml
from tallystick.client import Client, Request
from tallystick.integrations.catalog_files import yaml_text
from tallystick.kernel import Problem

COLUMNS = ("key", "watched", "whose", "feature", "thresholds", "enabled")
DIFFERENCE = ("field", "before", "after")
PATH = "/v1/alert-rules"
Preview = Annotated[bool, Parameter(negative=())]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """
    What options say of a rule; what is empty they do not speak of.

    Attributes:
        feature, account, plan: whose usage is watched.
        percent, amount: thresholds, each with a severity behind a colon where it is no warning.
        recipient: addresses.
        language: in which they are written to.
    """

    feature: Annotated[str, Parameter(help="Only usage of this feature.")] = ""
    account: Annotated[str, Parameter(help="Only of this account.")] = ""
    plan: Annotated[str, Parameter(help="Only of accounts with a contract of this plan.")] = ""
    percent: Annotated[
        tuple[str, ...],
        Parameter(negative=(), help="Tell at so much of the limit: 80, or 100:critical."),
    ] = ()
    amount: Annotated[
        tuple[str, ...], Parameter(negative=(), help="Tell at a value: 5000, or 5000:info.")
    ] = ()
    recipient: Annotated[
        tuple[str, ...], Parameter(negative=(), help="Write to this address as well.")
    ] = ()
    language: Annotated[
        str, Parameter(help="Write to these addresses in this language: de; else in English.")
    ] = ""

    def document(self) -> dict[str, object]:
        """Return what is said, as in a catalog file."""
        said: dict[str, object] = {
            "feature": self.feature,
            "account": self.account,
            "plan": self.plan,
            "thresholds": [
                *(_threshold("percent", text) for text in self.percent),
                *(_threshold("amount", text) for text in self.amount),
            ],
            "recipients": [*self.recipient],
            "language": self.language,
        }
        return {name: value for name, value in said.items() if value}


NOTHING = Options()
alert_rule_app = App(
    name="alert-rule", help="Say at which values of usage somebody is told, when and how."
)


@alert_rule_app.command(name="list")
def list_all(*, session: Session = HERE) -> None:
    """
    List alert rules.

    For example:

        tallystick alert-rule list
        tallystick alert-rule list --json

    Args:
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = list(items(client, PATH))
    rows = [_shown(cast("dict[str, Any]", each)) for each in found]
    none = "No rules: counters tell at 80, 90 and 100 %."
    session.answer(found, item_table("", rows, COLUMNS) if rows else none)


@alert_rule_app.command
def show(key: str, /, *, session: Session = HERE) -> None:
    """
    Show a rule, as a file says it.

    For example:

        tallystick alert-rule show night-watch > night-watch.yaml

    Args:
        key: Key of the rule.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = _rule(client, key)
    session.answer(found, yaml_text(found).rstrip("\n"))


@alert_rule_app.command(name="set")
def set_rule(
    key: str,
    /,
    *,
    file: Annotated[Path | None, Parameter(name=["--file", "-f"])] = None,
    options: Options = NOTHING,
    preview: Preview = False,
    session: Session = HERE,
) -> None:
    """
    Create or change a rule; what options do not speak of stays as it is, a file says all of it.

    Thresholds that are given replace those that stand; so do recipients.

    For example:

        tallystick alert-rule set near --percent 70 --percent 100:critical
        tallystick alert-rule set near --feature api-calls --recipient desk@example.com --preview
        tallystick alert-rule set night-watch -f night-watch.yaml

    Args:
        key: Key of the rule.
        file: YAML file with the rule as `alert-rule show` writes it, quiet hours and all.
        options: What is said of the rule.
        preview: Tell what it would change.
        session: Which server is asked, and how its answer is written.
    """
    said = options.document()
    if (file is None) == (not said):
        message = "say what the rule is: by options, or by --file alone"
        raise Refusal([Problem(code="wrong_value", message=message, field="--file")])
    with session.client() as client:
        if file is not None:
            document = cast(Item, read_yaml(file).body)
        else:
            stands = next((one for one in items(client, PATH) if one["key"] == key), {})
            document = {**stands, **said}
        _set(client, key, document, preview=preview, session=session)


@alert_rule_app.command
def disable(key: str, /, *, session: Session = HERE) -> None:
    """
    Let a rule count no more; it stands, and `enable` lets it count again.

    For example:

        tallystick alert-rule disable night-watch

    Args:
        key: Key of the rule.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        document = {**_rule(client, key), "enabled": False}
        _set(client, key, document, preview=False, session=session)


@alert_rule_app.command
def enable(key: str, /, *, session: Session = HERE) -> None:
    """
    Let a rule count again.

    For example:

        tallystick alert-rule enable night-watch

    Args:
        key: Key of the rule.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        document = {**_rule(client, key), "enabled": True}
        _set(client, key, document, preview=False, session=session)


@alert_rule_app.command
def delete(
    key: str,
    /,
    *,
    yes: Annotated[bool, Parameter(negative=(), help="Delete, rather than show.")] = False,
    session: Session = HERE,
) -> None:
    """
    Delete a rule; without --yes, show what would end with it.

    It tells nobody any more, not even of what waits for the end of quiet hours. The alerts that it
    opened stay.

    For example:

        tallystick alert-rule delete night-watch
        tallystick alert-rule delete night-watch --yes

    Args:
        key: Key of the rule.
        yes: Delete, rather than show.
        session: Which server is asked, and how its answer is written.
    """
    query = {} if yes else {"dry_run": "true"}
    with session.client() as client:
        asked = Request(method="DELETE", path=f"{PATH}/{key}", query=query)
        deleted = cast(Item, client.ask(asked))
    verb = "is deleted" if yes else "would be deleted"
    session.answer(deleted, f"{key} {verb}; it has told of {deleted['watching']} counters")
    if not yes:
        note("nothing was deleted; add --yes to delete it")


def _set(client: Client, key: str, document: Item, *, preview: bool, session: Session) -> None:
    query = {"dry_run": "true"} if preview else {}
    request = Request(
        method="PUT",
        path=f"{PATH}/{key}",
        query=query,
        body=msgspec.json.encode(document),
        headers={"content-type": "application/json"},
    )
    answer = cast("dict[str, Any]", client.ask(request))
    rows = [[one["field"], one["before"], one["after"]] for one in answer["fields"]]
    verb = "would be " if preview and answer["action"] != "unchanged" else ""
    shown = [table("", DIFFERENCE, rows)] if rows else []
    session.answer(answer, *shown, f"{key}: {verb}{answer['action']}")


def _rule(client: Client, key: str) -> Item:
    return cast(Item, client.get(f"{PATH}/{key}"))


def _threshold(name: str, text: str) -> Item:
    value, _, severity = text.partition(":")
    return {name: value.strip(), **({"severity": severity.strip()} if severity else {})}


def _shown(rule: Mapping[str, Any]) -> Item:
    if "account" in rule:
        below = " and below" if rule.get("over") == "tree" else ""
        whose = f"account {rule['account']}{below}"
    else:
        whose = f"plan {rule['plan']}" if "plan" in rule else "all"
    return {
        **rule,
        "whose": whose,
        "feature": rule.get("feature", "each"),
        "thresholds": ", ".join(map(_said, rule.get("thresholds", ()))),
        "enabled": "no" if rule.get("enabled") is False else "yes",
    }


def _said(threshold: Mapping[str, Any]) -> str:
    """Return a threshold as a person would say it, of whatever kind."""
    others = {"recurring", "rearm_by", "severity"}
    ((name, value),) = [(name, threshold[name]) for name in threshold if name not in others]
    every = "every " if threshold.get("recurring") else ""
    unit = {"percent": " %", "projected": " % projected"}.get(name, "")
    severity = f" ({threshold['severity']})" if "severity" in threshold else ""
    return f"{every}{value}{unit}{severity}"
