"""`tallystick subscription line`: order lines for the next document, list them, take them back."""

from typing import cast

from cyclopts import App

from tallystick.catalog import ManualKind
from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.output import item_table

COLUMNS = ("id", "state", "kind", "code", "quantity#", "unit_price#", "document", "reason")

line_app = App(name="line", help="Put charges and credits on the next document of a contract.")


@line_app.command
def add(  # noqa: PLR0913 - each is an option of the command
    key: str,
    kind: ManualKind,
    code: str,
    unit_price: str,
    /,
    *,
    reason: str,
    quantity: str = "1",
    unit: str = "",
    text: str = "",
    tax_category: str = "",
    start: str = "",
    end: str = "",
    session: Session = HERE,
) -> None:
    """
    Order a line: the next document that opens or closes a period of the contract bills it.

    What gives back has a price below 0. It is earned over the days from `--start` until `--end`;
    without them at once.

    For example:

        tallystick subscription line add acme-pro one_off setup 75.00 --quantity 2 --reason "PO 12"
        tallystick subscription line add acme-pro goodwill sorry -- -5.00 --reason "an outage"

    Args:
        key: Key of the subscription.
        kind: Why it is ordered.
        code: Books it.
        unit_price: What one costs, in the contract's currency.
        reason: Why, in your words.
        quantity: How many.
        unit: Of what, for people.
        text: What stands on the document; the code, unless given.
        tax_category: What tax rules call it.
        start: The instant from which the service runs.
        end: The instant at which it is over.
        session: Which server is asked, and how its answer is written.
    """
    order = {"kind": kind.value, "code": code, "unit_price": unit_price, "reason": reason}
    more = {
        "quantity": quantity,
        "unit": unit,
        "description": text,
        "tax_category": tax_category,
        "start": start,
        "end": end,
    }
    order |= {name: value for name, value in more.items() if value}
    with session.client() as client:
        answer = cast(Item, client.post(f"/v1/subscriptions/{key}/lines", order))
    session.answer(answer, item_table("", [_shown(answer)], COLUMNS))


@line_app.command(name="list")
def list_all(key: str, /, *, session: Session = HERE) -> None:
    """
    List the lines that were ordered, and on which documents they stand.

    For example:

        tallystick subscription line list acme-pro

    Args:
        key: Key of the subscription.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = cast(list[Item], client.get(f"/v1/subscriptions/{key}/lines"))
    session.answer(found, item_table("", [_shown(one) for one in found], COLUMNS))


@line_app.command
def take_back(key: str, line: str, /, *, session: Session = HERE) -> None:
    """
    Take a line back that no document has billed yet.

    For example:

        tallystick subscription line take-back acme-pro manual_5f0c1d2e3a4b5c6d7e8f

    Args:
        key: Key of the subscription.
        line: Id of the line, as `tallystick subscription line list` shows it.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        client.post(f"/v1/subscriptions/{key}/lines/{line}/take-back", {})
    session.answer({"taken_back": line}, f"{line} is taken back")


def _shown(ordered: Item) -> Item:
    line = cast(Item, ordered["line"])
    return {"quantity": "1", "document": "", **line, **{k: v for k, v in ordered.items() if v}}
