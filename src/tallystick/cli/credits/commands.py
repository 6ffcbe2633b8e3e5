"""`tallystick credit`: give, use and void credit; see what is left, now and in the past."""

from typing import Annotated, cast

from cyclopts import App, Parameter

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.output import item_table
from tallystick.client import Client

Listed = Annotated[list[str] | None, Parameter(negative=())]
GRANTS = ("key", "kind", "treatment", "amount", "of", "left", "expires_at", "voided_at")
LOTS = ("grant", "number", "left", "of", "expires_at")
TRANSACTIONS = ("at", "kind", "amount", "of", "grant", "key", "source")

credit_app = App(name="credit", help="Give, use and void credit; see what is left.")


@credit_app.command
def grant(  # noqa: PLR0913 - each is an option of the command
    account: str,
    amount: str,
    of: str,
    /,
    *,
    paid: Annotated[bool, Parameter(negative=())] = False,
    treatment: str = "",
    sold_for: str = "",
    sold_currency: str = "",
    cash: str = "bank",
    legal_entity: str = "",
    priority: int = 50,
    price: Listed = None,
    plan: Listed = None,
    meter: Listed = None,
    starts: str = "",
    expires: str = "",
    every: str = "",
    anchor: str = "",
    rollover: str = "0",
    key: str = "",
    name: str = "",
    session: Session = HERE,
) -> None:
    """
    Give an account credit: promotional, or paid with money that was received.

    For example:

        tallystick credit grant acme 20.00 EUR --expires 2026-04-01T00:00:00Z
        tallystick credit grant acme 500.00 EUR --paid --treatment payment --cash bank
        tallystick credit grant acme 10000 request --every month --anchor 2026-01-01

    Args:
        account: Who holds it.
        amount: What it holds.
        of: A currency, in capitals, or a unit.
        paid: Money was received for it.
        treatment: Where it counts: discount, prepaid_taxed, payment or units.
        sold_for: What was received, if it is not the amount.
        sold_currency: The currency of that.
        cash: Where the money lies.
        legal_entity: Who was paid; without it the only one.
        priority: The smaller is used first.
        price: Only for this price; several may be given.
        plan: Only for this plan; several may be given.
        meter: Only for prices of this meter; several may be given.
        starts: The instant from which it may be used.
        expires: The instant from which it may not.
        every: That it comes anew: day, week, month, quarter or year.
        anchor: The date from which these are counted.
        rollover: How much may roll over in all; "all" for everything.
        key: Names the grant.
        name: As documents call it.
        session: Which server is asked, and how its answer is written.
    """
    order: dict[str, object] = {
        "account": account,
        "amount": amount,
        **_held_in(of),
        "kind": "paid" if paid else "promotional",
        "treatment": treatment,
        "sold_for": sold_for,
        "sold_currency": sold_currency,
        "legal_entity": legal_entity,
        "priority": priority,
        "prices": price or [],
        "plans": plan or [],
        "meters": meter or [],
        "effective_at": starts,
        "expires_at": expires,
        "key": key,
        "name": name,
    }
    if every:
        most = "" if rollover == "all" else rollover
        order["recurs"] = {"every": every, "anchor": anchor, "rollover_max": most}
    if paid:
        order["cash"] = cash
    with session.client() as client:
        answer = cast(Item, client.post("/v1/credits/grants", order))
    session.answer(answer, item_table("", [_named(answer)], GRANTS[:5]))


@credit_app.command(name="list")
def list_all(account: str, /, *, session: Session = HERE) -> None:
    """
    List the grants of an account, and what is left of each.

    For example:

        tallystick credit list acme

    Args:
        account: Who holds them.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        answer = _asked(client, "grants", account)
    rows = [
        _named(cast(Item, one["grant"])) | {"left": one["left"], "voided_at": one["voided_at"]}
        for one in cast(list[Item], answer)
    ]
    session.answer(answer, item_table("", rows, GRANTS))


@credit_app.command
def balance(account: str, /, *, at: str = "", session: Session = HERE) -> None:
    """
    Show what an account may use, now or at an instant of the past.

    For example:

        tallystick credit balance acme
        tallystick credit balance acme --at 2026-02-01T00:00:00Z

    Args:
        account: Who holds it.
        at: As of this instant.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        answer = cast(Item, _asked(client, "balance", account, at))
    totals = [f"{one['available']} {one['of']}" for one in cast(list[Item], answer["totals"])]
    lots = cast(list[Item], answer["lots"])
    told = ", ".join(totals) or "no credit"
    session.answer(answer, told, *([item_table("", lots, LOTS)] if lots else []))


@credit_app.command
def transactions(account: str, /, *, at: str = "", session: Session = HERE) -> None:
    """
    List what came, went and lapsed, in order.

    For example:

        tallystick credit transactions acme

    Args:
        account: Whose credit.
        at: Up to this instant.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        answer = _asked(client, "transactions", account, at)
    session.answer(answer, item_table("", cast(list[Item], answer), TRANSACTIONS))


@credit_app.command
def use(  # noqa: PLR0913 - each is an option of the command
    account: str,
    amount: str,
    of: str,
    /,
    *,
    key: str,
    price: str = "",
    at: str = "",
    source: str = "",
    session: Session = HERE,
) -> None:
    """
    Take credit for something that no document is written for; once for each key.

    For example:

        tallystick credit use acme 2.50 EUR --key order-7 --price render

    Args:
        account: Whose credit.
        amount: How much.
        of: A currency, in capitals, or a unit.
        key: Names the debit; sent again, it is the same one.
        price: What for; names the income too.
        at: The instant at which it counts.
        source: What it was for, in words.
        session: Which server is asked, and how its answer is written.
    """
    order = {"account": account, "key": key, "amount": amount, **_held_in(of), "price": price}
    order |= {name: text for name, text in (("at", at), ("source", source)) if text}
    with session.client() as client:
        answer = cast(Item, client.post("/v1/credits/debits", order))
    session.answer(answer, item_table("", cast(list[Item], answer["parts"]), ("grant", "amount")))


@credit_app.command
def void(grant: str, /, *, reason: str, session: Session = HERE) -> None:
    """
    End a grant now; what is left of it is gone, and earned if it was paid for.

    For example:

        tallystick credit void grant_5f0c1d2e3a4b5c6d7e8f --reason "given by mistake"

    Args:
        grant: Its key.
        reason: Stands with it.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        answer = client.post(f"/v1/credits/grants/{grant}/void", {"reason": reason})
    session.answer(answer, f"{grant} is void")


@credit_app.command
def transfer(  # noqa: PLR0913 - each is an option of the command
    account: str,
    to: str,
    amount: str,
    of: str,
    /,
    *,
    grant: str = "",
    session: Session = HERE,
) -> None:
    """
    Take credit of one account and give it to another, each part on its terms.

    For example:

        tallystick credit transfer acme bolt 30.00 EUR

    Args:
        account: Whose credit.
        to: Who gets it.
        amount: How much.
        of: A currency, in capitals, or a unit.
        grant: Only of this grant.
        session: Which server is asked, and how its answer is written.
    """
    order = {"account": account, "to": to, "amount": amount, **_held_in(of), "grant": grant}
    with session.client() as client:
        answer = cast(list[Item], client.post("/v1/credits/transfers", order))
    session.answer(answer, item_table("", [_named(one) for one in answer], GRANTS[:5]))


@credit_app.command(name="top-up")
def top_up(  # noqa: PLR0913 - each is an option of the command
    account: str,
    amount: str,
    currency: str,
    /,
    *,
    treatment: str,
    expires: str = "",
    legal_entity: str = "",
    name: str = "",
    session: Session = HERE,
) -> None:
    """
    Sell an account credit: issue an invoice over it, and give it.

    For example:

        tallystick credit top-up acme 500.00 EUR --treatment prepaid_taxed

    Args:
        account: Who buys it.
        amount: How much.
        currency: That of the payer.
        treatment: prepaid_taxed bears tax now; payment and discount as it is used.
        expires: The instant from which it may not be used.
        legal_entity: Who sells it; without it the only one.
        name: As documents call it.
        session: Which server is asked, and how its answer is written.
    """
    order = {
        "account": account,
        "amount": amount,
        "currency": currency,
        "kind": "paid",
        "treatment": treatment,
        "expires_at": expires,
        "legal_entity": legal_entity,
        "name": name,
    }
    with session.client() as client:
        answer = cast(Item, client.post("/v1/credits/top-ups", order))
    grant = cast(Item, answer["grant"])
    told = f"{answer['number']}: {grant['amount']} {currency} as {grant['key']}"
    session.answer(answer, told)


def _asked(client: Client, what: str, account: str, at: str = "") -> object:
    query = {"account": account} | ({"at": at} if at else {})
    return client.get(f"/v1/credits/{what}", **query)


def _held_in(of: str) -> dict[str, str]:
    """Return that something is a currency, which is in capitals, or a unit."""
    return {"currency": of} if of.isupper() else {"unit": of}


def _named(grant: Item) -> dict[str, object]:
    return {**grant, "of": grant.get("currency") or grant.get("unit")}
