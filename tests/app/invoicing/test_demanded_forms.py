"""A number is taken last, after a document was written in the forms that its issuer demands."""

from dataclasses import replace

import pytest

from tallystick.app.invoicing import (
    CreditInvoice,
    DraftDocuments,
    IssueInvoice,
    credit_invoice,
    draft_documents,
    issue_invoice,
    list_parked,
)
from tallystick.catalog import Branding, Catalog, DocumentForm, IssueRules, LegalEntity
from tallystick.invoicing import CreditKind
from tallystick.kernel import AccountKey, Done, Outcome, Refused
from tests.app.invoicing.billing import Billing, new_billing
from tests.clickhouse import UsageStore
from tests.databases import Database
from tests.invoicing.world import CONTRACT, ENTITY

SENT = replace(ENTITY, country="DE", issuing=IssueRules(forms=(DocumentForm.CII,)))


def declare(billing: Billing, entity: LegalEntity, *, countries: dict[str, str]) -> None:
    """Declare a legal entity, and in which countries payers are."""
    with billing.unit() as uow:
        uow.catalog.save_definitions(Catalog(legal_entities={entity.key: entity}))
        for key, country in countries.items():
            account = uow.accounts.load_account(AccountKey(key))
            assert account is not None
            uow.accounts.save_accounts([replace(account, country=country)])
        uow.commit()


def parked(billing: Billing) -> list[tuple[str, str]]:
    """Return who is parked, and by which code."""
    outcome = list_parked(billing.caller, uow=billing.unit(), after="", limit=10)
    assert isinstance(outcome, Done)
    return [(one.account, one.code) for one in outcome.value]


def numbers(billing: Billing) -> list[str | None]:
    """Bill, and return the numbers of what was issued."""
    return [one.invoice.number for one in billing.documents(billing.run())]


def codes(outcome: Outcome[object]) -> list[str]:
    """Return the codes of a refusal, none for what was done."""
    return [one.code for one in outcome.problems] if isinstance(outcome, Refused) else []


def test_what_cannot_be_an_e_invoice_gets_no_number(
    database: Database, usage_store: UsageStore
) -> None:
    """Its payer is parked with the reason; the others' numbers have no gap, and it comes later."""
    billing = new_billing(database, usage_store, accounts=2)
    declare(billing, SENT, countries={"acme": "", "acme-2": "DE"})
    assert numbers(billing) == ["INV-2026-000001", "INV-2026-000002"]
    assert parked(billing) == [("acme", "missing_country")]
    declare(billing, SENT, countries={"acme": "FR"})
    assert numbers(billing) == ["INV-2026-000003", "INV-2026-000004"]
    assert parked(billing) == []


def test_nothing_is_written_that_nobody_demands(billing: Billing) -> None:
    """Without demanded forms a document is issued that could be no e-invoice."""
    assert numbers(billing) == ["INV-2026-000001", "INV-2026-000002"]


@pytest.mark.parametrize("form", [DocumentForm.PDF, DocumentForm.HTML, DocumentForm.FACTURX])
def test_a_design_that_cannot_be_used_keeps_the_number(
    billing: Billing, form: DocumentForm
) -> None:
    """A logo that is not there is found out before the number is taken."""
    rules = IssueRules(forms=(form,))
    broken = replace(SENT, issuing=rules, branding=Branding(logo="gone.svg"))
    declare(billing, broken, countries={"acme": "DE"})
    assert numbers(billing) == []
    assert parked(billing) == [("acme", "unusable_design")]
    declare(billing, replace(broken, branding=Branding()), countries={})
    assert numbers(billing) == ["INV-2026-000001", "INV-2026-000002"]


def test_a_draft_and_a_note_are_tried_too(billing: Billing) -> None:
    """Whoever issues a draft by hand, or a credit note, is told why there is no number."""
    first, *_ = billing.run().issued
    declare(billing, SENT, countries={"acme": ""})
    billing.clock.forward(seconds=28 * 86_400)
    drafted = draft_documents(
        DraftDocuments(subscription=CONTRACT.key),
        caller=billing.caller,
        uow=billing.unit(),
        sources=billing.sources,
    )
    assert isinstance(drafted, Done)
    issued = issue_invoice(
        IssueInvoice(invoice=drafted.value[0]),
        caller=billing.caller,
        uow=billing.unit(),
        clock=billing.clock,
        writer=billing.sources.writer,
    )
    assert codes(issued) == ["missing_country"]
    credited = credit_invoice(
        CreditInvoice(invoice=first, kind=CreditKind.GOODWILL, reason="sorry", amount="1.00"),
        caller=billing.caller,
        uow=billing.unit(),
        clock=billing.clock,
        writer=billing.sources.writer,
    )
    assert codes(credited) == ["missing_country"]
