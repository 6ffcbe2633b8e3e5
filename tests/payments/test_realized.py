"""Payments that came in at another rate: parts realize what the whole would, and books balance."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tallystick.currency import ExchangeRate
from tallystick.kernel import AccountKey, InvoiceId, Money, currency, instant
from tallystick.ledger import Books, Entry, ForeignPayment, payment_postings
from tallystick.payments import (
    BookedMove,
    Exchanged,
    Method,
    Move,
    MoveKind,
    Payment,
    move_entry,
    payment_entry,
    realized_gain,
    value_of_part,
)

USD, EUR = currency("USD"), currency("EUR")
AT = instant("2026-02-01T00:00:00Z")
BOOKS = Books(key="main", zone="UTC")
RATE = ExchangeRate(base=USD, quote=EUR, value=Decimal("0.9"), on=date(2026, 1, 30), source="ecb")


def usd(minor: int) -> Money:
    """Return so many cents."""
    return Money(minor=minor, currency=USD)


def eur(minor: int) -> Money:
    """Return so many euro cents."""
    return Money(minor=minor, currency=EUR)


def payment(paid: int, received: int) -> Payment:
    """Return a payment in euros for documents in dollars."""
    return Payment(
        id="pay_1",
        account=AccountKey("acme"),
        legal_entity="main",
        money=usd(paid),
        received=eur(received),
        method=Method.BANK_TRANSFER,
        paid_at=AT,
    )


def applied(minor: int, gain: Money) -> Entry:
    """Return the entry of a part that pays a document."""
    move = Move(
        kind=MoveKind.APPLIED, source="pay_1", money=usd(minor), document=InvoiceId("inv_1")
    )
    booked = BookedMove(
        move=move,
        number=0,
        at=AT,
        payer=AccountKey("acme"),
        exchanged=Exchanged(value=eur(0), gain=gain),
    )
    return move_entry(booked, books=BOOKS)


def sums(*entries: Entry) -> dict[tuple[str, str], int]:
    """Return what entries move on each account, in each currency; no zeros."""
    found: dict[tuple[str, str], int] = {}
    for entry in entries:
        for leg in entry.postings:
            place = (leg.account, leg.money.currency.code)
            found[place] = found.get(place, 0) + leg.money.minor
    return {place: minor for place, minor in found.items() if minor}


@given(received=st.integers(1, 10**9), paid=st.integers(1, 10**9))
def test_recorded_and_applied_is_paid_at_once(received: int, paid: int) -> None:
    """Money that came in and pays a document moves what a payment across currencies moves."""
    made = payment(paid, received)
    gain = realized_gain(usd(0), usd(paid), money=made.money, received=eur(received), rate=RATE)
    booked = eur(received) - gain
    at_once = ForeignPayment(
        payer="acme", cash="bank", paid=usd(paid), booked=booked, received=eur(received)
    )
    expected: dict[tuple[str, str], int] = {}
    for leg in payment_postings(at_once):
        place = (leg.account, leg.money.currency.code)
        expected[place] = expected.get(place, 0) + leg.money.minor
    entries = (payment_entry(made, books=BOOKS), applied(paid, gain))
    assert sums(*entries) == {place: minor for place, minor in expected.items() if minor}


@given(parts=st.lists(st.integers(1, 10**6), min_size=1, max_size=5))
def test_parts_realize_what_the_whole_does(parts: list[int]) -> None:
    """However often a document takes of a payment, the gain is that of all it took."""
    whole, received = sum(parts), eur(1 + sum(parts) * 93 // 100)
    total, stands = eur(0), 0
    for part in parts:
        after = stands + part
        total += realized_gain(
            usd(stands), usd(after), money=usd(whole), received=received, rate=RATE
        )
        stands = after
    assert total == realized_gain(
        usd(0), usd(whole), money=usd(whole), received=received, rate=RATE
    )


def test_what_goes_back_goes_at_the_payments_own_rate() -> None:
    """Half of what came in as 95.00 goes back as 47.50, and the position with it."""
    made = payment(10000, 9500)
    value = value_of_part(usd(5000), money=made.money, received=eur(9500))
    move = Move(kind=MoveKind.REFUNDED, source="pay_1", money=usd(5000))
    booked = BookedMove(
        move=move,
        number=0,
        at=AT,
        payer=AccountKey("acme"),
        cash="bank",
        exchanged=Exchanged(value=value, gain=eur(0)),
    )
    assert sums(payment_entry(made, books=BOOKS), move_entry(booked, books=BOOKS)) == {
        ("cash:bank", "EUR"): 4750,
        ("currency_position:USD", "EUR"): -4750,
        ("currency_position:USD", "USD"): 5000,
        ("customer_credit:acme", "USD"): -5000,
    }
