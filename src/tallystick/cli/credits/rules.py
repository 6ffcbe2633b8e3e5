"""`tallystick credit rule`: credit that is bought by itself."""

from typing import Annotated, cast

from cyclopts import Parameter

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.credits.commands import credit_app


@credit_app.command
def rule(  # noqa: PLR0913 - each is an option of the command
    account: str,
    /,
    *,
    below: str = "",
    buy: str = "",
    up_to: str = "",
    currency: str = "",
    treatment: str = "prepaid_taxed",
    times_a_month: int = 5,
    legal_entity: str = "",
    end: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> None:
    """
    Buy credit by itself as less than a threshold may be used; without options show the rule.

    For example:

        tallystick credit rule acme --below 500.00 --buy 1000.00 --currency EUR
        tallystick credit rule acme --below 500.00 --up-to 2000.00 --currency EUR
        tallystick credit rule acme
        tallystick credit rule acme --end

    Args:
        account: Whose credit; the one that is invoiced.
        below: The threshold; once per crossing credit is bought.
        buy: How much is bought.
        up_to: Or up to how much.
        currency: That of the payer.
        treatment: prepaid_taxed bears tax at once; payment and discount as it is used.
        times_a_month: How often in a month at most.
        legal_entity: Who sells it; without it the only one.
        end: Buy no more by itself.
        session: Which server is asked, and how its answer is written.
    """
    path = f"/v1/credits/top-up-rules/{account}"
    with session.client() as client:
        if end:
            answer = client.delete(path)
        elif below:
            document = {
                "threshold": below,
                "amount": buy,
                "target": up_to,
                "currency": currency,
                "treatment": treatment,
                "times_max": times_a_month,
                "legal_entity": legal_entity,
            }
            answer = client.post(path, document)
        else:
            answer = client.get(path)
    state = cast(Item, answer)
    session.answer(state, _told(account, state))


def _told(account: str, state: Item) -> str:
    known = cast("Item | None", state["rule"])
    done = cast(list[tuple[str, str]], state["steps"])
    last = f"; last: {done[-1][1]} at {done[-1][0]}" if done else ""
    if known is None:
        return f"{account}: no rule{last}"
    much = f"{known['amount']}" if known.get("amount") else f"up to {known['target']}"
    what = f"below {known['threshold']} buys {much} {known['currency']}"
    return f"{account}: {what}, {known.get('times_max', 5)} times a month at most{last}"
