"""Money at hand and what is owed: nothing is used twice, whatever happens in whatever order."""

from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import Done, Refused, currency
from tests.payments.till import Till

EUR = currency("EUR")
MINOR = st.integers(1, 10_000)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("charge"), MINOR),
        st.tuples(st.just("pay"), MINOR),
        st.tuples(st.just("note"), MINOR),
        st.tuples(st.just("refund"), MINOR),
    ),
    max_size=14,
)


@given(steps=STEPS)
def test_all_that_came_and_went_adds_up(steps: list[tuple[str, int]]) -> None:
    """Owed less at hand is charged less given back, paid less refunded; never both at once."""
    till, balance, paid = Till(EUR), 0, 0
    charged: dict[str, int] = {}
    payments: dict[str, int] = {}
    for number, (step, minor) in enumerate(steps):
        name = f"{step}-{number}"
        if step == "charge":
            till.charge(name, minor)
            charged[name] = minor
            balance += minor
        elif step == "pay":
            till.pay(minor, name)
            payments[name] = minor
            balance -= minor
        elif step == "note" and charged:
            of = max(charged, key=lambda one: charged[one])
            part = min(minor, charged[of])
            till.note(name, of, -part)
            charged[of] -= part
            balance -= part
        elif step == "refund" and payments:
            of = max(payments, key=lambda one: payments[one])
            outcome = till.refund(minor, of)
            assert isinstance(outcome, Done) is (minor <= payments[of])
            if isinstance(outcome, Done):
                payments[of] -= minor
                balance += minor
        due, credit = till.stands
        assert due - credit == balance
        assert due == 0 or credit == 0
        paid = sum(payments.values())
        assert all(one.free.minor >= 0 for one in till.standing.sources)
    assert paid >= 0


def test_paid_and_given_back() -> None:
    """Balances as Kill Bill computes them: each row charged, paid, given back, refunded."""
    for charges, pays, notes, refunds, expected in (
        ((1700, 4200), 4800, 0, 0, (1100, 0)),
        ((1700,), 0, 1700, 0, (0, 0)),
        ((2000,), 2000, 0, 700, (700, 0)),
        ((2000,), 2000, 700, 700, (0, 0)),
        ((2000,), 2000, 2000, 2000, (0, 0)),
        ((2000,), 2000, 2000, 700, (0, 1300)),
        ((2500,), 2500, 1000, 700, (0, 300)),
        ((2500,), 2500, 1000, 2000, (1000, 0)),
    ):
        till = Till(EUR)
        for number, minor in enumerate(charges):
            till.charge(f"inv-{number}", minor)
        if pays:
            till.pay(pays)
        if notes:
            till.note("note", "inv-0", -notes)
        if refunds:
            assert isinstance(till.refund(refunds), Done)
        assert till.stands == expected


def test_what_a_refund_takes_back_is_owed_though_its_credit_was_used() -> None:
    """Credit of a repair paid another document; the payment goes back: the first is owed again."""
    till = Till(EUR)
    till.charge("first", 1000)
    till.pay(1000)
    till.note("note", "first", -1000)
    till.charge("second", 500)
    assert till.stands == (0, 500)
    assert isinstance(till.refund(1000), Done)
    assert till.stands == (500, 0)
    assert isinstance(till.refund(1), Refused)


def test_refunds_never_come_to_more_than_was_paid() -> None:
    """Funded 60.00 with 10.00 refunded, voided: 50.00 more may go back, and not 60.00."""
    till = Till(EUR)
    till.charge("first", 6000)
    till.pay(6000)
    assert isinstance(till.refund(1000), Done)
    till.note("void", "first", -6000)
    assert till.stands == (0, 5000)
    assert isinstance(till.refund(6000), Refused)
    assert isinstance(till.refund(5000), Done)
    assert till.stands == (0, 0)
