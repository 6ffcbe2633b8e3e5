"""`tallystick subscription`: list, show, change, pause, resume, end, withdraw."""

from pathlib import Path
from typing import Annotated, cast

import msgspec
from cyclopts import App, Parameter
from rich.table import Table

from tallystick.cli.connection import HERE, Item, Session, items
from tallystick.cli.contracts.lines import line_app
from tallystick.cli.exits import Refusal
from tallystick.cli.invoices.shown import lines_shown
from tallystick.cli.output import item_table, note
from tallystick.cli.yaml_file import read_yaml
from tallystick.invoicing import InvoiceDocument
from tallystick.kernel import Problem, counted

LIST_COLUMNS = ("key", "account", "plan", "version#", "start", "end")
CHANGE_COLUMNS = ("id", "at", "change")
FEE_COLUMNS = ("price", "start", "end", "before#", "after#", "currency")
GRANTED_COLUMNS = ("of", "before", "after", "unit")
DOCUMENT_COLUMNS = ("document", "line", "money#", "currency")

When = Annotated[str, Parameter(name="--when")]
Preview = Annotated[bool, Parameter(negative=())]

subscription_app = App(
    name="subscription", help="Show contracts, and change them with their money told before."
)
subscription_app.command(line_app)


@subscription_app.command(name="list")
def list_all(*, account: str = "", session: Session = HERE) -> None:
    """
    List subscriptions, with the plan that holds now.

    For example:

        tallystick subscription list --account acme

    Args:
        account: Only those of this account.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = list(items(client, "/v1/subscriptions", account=account, in_force="true"))
    session.answer(found, item_table("", [_in_force(each) for each in found], LIST_COLUMNS))


@subscription_app.command
def show(key: str, /, *, session: Session = HERE) -> None:
    """
    Show a subscription with the plan that holds now, and what was agreed on since its start.

    For example:

        tallystick subscription show acme-pro

    Args:
        key: Key of the subscription.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        subscription = cast(Item, client.get(f"/v1/subscriptions/{key}", in_force="true"))
        changes = cast(list[Item], client.get(f"/v1/subscriptions/{key}/changes"))
    shown = [
        {"id": each["id"], "at": each["at"], "change": _told(cast(Item, each["change"]))}
        for each in changes
    ]
    answer = {"subscription": subscription, "changes": changes}
    told = [item_table("", [_in_force(subscription)], LIST_COLUMNS)]
    session.answer(
        answer, *told, *([item_table("Changes", shown, CHANGE_COLUMNS)] if shown else [])
    )


@subscription_app.command
def change(  # noqa: PLR0913 - each is an option of the command
    key: str,
    /,
    *,
    plan: str = "",
    quantity: Annotated[list[str] | None, Parameter(negative=())] = None,
    anchor: str = "",
    at: str = "",
    when: When = "",
    restart_tiers: Annotated[bool, Parameter(negative=())] = False,
    add_on: Annotated[list[str] | None, Parameter(negative=())] = None,
    price: Annotated[list[Path] | None, Parameter(negative=())] = None,
    plan_price: Annotated[list[str] | None, Parameter(negative=())] = None,
    fee: Annotated[list[str] | None, Parameter(negative=())] = None,
    preview: Preview = False,
    session: Session = HERE,
) -> None:
    """
    Agree on another plan, quantity, add-on or price; `--preview` tells the money, writes nothing.

    An upgrade takes effect now and a downgrade with the next period, unless you say otherwise.

    For example:

        tallystick subscription change acme-pro --plan team@2 --preview
        tallystick subscription change acme-pro --plan team@2 --when now
        tallystick subscription change acme-pro --quantity seats=25 --at 2026-04-01
        tallystick subscription change acme-pro --add-on support@1=2
        tallystick subscription change acme-pro --price calls.yaml --at 2026-03-01

    Args:
        key: Key of the subscription.
        plan: Plan and version, as team@2.
        quantity: Price and how much of it is taken, as seats=25; may be given several times.
        anchor: The date from which anniversary periods are counted from then on.
        at: When it takes effect: an instant, or a date in the payer's zone.
        when: now or period_end, instead of an instant.
        restart_tiers: Count tiers anew from then on, instead of going on where they stand.
        add_on: Add-on, version and how many, as support@1=2; 0 gives it up. Several may be given.
        price: File with a price as in a plan, which this contract pays in place of the plan's.
        fee: What is charged once, and how much, as setup=50.00; may be given several times.
        plan_price: Key of such a price, for which the plan's is to hold again.
        preview: Tell what it would do, and what would be issued at once.
        session: Which server is asked, and how its answer is written.
    """
    order: dict[str, object] = {"dry_run": preview}
    if plan:
        order |= _version("plan", plan)
    if add_on:
        order["add_ons"] = [_add_on(text) for text in add_on]
    if price:
        order["prices"] = [read_yaml(path).body for path in price]
    if fee:
        order["fees"] = [dict(zip(("key", "amount"), _quantity(each), strict=True)) for each in fee]
    if plan_price:
        order["plan_prices"] = plan_price
    if restart_tiers:
        order["restart_tiers"] = True
    if quantity:
        order["quantities"] = dict(_quantity(text) for text in quantity)
    order |= {name: text for name, text in (("anchor", anchor), ("at", at), ("when", when)) if text}
    agree(session, f"/v1/subscriptions/{key}/changes", order)


@subscription_app.command
def pause(key: str, /, *, at: str = "", preview: Preview = False, session: Session = HERE) -> None:
    """
    Pause a contract: from then on neither fees nor usage are charged.

    For example:

        tallystick subscription pause acme-pro --preview

    Args:
        key: Key of the subscription.
        at: When; now, unless given.
        preview: Tell what it would do, and what would be issued at once.
        session: Which server is asked, and how its answer is written.
    """
    _set_paused(session, key, paused=True, at=at, preview=preview)


@subscription_app.command
def resume(key: str, /, *, at: str = "", preview: Preview = False, session: Session = HERE) -> None:
    """
    Resume a paused contract.

    For example:

        tallystick subscription resume acme-pro

    Args:
        key: Key of the subscription.
        at: When; now, unless given.
        preview: Tell what it would do, and what would be issued at once.
        session: Which server is asked, and how its answer is written.
    """
    _set_paused(session, key, paused=False, at=at, preview=preview)


@subscription_app.command
def amount(  # noqa: PLR0913 - each is an option of the command
    key: str,
    price: str,
    /,
    *,
    at: str,
    reason: str,
    quantity: str = "",
    unit_price: str = "",
    money: Annotated[str, Parameter(name="--amount")] = "",
    group: Annotated[list[str] | None, Parameter(negative=())] = None,
    preview: Preview = False,
    session: Session = HERE,
) -> None:
    """
    Set an amount of a service period by hand; you and the reason stand on its line.

    Without a number the derived amount holds again.

    For example:

        tallystick subscription amount acme-pro calls --at 2026-03-01 --quantity 60 --reason tests
        tallystick subscription amount acme-pro base --at 2026-03-01 --amount 5 --reason late

    Args:
        key: Key of the subscription.
        price: Key of the price, as its line names it.
        at: Where its service period begins: an instant, or a date in the payer's zone.
        reason: Why.
        quantity: What is taken for its quantity.
        unit_price: What one of the quantity costs.
        money: What it comes to.
        group: Values of the price's groups, one after the other.
        preview: Tell what it would do, and what would be issued at once.
        session: Which server is asked, and how its answer is written.
    """
    numbers = {"quantity": quantity, "unit_price": unit_price, "amount": money}
    fact: dict[str, object] = {"price": price, "reason": reason, "group": group or []}
    fact |= {name: text for name, text in numbers.items() if text}
    order = {"at": at, "amounts": [fact], "dry_run": preview}
    agree(session, f"/v1/subscriptions/{key}/changes", order)


@subscription_app.command
def end(key: str, /, *, when: When = "", preview: Preview = False, session: Session = HERE) -> None:
    """
    End a contract: with the period that runs, or the term of one that renews, unless you say now.

    For example:

        tallystick subscription end acme-pro --preview
        tallystick subscription end acme-pro --when now

    Args:
        key: Key of the subscription.
        when: now, period_end or term_end.
        preview: Tell what it would do, and what would be issued at once.
        session: Which server is asked, and how its answer is written.
    """
    order = {"dry_run": preview} | ({"when": when} if when else {})
    agree(session, f"/v1/subscriptions/{key}/end", order)


@subscription_app.command
def block(  # noqa: PLR0913 - each is an option of the command
    key: str = "",
    /,
    *,
    account: str = "",
    billing: bool | None = None,
    change: bool | None = None,
    entitlement: bool | None = None,
    at: str = "",
    session: Session = HERE,
) -> None:
    """
    Block a contract, or all of an account, from being charged, changed or used; or lift it.

    A contract is blocked as long as any level blocks it: itself, or its account.

    For example:

        tallystick subscription block acme-pro --entitlement
        tallystick subscription block --account acme --billing --entitlement
        tallystick subscription block --account acme --no-billing --no-entitlement

    Args:
        key: Key of the subscription.
        account: Every contract of this account, at the level of the account.
        billing: Charge nothing from then on.
        change: Agree on nothing else.
        entitlement: Entitle to nothing.
        at: When; now, unless given.
        session: Which server is asked, and how its answer is written.
    """
    flags = {"billing": billing, "change": change, "entitlement": entitlement}
    said: dict[str, object] = {name: flag for name, flag in flags.items() if flag is not None}
    if bool(key) is bool(account):
        raise wrong("key", "name either a subscription or --account")
    level = {"level": f"account:{account}"} if account else {}
    order = {"blocks": [{**level, **said}], **({"at": at} if at else {"when": "now"})}
    with session.client() as client:
        found = items(client, "/v1/subscriptions", account=account) if account else [{"key": key}]
        keys = [str(each["key"]) for each in found]
        told = [client.post(f"/v1/subscriptions/{each}/changes", order) for each in keys]
    session.answer(told, f"{counted(len(told), 'contract')} changed")


@subscription_app.command
def withdraw(key: str, change_id: str, /, *, session: Session = HERE) -> None:
    """
    Take back a change that has not taken effect yet.

    For example:

        tallystick subscription withdraw acme-pro change_5f0c1d2e3a4b5c6d7e8f

    Args:
        key: Key of the subscription.
        change_id: Id of the change, as `tallystick subscription show` lists it.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        client.post(f"/v1/subscriptions/{key}/changes/{change_id}/withdraw", {})
    session.answer({"withdrawn": change_id}, f"{change_id} is taken back")


def _set_paused(session: Session, key: str, *, paused: bool, at: str, preview: bool) -> None:
    order: dict[str, object] = {"paused": paused, "dry_run": preview}
    if at:
        order["at"] = at
    else:
        order["when"] = "now"
    agree(session, f"/v1/subscriptions/{key}/changes", order)


def agree(session: Session, path: str, order: Item) -> None:
    """Send an order, and show when it takes effect and what becomes of the money."""
    with session.client() as client:
        answer = cast(Item, client.post(path, order))
    fees = cast(list[Item], answer["fees"])
    documents = msgspec.convert(answer["documents"], list[InvoiceDocument])
    lines = lines_shown(documents)
    verb = "would take" if answer["dry_run"] else "takes"
    told: list[Table | str] = [
        f"{answer['direction']}: {verb} effect at {answer['at']}"
        + (f" ({answer['id']})" if answer["id"] else "")
    ]
    told += [item_table("Fees", fees, FEE_COLUMNS)] if fees else []
    changed = [
        {"of": each["price"], **each} for each in cast(list[Item], answer["entitlements"])
    ] + [{"of": each["feature"], **each} for each in cast(list[Item], answer["features"])]
    told += [item_table("Included and granted", changed, GRANTED_COLUMNS)] if changed else []
    told += [str(each) for each in cast(list[str], answer["warnings"])]
    told += [item_table("Would be issued at once", lines, DOCUMENT_COLUMNS)] if lines else []
    session.answer(answer, *told)
    for warning in cast(list[str], answer["warnings"]):
        note(warning)


def _in_force(subscription: Item) -> Item:
    """Return a subscription with the plan that holds now in place of its first one."""
    return {**subscription, **cast(Item, subscription["in_force"])}


def _quantity(text: str) -> tuple[str, str]:
    price, equals, number = text.partition("=")
    if not (price and equals and number):
        raise wrong("quantity", f"{text!r} is not a price and a number, as seats=25")
    return price, number


def _version(field: str, text: str) -> Item:
    name, _, version = text.rpartition("@")
    if not name or not version.isdecimal():
        raise wrong(field, f"{text!r} is not a plan and its version, as team@2")
    return {"plan": name, "version": int(version)}


def _add_on(text: str) -> Item:
    taken, _, quantity = text.partition("=")
    return {**_version("add-on", taken), "quantity": quantity or "1"}


def _told(change: Item) -> str:
    """Return a change in one line."""
    return ", ".join(
        f"{name}: {_in_words(value)}" for name, value in change.items() if name != "at"
    )


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name} {_in_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(_in_words(each) for each in value)
    return str(value)


def wrong(field: str, message: str) -> Refusal:
    return Refusal([Problem(code="wrong_value", message=message, field=field)])
