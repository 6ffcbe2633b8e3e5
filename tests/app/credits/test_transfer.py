"""Credit goes to another account with its terms, and with what is owed for it."""

from dataclasses import replace

import pytest

from tallystick.app.credits import TransferCredit, list_grants, transfer_credit
from tallystick.credits import Grant
from tallystick.kernel import AccountKey, Outcome
from tests.app.credits.purse import ACME, USD, Purse, codes, done

BOLT = AccountKey("bolt")


def try_transfer(
    purse: Purse, amount: str, *, key: str | None = None, **terms: object
) -> Outcome[tuple[Grant, ...]]:
    """Transfer acme's credit to bolt, or tell why not."""
    order = TransferCredit(account=ACME, to=BOLT, amount=amount, holding=USD)
    order = replace(order, **terms)  # type: ignore[arg-type] # fields of the order, by name
    caller = replace(purse.caller, idempotency_key=key)
    return transfer_credit(order, caller=caller, uow=purse.unit(), clock=purse.clock)


def test_what_is_owed_goes_along(purse: Purse) -> None:
    """Of 20.00 given and 100.00 bought, 50.00 are transferred: 30.00 are owed to bolt now."""
    purse.give("20", expires_at="2026-03-01T00:00:00Z")
    bought = purse.give("100", kind="paid", treatment="payment", prices=("disk",), priority=60)
    given, paid = done(try_transfer(purse, "50", key="t"))
    assert (purse.holds(), purse.holds("bolt")) == (["70"], ["50"])
    assert (given.kind, given.expires_at) == ("promotional", purse_end(purse))
    assert (paid.scope, paid.priority, paid.origin) == (bought.scope, 60, bought.key)
    booked = purse.booked()
    assert (booked["prepaid_credit:acme"], booked["prepaid_credit:bolt"]) == (-7000, -3000)
    assert done(try_transfer(purse, "50", key="t")) == (given, paid)
    assert purse.holds("bolt") == ["50"]


def purse_end(purse: Purse) -> object:
    """Return when acme's first grant ends."""
    held = done(list_grants(purse.caller, ACME, uow=purse.unit(), clock=purse.clock))
    return held[0].grant.expires_at


@pytest.mark.parametrize(
    ("amount", "terms", "code"),
    [
        ("200", {}, "insufficient_credit"),
        ("1", {"grant": "none"}, "insufficient_credit"),
        ("0", {}, "wrong_value"),
        ("x", {}, "wrong_value"),
        ("1", {"to": ACME}, "wrong_value"),
        ("1", {"to": AccountKey("nobody")}, "unknown_account"),
        ("1", {"to": AccountKey("lab")}, "not_a_payer"),
    ],
)
def test_a_transfer_that_cannot_be_is_refused(
    purse: Purse, amount: str, terms: dict[str, object], code: str
) -> None:
    """Nothing moves where less is there, or the other cannot hold it."""
    purse.give("100", kind="paid", treatment="payment")
    assert codes(try_transfer(purse, amount, **terms)) == [code]  # type: ignore[arg-type] # by name
    assert purse.holds() == ["100"]
