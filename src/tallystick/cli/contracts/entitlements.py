"""`tallystick subscription entitlements` and `entitle`: what a contract grants, and granting it."""

from decimal import Decimal, InvalidOperation
from typing import cast

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.contracts.subscriptions import Preview, agree, wrong
from tallystick.cli.output import item_table

ENTITLEMENT_COLUMNS = ("feature", "kind", "granted", "because")


def entitlements(key: str, /, *, at: str = "", session: Session = HERE) -> None:
    """
    Show what a contract grants of each feature at an instant, and why.

    For example:

        tallystick subscription entitlements acme-pro
        tallystick subscription entitlements acme-pro --at 2026-04-01T00:00:00Z

    Args:
        key: Key of the subscription.
        at: The instant; now, unless given.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        asked = {"at": at} if at else {}
        found = cast(list[Item], client.get(f"/v1/subscriptions/{key}/entitlements", **asked))
    session.answer(found, item_table("", list(map(_shown, found)), ENTITLEMENT_COLUMNS))


def entitle(
    key: str, /, *grants: str, at: str = "", preview: Preview = False, session: Session = HERE
) -> None:
    """
    Grant a contract other features, limits or values than its plan does.

    For example:

        tallystick subscription entitle acme-pro users=60 sso --preview
        tallystick subscription entitle acme-pro users=+10 support=gold sso=off
        tallystick subscription entitle acme-pro users=plan --at 2026-04-01

    Args:
        key: Key of the subscription.
        grants: Feature and what is granted: a number, a number with + that comes on top, a word,
            unlimited, on, off, or plan for what the plan grants.
        at: When: an instant, or a date in the payer's zone; now, unless given.
        preview: Tell what it would do.
        session: Which server is asked, and how its answer is written.
    """
    if not grants:
        raise wrong("grants", "name a feature and what is granted of it, as users=60")
    order: dict[str, object] = {"dry_run": preview, **({"at": at} if at else {"when": "now"})}
    named = [text.partition("=")[::2] for text in grants]
    plans = [feature for feature, what in named if what == "plan"]
    own = [entitlement_of_words(feature, what) for feature, what in named if what != "plan"]
    if plans:
        order["plan_entitlements"] = plans
    if own:
        order["entitlements"] = own
    agree(session, f"/v1/subscriptions/{key}/changes", order)


def entitlement_of_words(feature: str, what: str) -> Item:
    """Return what a person wrote, as ``+10`` or ``off``, as orders have it."""
    if what in {"", "on", "unlimited"}:
        return {"feature": feature}
    if what == "off":
        return {"feature": feature, "enabled": False}
    if not _is_number(what):
        return {"feature": feature, "value": what}
    return {"feature": feature, "limit": what.removeprefix("+"), "adds": what.startswith("+")}


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _shown(entitled: Item) -> Item:
    feature = cast(Item, entitled["feature"])
    sources = cast(list[Item], entitled["sources"])
    return {
        "feature": feature["key"],
        "kind": feature["kind"],
        "granted": entitled["text"],
        "because": ", ".join(f"{one['text']} from {one['layer']}" for one in sources),
    }
