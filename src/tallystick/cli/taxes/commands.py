"""`tallystick tax`: checks of tax numbers."""

from collections.abc import Mapping
from typing import Any, Literal, cast

from cyclopts import App

from tallystick.cli.connection import HERE, Session

tax_app = App(name="tax", help="Check tax numbers.")

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


def _told(answer: Item) -> str:
    why = f" ({answer['message']})" if answer["message"] else ""
    of = f", reference {answer['reference']}" if answer["reference"] else ""
    return (
        f"{answer['tax_id']} of {answer['account']}: {answer['state']}{why}, "
        f"{answer['source']} at {answer['checked_at']}{of}"
    )
