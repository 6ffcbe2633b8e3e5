"""`tallystick tax`: checks of tax numbers, and rules from an engine outside."""

from collections.abc import Mapping
from typing import Any, Literal, cast

from cyclopts import App

from tallystick.cli.connection import HERE, Session

tax_app = App(name="tax", help="Check tax numbers, and ask a tax engine.")

Item = Mapping[str, Any]
State = Literal["", "valid", "invalid"]


@tax_app.command
def check(
    account: str, /, *, state: State = "", reference: str = "", session: Session = HERE
) -> None:
    """
    Ask the register of VAT numbers for an account's number, and keep the answer.

    A register that cannot be asked is an answer too. Who asked elsewhere says what was found with
    --state.

    For example:

        tallystick tax check acme
        tallystick tax check acme --state valid --reference "letter of 2026-03-02"

    Args:
        account: Key of the account.
        state: What a person found out elsewhere; the register is asked, unless given.
        reference: Of that finding.
        session: Which server is asked, and how its answer is written.
    """
    order = {"account": account, "reference": reference} | ({"state": state} if state else {})
    with session.client() as client:
        answer = cast(Item, client.post("/v1/tax/checks", order))
    session.answer(answer, _told(answer))


@tax_app.command
def show(account: str, /, *, session: Session = HERE) -> None:
    """
    Show the last answer about an account's tax number.

    For example:

        tallystick tax show acme

    Args:
        account: Key of the account.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        answer = cast(Item, client.get(f"/v1/tax/checks/{account}"))
    session.answer(answer, _told(answer))


@tax_app.command
def ask(account: str, /, *, legal_entity: str, session: Session = HERE) -> None:
    """
    Ask the tax engine outside which rules hold for a payer, and keep them for its documents.

    For legal entities with `tax_engine`; the server's TALLYSTICK_TAX_ENGINE_URL says where it is.

    For example:

        tallystick tax ask acme --legal-entity main

    Args:
        account: Key of the payer.
        legal_entity: Key of the legal entity that sells.
        session: Which server is asked, and how its answer is written.
    """
    order = {"account": account, "legal_entity": legal_entity}
    with session.client() as client:
        answer = cast(Item, client.post("/v1/tax/rules", order))
    lines = [
        f"{rule['key']}: {rule.get('tax', 'VAT')} {rule.get('country', '')} {rule['rate']} %"
        for rule in answer["rules"]
    ]
    told = f"{answer['engine']} at {answer['answered_at']} {answer['reference']}".rstrip()
    session.answer(answer, told, *lines)


def _told(answer: Item) -> str:
    why = f" ({answer['message']})" if answer["message"] else ""
    of = f", reference {answer['reference']}" if answer["reference"] else ""
    return (
        f"{answer['tax_id']} of {answer['account']}: {answer['state']}{why}, "
        f"{answer['source']} at {answer['checked_at']}{of}"
    )
