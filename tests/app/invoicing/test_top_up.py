"""Credit that is sold on an invoice: owed from its issue, taxed then or as it is used."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tallystick.app.credits import BurnCredit, burn_credit
from tallystick.app.invoicing import (
    BillOneOff,
    CreditInvoice,
    ToppedUp,
    TopUpCredit,
    Voided,
    VoidInvoice,
    credit_invoice,
    top_up_credit,
    void_invoice,
)
from tallystick.credits import BonusSlab, GrantOrder, HoldingNames, balance
from tallystick.invoicing import CreditedLine, CreditKind, Disposition, Invoice, SoldLine
from tallystick.kernel import AccountKey, Done, InvoiceId, Outcome, currency, plain
from tests.app.invoicing.billing import Billing
from tests.app.invoicing.test_commands import codes
from tests.app.invoicing.test_notes import proven, void
from tests.app.invoicing.test_one_off import balances, try_sell
from tests.app.invoicing.test_taxed_billing import HOME, declare, move

ORDER = GrantOrder(
    account="acme",
    amount="3000",
    currency="USD",
    kind="paid",
    treatment="prepaid_taxed",
    legal_entity="main",
)
SLABS = (
    BonusSlab(from_amount=Decimal(1000), percent=Decimal(10)),
    BonusSlab(from_amount=Decimal(5000), amount=Decimal(750)),
)


@pytest.fixture
def taxed(billing: Billing) -> Billing:
    """Lend a workspace whose legal entity collects taxes from a buyer in Germany."""
    declare(billing, HOME)
    move(billing, country="DE")
    return billing


def top_up(
    billing: Billing, *, key: str = "", slabs: tuple[BonusSlab, ...] = (), **terms: str
) -> Outcome[ToppedUp]:
    """Sell credit to acme, or tell why not."""
    fields = {name: getattr(ORDER, name) for name in ORDER.__struct_fields__}
    return top_up_credit(
        TopUpCredit(order=GrantOrder(**{**fields, **terms}), slabs=slabs),
        caller=replace(billing.caller, idempotency_key=key or None),
        uow=billing.unit(),
        sources=billing.sources,
    )


def test_taxed_credit_is_owed_net(taxed: Billing) -> None:
    """3,000.00 with 19 % of tax: 3,570.00 are charged, 3,000.00 are owed, nothing is earned."""
    sold = top_up(taxed, key="k")
    assert isinstance(sold, Done)
    assert top_up(taxed, key="k") == sold
    booked = balances(taxed)
    assert booked["receivable:acme"] == 357000
    assert booked["prepaid_credit:acme"] == -300000
    assert not any(account.startswith("revenue") for account in booked)
    proven(taxed, [taxed.document(InvoiceId(sold.value.invoice)).invoice])


def test_a_deposit_bears_no_tax_yet(taxed: Billing) -> None:
    """What is taxed as it is used is on an invoice without tax."""
    sold = top_up(taxed, treatment="payment")
    assert isinstance(sold, Done)
    proven(taxed, [taxed.document(InvoiceId(sold.value.invoice)).invoice])
    assert balances(taxed) == {"receivable:acme": 300000, "prepaid_credit:acme": -300000}


def test_what_is_on_top_is_promotional(billing: Billing) -> None:
    """10 % from 1,000.00, and 750.00 from 5,000.00; nothing is owed for it."""
    for amount, expected in (("3000", "300"), ("6000", "750")):
        sold = top_up(billing, amount=amount, slabs=SLABS)
        assert isinstance(sold, Done)
        assert sold.value.bonus is not None
        assert (sold.value.bonus.kind, sold.value.bonus.amount) == ("promotional", expected)
    assert balances(billing)["prepaid_credit:acme"] == -900000


def test_only_money_of_the_payer_is_sold(billing: Billing) -> None:
    """A top-up is paid, in the payer's currency."""
    assert codes(top_up(billing, kind="promotional", treatment="")) == ["wrong_value"]
    assert codes(top_up(billing, currency="EUR")) == ["wrong_value"]


def test_a_sale_is_no_top_up(billing: Billing) -> None:
    """No line of a one-off document sells credit beside the grant."""
    line = SoldLine(code="prepaid g1", description="Credit", unit_price="5")
    order = BillOneOff(account=AccountKey("acme"), legal_entity="main", lines=(line,))
    assert codes(try_sell(billing, order)) == ["malformed"]


def test_unused_credit_is_taken_back_with_its_document(taxed: Billing) -> None:
    """The grant is empty, nothing is owed, the tax is back; what came back may be refunded."""
    sold = top_up(taxed)
    assert isinstance(sold, Done)
    note = void(taxed, InvoiceId(sold.value.invoice), Disposition.WAIVE).note
    assert left(taxed) == "0"
    assert balances(taxed) == {}
    proven(taxed, [taxed.document(InvoiceId(sold.value.invoice)).invoice, note])


def test_a_note_takes_back_what_nobody_used_and_no_more(taxed: Billing) -> None:
    """Of 3,000.00, 1,000.00 and 200.00 are used, 500.00 and 1,300.00 go; not a cent more."""
    sold = top_up(taxed)
    assert isinstance(sold, Done)
    invoice = InvoiceId(sold.value.invoice)
    use(taxed, "1000")
    assert codes(try_void(taxed, invoice)) == ["credit_used"]
    assert codes(try_credit(taxed, invoice, "2000.01", dry_run=True)) == ["credit_used"]
    assert codes(try_credit(taxed, invoice, "2000.01")) == ["credit_used"]
    assert isinstance(try_credit(taxed, invoice, "500.00"), Done)
    use(taxed, "200")
    assert balances(taxed)["revenue:credit"] == -120000
    assert left(taxed) == "1300"
    assert codes(try_credit(taxed, invoice, "1300.01")) == ["credit_used"]
    assert isinstance(try_credit(taxed, invoice, "1300.00"), Done)
    assert left(taxed) == "0"
    booked = balances(taxed)
    assert booked["receivable:acme"] == 142800
    assert booked["revenue:credit"] == -120000
    assert "prepaid_credit:acme" not in booked
    assert codes(try_credit(taxed, invoice, "0.01")) == ["credit_used"]


def test_what_lapsed_is_not_taken_back(taxed: Billing) -> None:
    """Behind its end sold credit is earned: nothing of it is unused."""
    sold = top_up(taxed, expires_at="2026-02-10T00:00:00Z")
    assert isinstance(sold, Done)
    taxed.clock.forward(days=60)
    assert codes(try_void(taxed, InvoiceId(sold.value.invoice))) == ["credit_used"]


def try_void(billing: Billing, invoice: InvoiceId) -> Outcome[Voided]:
    """Take a document back, or tell why not."""
    order = VoidInvoice(invoice=invoice, disposition=Disposition.WAIVE, reason="a mistake")
    return void_invoice(order, caller=billing.caller, uow=billing.unit(), sources=billing.sources)


def try_credit(
    billing: Billing, invoice: InvoiceId, amount: str, *, dry_run: bool = False
) -> Outcome[Invoice]:
    """Give a part of a document back by its line, or tell why not."""
    (line,) = billing.document(invoice).invoice.lines
    order = CreditInvoice(
        invoice=invoice,
        kind=CreditKind.REFUND,
        reason="less is wanted",
        lines=(CreditedLine(line=line.id, amount=amount),),
        dry_run=dry_run,
    )
    return credit_invoice(
        order,
        caller=billing.caller,
        uow=billing.unit(),
        clock=billing.clock,
        writer=billing.sources.writer,
    )


def use(billing: Billing, amount: str) -> None:
    """Use acme's credit without a document."""
    order = BurnCredit(
        account=AccountKey("acme"),
        key=f"use {amount}".replace(" ", "-"),
        amount=amount,
        holding=HoldingNames(currency="USD"),
    )
    outcome = burn_credit(order, caller=billing.caller, uow=billing.unit(), clock=billing.clock)
    assert isinstance(outcome, Done), outcome


def left(billing: Billing) -> str:
    """Return what acme's credit comes to now."""
    with billing.unit() as uow:
        history = uow.credits.load(AccountKey("acme"))
    return plain(balance(history, billing.clock.now(), currency("USD")))
