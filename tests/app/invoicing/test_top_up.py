"""Credit that is sold on an invoice: owed from its issue, taxed then or as it is used."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tallystick.app.invoicing import (
    BillOneOff,
    ToppedUp,
    TopUpCredit,
    VoidInvoice,
    top_up_credit,
    void_invoice,
)
from tallystick.credits import BonusSlab, GrantOrder
from tallystick.invoicing import Disposition, SoldLine
from tallystick.kernel import AccountKey, Done, InvoiceId, Outcome
from tests.app.invoicing.billing import Billing
from tests.app.invoicing.test_commands import codes
from tests.app.invoicing.test_notes import proven
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


def test_an_invoice_over_credit_is_not_taken_back_while_the_credit_stays_usable(
    taxed: Billing,
) -> None:
    """A note on it would leave the grant as it is, and the money owed for it would be gone."""
    sold = top_up(taxed)
    assert isinstance(sold, Done)
    order = VoidInvoice(
        invoice=InvoiceId(sold.value.invoice), disposition=Disposition.WAIVE, reason="a mistake"
    )
    refused = void_invoice(order, caller=taxed.caller, uow=taxed.unit(), sources=taxed.sources)
    assert codes(refused) == ["sells_credit"]
    assert balances(taxed)["prepaid_credit:acme"] == -300000
