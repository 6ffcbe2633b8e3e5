"""Payments recorded by hand: what they pay, what is free, what goes back, and the journal of it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tallystick.app.invoicing import WriteOff, write_off
from tallystick.app.payments import (
    ForfeitCredit,
    NamedDocument,
    forfeit_credit,
    list_payments,
    show_payment,
)
from tallystick.invoicing import Disposition, Status
from tallystick.kernel import AccountKey, Done, InvoiceId, Refused, instant
from tallystick.payments import Method
from tests.app.invoicing.billing import FEBRUARY_2, Billing
from tests.app.invoicing.test_commands import codes
from tests.app.invoicing.test_notes import goodwill, january, proven, void
from tests.app.invoicing.test_one_off import balances
from tests.app.payments.paying import (
    PAYMENT,
    allocate,
    pay,
    refund,
    sell,
    stands,
    summary,
    try_pay,
    try_refund,
)


def test_the_oldest_is_paid_first(billing: Billing) -> None:
    """Money that names no document pays the oldest, the rest stays at hand."""
    first, second = sell(billing, "30.00"), sell(billing, "50.00")
    paid = pay(billing, "45.00")
    assert stands(billing) == ("35.00", "0.00")
    assert summary(billing, first.id).status is Status.PAID
    of_second = summary(billing, second.id)
    assert (of_second.status, str(of_second.due)) == (Status.PARTLY_PAID, "35.00 USD")
    pay(billing, "40.00")
    assert stands(billing) == ("0.00", "5.00")
    assert balances(billing) == {
        "cash:bank": 8500,
        "customer_credit:acme": -500,
        "revenue:setup": -8000,
    }
    shown = show_payment(billing.caller, paid, uow=billing.unit())
    assert isinstance(shown, Done)
    assert [str(one.move.money) for one in shown.value.moves] == ["30.00 USD", "15.00 USD"]


def test_named_documents_are_paid_first(billing: Billing) -> None:
    """What is named is paid as far as it is said; what is left pays the oldest."""
    first, second = sell(billing, "30.00"), sell(billing, "50.00")
    pay(billing, "45.00", f"{second.id}=40.00")
    assert str(summary(billing, second.id).due) == "10.00 USD"
    assert str(summary(billing, first.id).due) == "25.00 USD"


def test_free_money_pays_what_is_issued_next(billing: Billing) -> None:
    """Customer credit pays each new document until it is gone, also those of a run."""
    paid = pay(billing, "30.00")
    first = january(billing)
    due, credit = stands(billing)
    assert (due, summary(billing, first.id).status) == ("0.00", Status.PAID)
    assert credit == "8.46"
    sell(billing, "20.00")
    assert stands(billing)[1] == "0.00"
    assert billing.run(through=FEBRUARY_2).issued == ()
    assert [str(one.money) for one in first.prepaid] == ["11.54 USD"]
    assert str(first.due) == "0.00 USD"
    proven(billing, [first])
    shown = show_payment(billing.caller, paid, uow=billing.unit())
    assert isinstance(shown, Done)
    assert shown.value.source.free.minor == 0


def test_a_note_on_a_paid_invoice_leaves_credit(billing: Billing) -> None:
    """What was paid and is given back is at hand; what was not paid is owed no more."""
    first = sell(billing, "30.00")
    goodwill(billing, first.id, "5.00")
    assert stands(billing) == ("25.00", "0.00")
    pay(billing, "20.00")
    goodwill(billing, first.id, "8.00")
    assert stands(billing) == ("0.00", "3.00")
    assert summary(billing, first.id).status is Status.PAID
    sell(billing, "2.00")
    assert stands(billing) == ("0.00", "1.00")


def test_a_void_frees_what_was_paid(billing: Billing) -> None:
    """What a voided document was paid pays the document in its place."""
    first = january(billing)
    pay(billing, f"{first.total.decimal}", first.id)
    before = stands(billing)
    voided = void(billing, first.id, Disposition.REBILL, regenerate=True)
    assert stands(billing) == before
    assert summary(billing, voided.anew[0].id).status is Status.PAID
    assert [one.source for one in voided.anew[0].prepaid] == [voided.note.id]
    assert summary(billing, first.id).status is Status.VOID
    proven(billing, [first, voided.note, *voided.anew])


def test_a_refund_makes_the_document_owed_again(billing: Billing) -> None:
    """A refund takes what is free, then what was applied last; never more than was paid."""
    first, second = sell(billing, "30.00"), sell(billing, "50.00")
    paid = pay(billing, "90.00")
    assert stands(billing) == ("0.00", "10.00")
    refund(billing, paid, "25.00")
    assert stands(billing) == ("15.00", "0.00")
    assert str(summary(billing, second.id).due) == "15.00 USD"
    assert codes(try_refund(billing, paid, "65.01")) == ["above_what_was_paid"]
    refund(billing, paid)
    assert stands(billing) == ("80.00", "0.00")
    assert summary(billing, first.id).status is Status.OPEN
    assert codes(try_refund(billing, paid)) == ["wrong_amount"]
    assert "cash:bank" not in balances(billing)


def test_a_note_pays_what_a_refund_took_back(billing: Billing) -> None:
    """Money given back twice, as credit and as a refund, is given back once."""
    first = sell(billing, "30.00")
    paid = pay(billing, "30.00")
    goodwill(billing, first.id, "12.00")
    assert stands(billing) == ("0.00", "12.00")
    refund(billing, paid, "12.00")
    assert stands(billing) == ("0.00", "0.00")
    assert codes(try_refund(billing, paid, "18.01")) == ["above_what_was_paid"]


def test_released_and_applied_elsewhere(billing: Billing) -> None:
    """Money is taken back from one document and pays another, or stays where it may not go."""
    first, second = sell(billing, "30.00"), sell(billing, "50.00")
    paid = pay(billing, "30.00")
    moved = allocate(billing, paid, f"{second.id}=30.00", release=first.id)
    assert isinstance(moved, Done), moved
    assert str(summary(billing, first.id).due) == "30.00 USD"
    assert str(summary(billing, second.id).due) == "20.00 USD"
    assert stands(billing) == ("50.00", "0.00")
    for refused, code in (
        (allocate(billing, paid, release=first.id), "nothing_applied"),
        (allocate(billing, paid, f"{first.id}=1.00"), "above_what_is_free"),
        (allocate(billing, paid, "inv_none"), "nothing_due"),
        (allocate(billing, "pay_none"), "unknown_money"),
        (allocate(billing, paid, f"{first.id}=31.00", release=second.id), "above_what_is_due"),
    ):
        assert codes(refused) == [code]


def test_a_balance_is_given_up(billing: Billing) -> None:
    """A note's balance that is given up pays nothing more, and what it paid stays paid."""
    first = sell(billing, "30.00")
    pay(billing, "30.00")
    note = goodwill(billing, first.id, "12.00")
    second = sell(billing, "5.00")
    assert stands(billing) == ("0.00", "7.00")
    order = ForfeitCredit(source=note.id, reason="by our terms")
    caller, clock = billing.caller, billing.clock
    done = forfeit_credit(order, caller=caller, uow=billing.unit(), clock=clock)
    assert isinstance(done, Done), done
    assert stands(billing) == ("0.00", "0.00")
    assert summary(billing, second.id).status is Status.PAID
    assert balances(billing)["breakage:acme"] == -700
    again = forfeit_credit(order, caller=caller, uow=billing.unit(), clock=clock)
    assert codes(again) == ["nothing_free"]


def test_two_documents_at_once_never_take_the_same_money(billing: Billing) -> None:
    """Whoever issues, pays or refunds at once shares what there is, and no more."""
    first = sell(billing, "30.00")
    paid = pay(billing, "30.00")
    goodwill(billing, first.id, "20.00")
    with ThreadPoolExecutor(max_workers=4) as pool:
        sold = [pool.submit(sell, billing, "15.00") for _ in range(3)]
        back = pool.submit(try_refund, billing, paid, "10.00")
        for one in sold:
            one.result()
        assert isinstance(back.result(), Done)
    assert stands(billing) == ("35.00", "0.00")


def test_the_same_payment_twice_is_one(billing: Billing) -> None:
    """A command sent twice under a key is one (guarantee 8); a provider's reference is unique."""
    once = try_pay(billing, PAYMENT, key="p1")
    again = try_pay(billing, PAYMENT, key="p1")
    assert isinstance(once, Done)
    assert once == again
    provided = replace(PAYMENT, method=Method.PROVIDER, reference="pi_1")
    assert isinstance(try_pay(billing, provided), Done)
    assert codes(try_pay(billing, provided)) == ["payment_known"]
    assert stands(billing) == ("0.00", "20.00")
    taken = try_refund(billing, once.value.payment.id, "4.00", key="r1")
    assert taken == try_refund(billing, once.value.payment.id, "4.00", key="r1")
    assert stands(billing) == ("0.00", "16.00")


def test_card_numbers_are_refused_without_echo(billing: Billing) -> None:
    """A text that holds the number of a card is not kept, and not told back."""
    number = "4111 1111 1111 1111"
    for order in (replace(PAYMENT, reference=number), replace(PAYMENT, note=f"card {number}")):
        outcome = try_pay(billing, order)
        assert codes(outcome) == ["card_number"]
        assert isinstance(outcome, Refused)
        assert "1111" not in outcome.problems[0].message


def test_what_cannot_be_recorded(billing: Billing) -> None:
    """A payment that cannot be is refused with its reason, and nothing is kept."""
    sell(billing, "30.00")
    nowhere = (NamedDocument(document=InvoiceId("inv_none")),)
    for order, code in (
        (replace(PAYMENT, amount="0"), "wrong_amount"),
        (replace(PAYMENT, amount="1.005"), "wrong_amount"),
        (replace(PAYMENT, amount="-1"), "wrong_amount"),
        (replace(PAYMENT, currency="XXQ"), "wrong_currency"),
        (replace(PAYMENT, received="9.00"), "wrong_currency"),
        (replace(PAYMENT, account=AccountKey("nobody")), "unknown_account"),
        (replace(PAYMENT, legal_entity="nobody"), "unknown_books"),
        (replace(PAYMENT, paid_at=instant("2030-01-01T00:00:00Z")), "in_the_future"),
        (replace(PAYMENT, cash="the till"), "wrong_text"),
        (replace(PAYMENT, documents=nowhere), "nothing_due"),
    ):
        assert codes(try_pay(billing, order)) == [code]
    assert stands(billing) == ("30.00", "0.00")


def test_a_caller_of_one_account_sees_its_own(billing: Billing) -> None:
    """A key of one account reads that payer's payments alone, and records none."""
    paid = pay(billing, "10.00")
    other = replace(billing.caller, account=AccountKey("other"), scopes=frozenset({"read"}))
    assert list_payments(other, uow=billing.unit()) == Done([])
    assert codes(show_payment(other, paid, uow=billing.unit())) == ["unknown_payment"]


def test_what_is_left_is_written_off(billing: Billing) -> None:
    """Only what was not paid is a loss; money that comes later does not pay it."""
    first = sell(billing, "30.00")
    pay(billing, "10.00")
    order = WriteOff(invoice=first.id, reason="insolvent")
    outcome = write_off(order, caller=billing.caller, uow=billing.unit(), clock=billing.clock)
    assert isinstance(outcome, Done), outcome
    assert outcome.value.money == "20.00"
    pay(billing, "5.00")
    assert stands(billing) == ("0.00", "5.00")
    assert summary(billing, first.id).status is Status.UNCOLLECTIBLE
