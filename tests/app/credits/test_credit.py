"""Credit in the store and in the journal: given once, never taken twice, earned as it goes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from tallystick.app.credits import (
    TransferCredit,
    list_grants,
    list_transactions,
    read_balance,
    transfer_credit,
)
from tallystick.credits import GrantOrder, HoldingNames
from tallystick.kernel import AccountKey, Done, Refused, WorkspaceId
from tests.app.credits.purse import ACME, USD, Purse, codes, done, new_purse
from tests.clock import NEW_YEAR

MARCH = "2026-03-01T00:00:00Z"
TAXED: dict[str, object] = {"kind": "paid", "treatment": "prepaid_taxed"}


def test_a_grant_is_given_once(purse: Purse) -> None:
    """The same command sent twice is one grant with one answer."""
    order = GrantOrder(account="acme", amount="20", currency="USD")
    first, again = (done(purse.try_give(order, key="k")) for _ in range(2))
    assert first == again
    assert purse.holds() == ["20"]
    conflict = purse.try_give(GrantOrder(account="acme", amount="21", currency="USD"), key="k")
    assert codes(conflict) == ["idempotency_conflict"]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"account": "nobody"}, "unknown_account"),
        ({"account": "lab", "kind": "paid", "treatment": "payment"}, "not_a_payer"),
        ({"kind": "paid"}, "treatment_missing"),
        ({"legal_entity": "other"}, "unknown_legal_entity"),
        ({"key": "known"}, "known_grant"),
        ({"expires_at": "2025-12-31T00:00:00Z"}, "already_expired"),
        ({"amount": "none"}, "wrong_value"),
        ({"currency": "XYZ"}, "wrong_value"),
        ({"kind": "gift"}, "wrong_value"),
        ({"unit": "hour"}, "wrong_value"),
        ({"prices": ("-",)}, "wrong_value"),
        ({"name": "\n"}, "wrong_value"),
    ],
)
def test_a_grant_that_cannot_be_is_refused(
    purse: Purse, terms: dict[str, object], code: str
) -> None:
    """Nothing is given where an order contradicts itself or the catalog."""
    purse.give("1", key="known")
    fields = {"account": "acme", "amount": "20", "currency": "USD", **terms}
    refused = purse.try_give(GrantOrder(**fields))  # type: ignore[arg-type] # fields by name
    assert codes(refused) == [code]
    assert purse.holds() == ["1"]


def test_two_debits_at_once_take_different_money(purse: Purse) -> None:
    """Of eight debits of 30 out of 100 three are served, whoever comes first."""
    purse.give("100")
    with ThreadPoolExecutor(max_workers=8) as pool:
        outcomes = list(pool.map(lambda n: purse.try_burn("30", key=f"d{n}"), range(8)))
    assert sum(isinstance(outcome, Done) for outcome in outcomes) == 3
    assert {code for one in outcomes if isinstance(one, Refused) for code in codes(one)} == {
        "insufficient_credit"
    }
    assert purse.holds() == ["10"]


def test_a_debit_of_one_key_counts_once(purse: Purse) -> None:
    """Sent again, also later, it is the same debit; another one of its key is refused."""
    purse.give("100")
    first = done(purse.try_burn("30", key="order-7"))
    purse.clock.forward(days=1)
    assert done(purse.try_burn("30", key="order-7")) == first
    assert codes(purse.try_burn("31", key="order-7")) == ["key_conflict"]
    assert purse.holds() == ["70"]


def test_sold_credit_is_owed_until_it_is_used(purse: Purse) -> None:
    """Bought for 100.00, 30.00 used: 30.00 are earned, 70.00 owed."""
    purse.give("100", **TAXED)
    done(purse.try_burn("30", price="disk"))
    assert purse.booked() == {
        "cash:bank": 10000,
        "prepaid_credit:acme": -7000,
        "revenue:disk": -3000,
    }


def test_promotional_credit_moves_no_money(purse: Purse) -> None:
    """What was given for nothing is neither owed nor earned."""
    grant = purse.give("100", expires_at=MARCH)
    done(purse.try_burn("30"))
    done(purse.void(grant.key))
    assert purse.booked() == {}


def test_what_expires_is_earned_once(purse: Purse) -> None:
    """The rest of sold credit is earned at its end; a second settling finds nothing to do."""
    purse.give("100", **TAXED, expires_at=MARCH)
    done(purse.try_burn("30", price="disk"))
    assert purse.settle() == ()
    purse.clock.forward(days=70)
    assert purse.holds() == ["0"]
    (entry,) = purse.settle()
    assert purse.settle() == ()
    assert purse.booked()["breakage:acme"] == -7000
    assert "prepaid_credit:acme" not in purse.booked()
    with purse.unit() as uow:
        posted = uow.journal.find(entry)
    assert posted is not None
    assert posted.entry.effective_at == NEW_YEAR + timedelta(days=59)


def test_only_credit_that_ended_since_is_looked_at(purse: Purse) -> None:
    """Who was settled is asked no more; a movement of what had ended puts him among them again."""
    purse.give("100", **TAXED, expires_at=MARCH)
    purse.give("50", account="bolt", expires_at=MARCH)
    done(purse.try_burn("30", price="disk"))
    assert ended(purse) == []
    purse.clock.forward(days=70)
    assert ended(purse) == ["acme"]
    assert len(purse.settle()) == 1
    assert ended(purse) == []
    done(purse.give_back("10", of="d"))
    assert ended(purse) == ["acme"]
    assert purse.settle() == ()
    assert ended(purse) == []
    assert purse.booked()["breakage:acme"] == -8000


def test_what_was_transferred_is_not_given_back(purse: Purse) -> None:
    """The other account holds it."""
    purse.give("10")
    moved = transfer_credit(
        TransferCredit(account=ACME, to=AccountKey("lab"), amount="10", holding=USD),
        caller=purse.caller,
        uow=purse.unit(),
        clock=purse.clock,
    )
    assert isinstance(moved, Done)
    with purse.unit() as uow:
        (movement,) = uow.credits.load(ACME).movements
    assert codes(purse.give_back("10", of=movement.key)) == ["unknown_movement"]


def ended(purse: Purse) -> list[str]:
    """Return whose sold credit may have lapsed unbooked."""
    with purse.unit() as uow:
        return [str(account) for account in uow.endings.ended(purse.clock.now())]


def test_a_use_recorded_late_takes_back_what_lapsed(purse: Purse) -> None:
    """What is used for an instant before the end was not lost."""
    purse.give("100", **TAXED, expires_at=MARCH)
    purse.clock.forward(days=70)
    purse.settle()
    done(purse.try_burn("40", price="disk", at=NEW_YEAR + timedelta(days=10)))
    booked = purse.booked()
    assert (booked["breakage:acme"], booked["revenue:disk"]) == (-6000, -4000)
    assert purse.settle() == ()


def test_what_comes_back_is_owed_again(purse: Purse) -> None:
    """A use that is given back earns nothing any more."""
    purse.give("100", **TAXED)
    done(purse.try_burn("30", key="d"))
    done(purse.give_back("10", of="d"))
    assert purse.holds() == ["80"]
    assert purse.booked()["revenue:credit"] == -2000
    assert done(purse.give_back("10", of="d")).key == "b"
    assert codes(purse.give_back("21", of="d", key="c")) == ["more_than_taken"]


def test_a_bundle_is_earned_by_its_parts(purse: Purse) -> None:
    """Three hours sold for 10.00 earn 3.33, 3.34 and 3.33."""
    hour = HoldingNames(unit="hour")
    purse.give("3", unit="hour", kind="paid", sold_for="10.00", sold_currency="USD")
    earned = []
    for number in range(3):
        done(purse.try_burn("1", key=f"d{number}", holding=hour))
        earned.append(-purse.booked()["revenue:credit"])
    assert earned == [333, 667, 1000]


def test_deposits_pay_documents_alone(purse: Purse) -> None:
    """Credit whose tax is due with its use is not taken without a document."""
    purse.give("100", kind="paid", treatment="payment")
    assert codes(purse.try_burn("30")) == ["insufficient_credit"]


def test_a_void_is_recorded_once(purse: Purse) -> None:
    """What is left when a grant is voided is gone and earned; a second void is refused."""
    grant = purse.give("100", **TAXED)
    done(purse.try_burn("30"))
    done(purse.void(grant.key))
    assert purse.holds() == ["0"]
    assert purse.booked()["breakage:acme"] == -7000
    assert codes(purse.void(grant.key)) == ["already_void"]
    assert codes(purse.void("none")) == ["unknown_grant"]


def test_the_past_can_be_asked(purse: Purse) -> None:
    """Balances and transactions are those of the instant for which they are asked."""
    purse.give("100", expires_at=MARCH)
    purse.clock.forward(days=5)
    done(purse.try_burn("30"))
    purse.clock.forward(days=70)
    days = (4, 5, 60)
    assert [purse.holds(at=NEW_YEAR + timedelta(days=day)) for day in days] == [
        ["100"],
        ["70"],
        ["0"],
    ]
    listed = done(
        list_transactions(
            purse.caller,
            ACME,
            at=NEW_YEAR + timedelta(days=6),
            uow=purse.unit(),
            clock=purse.clock,
        )
    )
    assert [f"{one.kind.value} {one.amount:f}" for one in listed] == ["funded 100", "consumed -30"]
    (held,) = done(list_grants(purse.caller, ACME, uow=purse.unit(), clock=purse.clock))
    assert held.left == 0
    assert held.voided_at is None


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"key": "-"}, "key"),
        ({"price": "-"}, "price"),
        ({"source": "\n"}, "source"),
        ({"at": NEW_YEAR + timedelta(days=1)}, "at"),
        ({"holding": HoldingNames()}, "currency"),
        ({"account": AccountKey("nobody")}, "account"),
    ],
)
def test_a_debit_that_cannot_be_is_refused(
    purse: Purse, terms: dict[str, object], field: str
) -> None:
    """A debit needs a key, an account, something that is held, and an instant that has come."""
    refused = purse.try_burn("1", **terms)  # type: ignore[arg-type] # fields by name
    assert isinstance(refused, Refused)
    assert [problem.field for problem in refused.problems] == [field]
    for amount in ("0", "0.001", "many"):
        assert codes(purse.try_burn(amount)) == ["wrong_value"]


def test_who_may_not_is_refused(purse: Purse) -> None:
    """Giving takes the scope billing; a key of one account sees that account alone."""
    reader = replace(purse.caller, scopes=frozenset({"read"}), account=AccountKey("bolt"))
    order = GrantOrder(account="acme", amount="20", currency="USD")
    assert codes(purse.try_give(order, caller=reader)) == ["forbidden"]
    seen = read_balance(reader, ACME, at=None, uow=purse.unit(), clock=purse.clock)
    assert codes(seen) == ["unknown_account"]


def test_credit_of_another_workspace_is_out_of_sight(purse: Purse) -> None:
    """No workspace sees another's grants, and the store keeps them as they are."""
    purse.give("100", key="mine")
    other = new_purse(purse.database)
    other.give("5", key="mine")
    assert (purse.holds(), other.holds()) == (["100"], ["5"])
    with purse.unit(WorkspaceId(other.workspace)) as uow:
        assert len(uow.credits.load(ACME).grants) == 1
    changing = "UPDATE credit_grant SET recorded_at = now()"
    with purse.database.connection("postgres") as rows, pytest.raises(psycopg.Error):
        rows.execute(changing)
