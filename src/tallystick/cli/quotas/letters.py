"""`tallystick usage-alert letters`: who wants none, and who wants them again."""

from collections.abc import Mapping
from typing import Annotated, cast

from cyclopts import Parameter

from tallystick.cli.connection import HERE, Session, items
from tallystick.cli.output import item_table
from tallystick.cli.quotas.alerts import usage_alert_app

COLUMNS = ("address", "declined_at", "declined_by")
PATH = "/v1/declined-letters"


@usage_alert_app.command
def letters(
    address: str = "",
    /,
    *,
    decline: Annotated[bool, Parameter(negative=())] = False,
    again: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> None:
    """
    Send an address no letters on usage any more, or again; without an address, list who declined.

    Letters that a limit begins to refuse or slow go on: they tell of the service itself.

    For example:

        tallystick usage-alert letters owner@example.com --decline
        tallystick usage-alert letters owner@example.com --again
        tallystick usage-alert letters

    Args:
        address: For e-mail.
        decline: Send it none.
        again: Send them again.
        session: Which server is asked, and how its answer is written.
    """
    with session.client() as client:
        if decline and not again:
            stands = client.post(PATH, {"address": address})
            session.answer(stands, f"{address} is sent no letters on usage")
        elif again and not decline:
            stands = client.delete(f"{PATH}/{address}")
            session.answer(stands, f"{address} is sent letters on usage")
        else:
            found = [
                one
                for one in cast("list[Mapping[str, object]]", list(items(client, PATH)))
                if not address or str(one["address"]) == address.lower()
            ]
            none = "Nobody declined letters." if not address else f"{address} is sent letters."
            session.answer(found, item_table("", found, COLUMNS) if found else none)
