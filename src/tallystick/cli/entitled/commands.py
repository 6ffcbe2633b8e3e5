"""`tallystick entitlement`: list and explain what accounts may use; grant by hand; restrict."""

from collections.abc import Iterator, Mapping
from typing import Annotated, cast

from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.contracts import entitlement_of_words
from tallystick.cli.exits import Refusal
from tallystick.cli.output import item_table
from tallystick.kernel import Problem

LIST_COLUMNS = ("feature", "kind", "granted", "holder", "because")
STANDING_COLUMNS = ("id", "what", "start", "end", "reason")
CHANGED_COLUMNS = ("feature", "before", "after")

Preview = Annotated[bool, Parameter(negative=())]

entitlement_app = App(
    name="entitlement", help="What accounts may use, and why; grant by hand, restrict, lift."
)


@entitlement_app.command(name="list")
def list_all(account: str, /, *, at: str = "", session: Session = HERE) -> None:
    """
    List what an account may use, with the grants and restrictions that hold or will.

    For example:

        tallystick entitlement list acme
        tallystick entitlement list acme --at 2026-04-01T00:00:00Z

    Args:
        account: Whose.
        at: The instant; now, unless given.
        session: Which server is asked, and how its answer is written.
    """
    answer = _asked(session, account, at)
    found = cast(list[Item], answer["entitlements"])
    standing = list(_standing(answer))
    shown = [item_table("", list(map(_shown, found)), LIST_COLUMNS)]
    if standing:
        shown.append(item_table("", standing, STANDING_COLUMNS))
    session.answer(answer, *shown)


@entitlement_app.command
def explain(account: str, feature: str, /, *, at: str = "", session: Session = HERE) -> None:
    """
    Explain what an account may use of a feature: each layer, whose counter counts, until when.

    For example:

        tallystick entitlement explain acme users

    Args:
        account: Whose.
        feature: Key of the feature.
        at: The instant; now, unless given.
        session: Which server is asked, and how its answer is written.
    """
    answer = _asked(session, account, at)
    found = cast(list[Item], answer["entitlements"])
    one = next((each for each in found if cast(Item, each["feature"])["key"] == feature), None)
    if one is None:
        session.answer(None, f"nothing grants {account} {feature}")
        return
    session.answer(one, *_explained(account, one))


@entitlement_app.command
def grant(  # noqa: PLR0913 - each is an option of the command
    account: str,
    what: str,
    /,
    *,
    reason: str,
    start: str = "",
    until: str = "",
    preview: Preview = False,
    session: Session = HERE,
) -> None:
    """
    Grant an account something over its contracts, for a time or until it is withdrawn.

    For example:

        tallystick entitlement grant acme users=+10 --reason "trial of the team" --preview
        tallystick entitlement grant acme sso --until 2026-04-01T00:00:00Z --reason goodwill

    Args:
        account: Who is granted.
        what: Feature and what is granted: a number, a number with + that comes on top, a word,
            unlimited, on, or off.
        reason: Why; stands with it.
        throttle: Slow a metered feature to so much in each second or minute, as 10/second.
        start: The instant from which it holds; now, unless given.
        until: The instant from which it does not; until it is withdrawn, unless given.
        preview: Tell what it would change.
        session: Which server is asked, and how its answer is written.
    """
    feature, _, words = what.partition("=")
    order = {**entitlement_of_words(feature, words), "reason": reason, "dry_run": preview}
    order |= {name: at for name, at in (("start", start), ("end", until)) if at}
    _send(session, f"/v1/accounts/{account}/entitlement-grants", order, "granted")


@entitlement_app.command
def withdraw(
    grant: str, /, *, reason: str, at: str = "", preview: Preview = False, session: Session = HERE
) -> None:
    """
    End a grant that was made by hand; what it granted till then stands.

    For example:

        tallystick entitlement withdraw granted_5f0c1d2e3a4b5c6d7e8f --reason "trial is over"

    Args:
        grant: Its id, as `entitlement list` shows it.
        reason: Why; stands with it.
        at: The instant from which it does not hold; now, unless given.
        preview: Tell what it would change.
        session: Which server is asked, and how its answer is written.
    """
    order = {"reason": reason, "dry_run": preview} | ({"at": at} if at else {})
    _send(session, f"/v1/entitlement-grants/{grant}/withdraw", order, "ends")


@entitlement_app.command
def restrict(  # noqa: PLR0913 - each is an option of the command
    account: str,
    feature: str = "",
    /,
    *,
    reason: str,
    limit: str = "",
    throttle: str = "",
    start: str = "",
    until: str = "",
    preview: Preview = False,
    session: Session = HERE,
) -> None:
    """
    Hold an account, and those below it that it pays for, to less than it is granted.

    For example:

        tallystick entitlement restrict acme --reason "account taken over" --preview
        tallystick entitlement restrict acme api-calls --limit 1000 --reason "runaway script"
        tallystick entitlement restrict acme api-calls --throttle 10/second --reason "too much"

    Args:
        account: Whom.
        feature: Key of the feature; all, unless given.
        reason: Why; stands with it.
        limit: The most it may use; nothing of it, unless given.
        throttle: Slow a metered feature to so much in each second or minute, as 10/second.
        start: The instant from which it holds; now, unless given.
        until: The instant from which it does not; until it is lifted, unless given.
        preview: Tell what it would change.
        session: Which server is asked, and how its answer is written.
    """
    if (limit or throttle) and not feature:
        field, example = ("limit", "--limit N") if limit else ("throttle", "--throttle N/second")
        message = f"a {field} is of a feature: restrict ACCOUNT FEATURE {example}"
        raise Refusal([Problem(code="wrong_value", message=message, field=field)])
    order: dict[str, object] = {"reason": reason, "dry_run": preview, "feature": feature}
    given = (("limit", limit), ("start", start), ("end", until))
    order |= {name: text for name, text in given if text}
    if throttle:
        most, _, per = throttle.partition("/")
        order["throttle"] = {"limit": most.strip(), "per": per.strip()}
    _send(session, f"/v1/accounts/{account}/restrictions", order, "restricted")


@entitlement_app.command
def lift(
    restriction: str,
    /,
    *,
    reason: str,
    at: str = "",
    preview: Preview = False,
    session: Session = HERE,
) -> None:
    """
    End a restriction.

    For example:

        tallystick entitlement lift restricted_5f0c1d2e3a4b5c6d7e8f --reason "paid"

    Args:
        restriction: Its id, as `entitlement list` shows it.
        reason: Why; stands with it.
        at: The instant from which it does not hold; now, unless given.
        preview: Tell what it would change.
        session: Which server is asked, and how its answer is written.
    """
    order = {"reason": reason, "dry_run": preview} | ({"at": at} if at else {})
    _send(session, f"/v1/restrictions/{restriction}/lift", order, "ends")


def _asked(session: Session, account: str, at: str) -> Item:
    with session.client() as client:
        asked = {"at": at} if at else {}
        return cast(Item, client.get(f"/v1/accounts/{account}/entitlements", **asked))


def _send(session: Session, path: str, order: Mapping[str, object], done: str) -> None:
    """Send a command, and show what changes."""
    with session.client() as client:
        answer = cast(Item, client.post(path, order))
    changed = cast(list[Item], answer["features"])
    told = "nothing was written" if answer["dry_run"] else f"{answer['id']} {done}"
    shown = [item_table("", changed, CHANGED_COLUMNS)] if changed else ["nothing changes for it"]
    session.answer(answer, *shown, told)


def _because(entitled: Item) -> str:
    sources = cast(list[Item], entitled["sources"])
    return ", ".join(f"{one['text']} from {one['layer']}" for one in sources)


def _shown(entitled: Item) -> Item:
    feature = cast(Item, entitled["feature"])
    return {
        "feature": feature["key"],
        "kind": feature["kind"],
        "granted": entitled["text"],
        "holder": entitled["holder"],
        "because": _because(entitled),
    }


def _standing(answer: Item) -> Iterator[Item]:
    for one in cast(list[Item], answer["grants"]):
        granted = cast(Item, one["grant"])
        what = granted.get("limit") or granted.get("value")
        what = what or ("off" if granted.get("enabled") is False else "on")
        sign = "+" if granted.get("adds") else ""
        yield {**one, "what": f"{granted['feature']}={sign}{what}"}
    for one in cast(list[Item], answer["restrictions"]):
        most = "off" if one["limit"] is None else f"at most {one['limit']}"
        yield {**one, "what": f"{one['feature'] or 'everything'} {most} ({one['source']})"}


def _explained(account: str, one: Item) -> Iterator[str]:
    yield f"{account} may use: {one['text']}"
    for source in cast(list[Item], one["sources"]):
        yield f"  {source['text']} from {source['layer']}"
    if one["holder"] != account:
        yield f"counted together with all that use what {one['holder']} is granted"
    if one["window_start"]:
        yield f"counted from {one['window_start']} to {one['window_end']} ({one['zone']})"
    if one["valid_until"]:
        yield f"nothing that is known changes this before {one['valid_until']}"
