"""Pays, refunds and looks at a payer of a workspace that is billed; nothing may be refused."""

from dataclasses import replace

from tallystick.app.invoicing import BillOneOff, InvoiceSummary, bill_one_off, list_invoices
from tallystick.app.payments import (
    AllocateMoney,
    KnownPayment,
    NamedDocument,
    RecordPayment,
    RefundPayment,
    allocate_money,
    record_payment,
    refund_payment,
    show_standing,
)
from tallystick.invoicing import Invoice, SoldLine
from tallystick.kernel import AccountKey, Done, InvoiceId, Outcome
from tallystick.payments import Standing
from tests.app.invoicing.billing import Billing

ACME = AccountKey("acme")
PAYMENT = RecordPayment(account=ACME, amount="10.00", currency="USD")


def sell(billing: Billing, price: str) -> Invoice:
    """Issue an invoice over something that is sold once."""
    line = SoldLine(code="setup", description="Setup", unit_price=price)
    order = BillOneOff(account=ACME, legal_entity="main", lines=(line,))
    outcome = bill_one_off(
        order, caller=billing.caller, uow=billing.unit(), sources=billing.sources
    )
    assert isinstance(outcome, Done), outcome
    return outcome.value


def try_pay(
    billing: Billing, order: RecordPayment, *, key: str | None = None
) -> Outcome[KnownPayment]:
    """Record a payment, or tell why not."""
    caller = replace(billing.caller, idempotency_key=key)
    return record_payment(order, caller=caller, uow=billing.unit(), clock=billing.clock)


def pay(billing: Billing, amount: str, *documents: str) -> str:
    """Record a payment that pays documents, as ``ID`` or ``ID=AMOUNT``, and return its id."""
    named = (text.partition("=") for text in documents)
    order = replace(
        PAYMENT,
        amount=amount,
        documents=tuple(
            NamedDocument(document=InvoiceId(id_), amount=money) for id_, _, money in named
        ),
    )
    outcome = try_pay(billing, order)
    assert isinstance(outcome, Done), outcome
    return outcome.value.payment.id


def try_refund(
    billing: Billing, payment: str, amount: str = "", *, key: str | None = None
) -> Outcome[KnownPayment]:
    """Record a refund, or tell why not."""
    caller = replace(billing.caller, idempotency_key=key)
    order = RefundPayment(payment=payment, amount=amount, reason="asked for")
    return refund_payment(order, caller=caller, uow=billing.unit(), clock=billing.clock)


def refund(billing: Billing, payment: str, amount: str = "") -> KnownPayment:
    """Record a refund."""
    outcome = try_refund(billing, payment, amount)
    assert isinstance(outcome, Done), outcome
    return outcome.value


def allocate(billing: Billing, source: str, *documents: str, release: str = "") -> Outcome[object]:
    """Say what money pays, or tell why not."""
    named = (text.partition("=") for text in documents)
    order = AllocateMoney(
        source=source,
        documents=tuple(
            NamedDocument(document=InvoiceId(id_), amount=money) for id_, _, money in named
        ),
        release=(InvoiceId(release),) if release else (),
    )
    return allocate_money(order, caller=billing.caller, uow=billing.unit(), clock=billing.clock)


def standing(billing: Billing) -> Standing:
    """Return how the payer stands in the one currency that there is."""
    outcome = show_standing(billing.caller, ACME, uow=billing.unit())
    assert isinstance(outcome, Done), outcome
    ((_, found),) = outcome.value.purses
    return found


def stands(billing: Billing) -> tuple[str, str]:
    """Return what is due and what is free, and see that the journal says the same."""
    found = standing(billing)
    with billing.unit() as uow:
        booked = uow.journal.balances(as_of=billing.clock.now())
    by_account = {account: money.minor for (account, _), money in booked.items()}
    assert by_account.get("receivable:acme", 0) == found.due.minor
    assert -by_account.get("customer_credit:acme", 0) == found.credit.minor
    return (f"{found.due.decimal:f}", f"{found.credit.decimal:f}")


def summary(billing: Billing, invoice: InvoiceId) -> InvoiceSummary:
    """Return a document of the list."""
    listed = list_invoices(billing.caller, uow=billing.unit())
    assert isinstance(listed, Done)
    (found,) = (one for one in listed.value if one.id == invoice)
    return found
