"""Contracts that once shared a document are billed one after the other, whoever bills them."""

from concurrent.futures import ThreadPoolExecutor

from tallystick.app.invoicing import DraftDocuments, draft_documents
from tallystick.kernel import Done, InvoiceId, Outcome, SubscriptionKey
from tests.app.invoicing.billing import FEBRUARY_2, Billing, is_waiting
from tests.app.invoicing.test_consolidated_billing import JANUARY, corp, issued
from tests.waiting import wait_until

__all__ = ["corp"]


def test_a_command_waits_for_the_contract_that_shared_its_document(corp: Billing) -> None:
    """What one of them corrects changes the taxes of the other: the second sees the first."""
    corp.record(JANUARY)
    issued(corp, FEBRUARY_2)
    with ThreadPoolExecutor(1) as threads, corp.unit() as uow:
        uow.invoices.lock(SubscriptionKey("acme-compute"))
        late = threads.submit(_draft, corp, "acme-2-compute")
        wait_until(lambda: is_waiting(corp), seconds_max=30, waiting_for="the other contract")
        assert not late.done()
        uow.commit()
    assert isinstance(late.result(), Done)


def _draft(billing: Billing, contract: str) -> Outcome[tuple[InvoiceId, ...]]:
    command = DraftDocuments(subscription=SubscriptionKey(contract))
    return draft_documents(
        command, caller=billing.caller, uow=billing.unit(), sources=billing.sources
    )
