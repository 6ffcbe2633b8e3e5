"""`tallystick payment`: record, list, show, refund, allocate, forfeit, standing."""

from dataclasses import dataclass
from typing import Annotated, cast

from cyclopts import App, Parameter
from rich.table import Table

from tallystick.cli.connection import HERE, Item, Session, items
from tallystick.cli.output import item_table
from tallystick.payments import Method

COLUMNS = ("id", "account", "paid_at", "method", "reference", "amount#", "free#", "currency")
MOVES = ("at", "kind", "document", "amount#", "reason")
OWED = ("id", "number", "due_on", "due#")
FREE = ("id", "kind", "amount#", "free#")
Listed = Annotated[list[str] | None, Parameter(negative=())]

payment_app = App(name="payment", help="Record, apply and refund payments; what payers owe.")


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """
    How money came in.

    Attributes:
        received: what came in, in the books' own currency.
        method: how.
        reference: the other side's.
        cash: where it lies.
        paid_at: the value date.
        note: for people.
    """

    received: Annotated[str, Parameter(help="What came in, in the books' own currency.")] = ""
    method: Annotated[Method, Parameter(help="How it came in.")] = Method.BANK_TRANSFER
    reference: Annotated[str, Parameter(help="The other side's, as of a transfer.")] = ""
    cash: Annotated[str, Parameter(help="Where it lies, as bank.")] = "bank"
    paid_at: Annotated[str, Parameter(help="The value date; now, unless given.")] = ""
    note: Annotated[str, Parameter(help="For people.")] = ""


BY_TRANSFER = Received()
"""A transfer to the bank, now."""


@payment_app.command
def record(  # noqa: PLR0913 - each is an option of the command
    account: str,
    amount: str,
    currency: str,
    /,
    *,
    to: Listed = None,
    legal_entity: str = "",
    came: Received = BY_TRANSFER,
    session: Session = HERE,
) -> None:
    """
    Record what a payer paid; it pays the documents that are named, then what is due, oldest first.

    For example:

        tallystick payment record acme 119.00 EUR --reference "RF18 5390"
        tallystick payment record acme 50 EUR --method cash --cash till --to inv_5f0c1d2e3a4b=50

    Args:
        account: Who paid.
        amount: How much.
        currency: Of the documents that it pays.
        to: Id of a document that it pays, or ID=AMOUNT; several may be given.
        legal_entity: To whom it was paid; the only one, unless given.
        came: How it came in.
        session: Which server is asked, and how its answer is written.
    """
    order: dict[str, object] = {"account": account, "amount": amount, "currency": currency}
    order |= {"method": came.method.value, "cash": came.cash, "documents": _named(to)}
    order |= {
        name: text
        for name, text in (
            ("legal_entity", legal_entity),
            ("received", came.received),
            ("reference", came.reference),
            ("paid_at", came.paid_at),
            ("note", came.note),
        )
        if text
    }
    with session.client() as client:
        _tell(session, client.post("/v1/payments", order))


@payment_app.command(name="list")
def list_all(*, account: str = "", session: Session = HERE) -> None:
    """
    List payments.

    For example:

        tallystick payment list --account acme

    Args:
        account: Only of this payer.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        found = list(items(client, "/v1/payments", account=account))
    session.answer(found, item_table("", found, COLUMNS))


@payment_app.command
def show(payment: str, /, *, session: Session = HERE) -> None:
    """
    Show a payment with the documents that it pays, and its refunds.

    For example:

        tallystick payment show pay_5f0c1d2e3a4b5c6d7e8f

    Args:
        payment: Id of the payment.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        _tell(session, client.get(f"/v1/payments/{payment}"))


@payment_app.command
def refund(
    payment: str,
    amount: str = "",
    /,
    *,
    reason: str,
    reference: str = "",
    session: Session = HERE,
) -> None:
    """
    Record that a payment, or a part of it, went back; what it paid is owed again.

    For example:

        tallystick payment refund pay_5f0c1d2e3a4b5c6d7e8f 20.00 --reason "paid twice"

    Args:
        payment: Id of the payment.
        amount: How much; all that is left, unless given.
        reason: Kept with the refund.
        reference: The other side's.
        session: Which server is asked, and how its answer is written.
    """
    order = {"reason": reason, "amount": amount, "reference": reference}
    with session.client() as client:
        _tell(session, client.post(f"/v1/payments/{payment}/refund", order))


@payment_app.command
def allocate(
    source: str, /, *, to: Listed = None, release: Listed = None, session: Session = HERE
) -> None:
    """
    Say which documents a payment, or the surplus of a credit note, pays.

    For example:

        tallystick payment allocate pay_5f0c1d2e3a4b5c6d7e8f --to inv_1a2b3c4d5e6f=20.00
        tallystick payment allocate pay_5f0c1d2e3a4b5c6d7e8f --release inv_0f --to inv_1a2b3c4d5e6f

    Args:
        source: Id of the payment, or of the credit note.
        to: Id of a document that it pays, or ID=AMOUNT; several may be given.
        release: Id of a document from which it is taken back before.
        session: Which server is asked, and how its answer is written.
    """
    order = {"documents": _named(to), "release": release or []}
    with session.client() as client:
        _tell_standing(session, client.post(f"/v1/payments/{source}/allocate", order))


@payment_app.command
def forfeit(source: str, /, *, reason: str, session: Session = HERE) -> None:
    """
    Give up what is free of a payment or credit note; what it paid stays paid.

    For example:

        tallystick payment forfeit inv_5f0c1d2e3a4b5c6d7e8f --reason "by our terms, after a year"

    Args:
        source: Id of the payment, or of the credit note.
        reason: Kept with the move.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        _tell_standing(session, client.post(f"/v1/payments/{source}/forfeit", {"reason": reason}))


@payment_app.command
def standing(account: str, /, *, session: Session = HERE) -> None:
    """
    Show what a payer owes, document by document, and what money is at hand.

    For example:

        tallystick payment standing acme

    Args:
        account: Key of the payer.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        _tell_standing(session, client.get(f"/v1/payments/standing/{account}"))


def _named(listed: list[str] | None) -> list[dict[str, str]]:
    """Return documents with their amounts, as ``inv_1=20.00`` names them."""
    found = []
    for text in listed or []:
        document, _, amount = text.partition("=")
        found.append({"document": document} | ({"amount": amount} if amount else {}))
    return found


def _tell(session: Session, answer: object) -> None:
    payment = cast(Item, answer)
    moves = cast(list[Item], payment["moves"])
    session.answer(payment, item_table("", [payment], COLUMNS), item_table("", moves, MOVES))


def _tell_standing(session: Session, answer: object) -> None:
    found = cast(Item, answer)
    shown: list[str | Table] = []
    for one in cast(list[Item], found["items"]):
        sums = ", ".join(f"{name} {one[name]}" for name in ("due", "credit", "balance"))
        shown += [
            f"{one['legal_entity']}, {one['currency']}: {sums}",
            item_table("", cast(list[Item], one["documents"]), OWED),
            item_table("", cast(list[Item], one["money"]), FREE),
        ]
    session.answer(found, *(shown or [f"{found['account']} owes nothing and has nothing"]))
