"""Documents as files: parties stay as they were, and who may have them."""

from dataclasses import replace
from pathlib import Path

from tallystick.app import Caller
from tallystick.app.invoicing import WriteDocument, write_document
from tallystick.catalog import Catalog, DocumentForm
from tallystick.integrations.documents import PaperWriter
from tallystick.invoicing import basis_document
from tallystick.kernel import AccountKey, Done, InvoiceId, Outcome, Refused, digest
from tests.app.invoicing.billing import FEBRUARY_2, Billing
from tests.invoicing.world import BASIS, ENTITY, Asked, drafted, the_invoice

WRITER = PaperWriter(Path("nowhere"))


def page(billing: Billing, invoice: InvoiceId, *, caller: Caller | None = None) -> Outcome[str]:
    """Write a document as a page."""
    outcome = write_document(
        WriteDocument(invoice=invoice, form=DocumentForm.HTML),
        caller=caller or billing.caller,
        uow=billing.unit(),
        usage=billing.store.reader,
        writer=WRITER,
    )
    return outcome if isinstance(outcome, Refused) else Done(outcome.value.content.decode())


def rename(billing: Billing, *, issuer: str, payer: str) -> None:
    """Give issuer and payer other names, as an application of the catalog does."""
    with billing.unit() as uow:
        entity = replace(ENTITY, name=issuer)
        uow.catalog.save_definitions(Catalog(legal_entities={entity.key: entity}))
        account = uow.accounts.load_account(AccountKey("acme"))
        assert account is not None
        uow.accounts.save_accounts([replace(account, name=payer)])
        uow.commit()


def test_parties_stay_as_they_were(billing: Billing) -> None:
    """A document shows the names of its day, whatever the catalog says later."""
    first, *_ = billing.run(through=FEBRUARY_2).issued
    before = page(billing, first)
    assert isinstance(before, Done)
    assert "Main Ltd" in before.value
    rename(billing, issuer="Other Ltd", payer="Somebody else")
    assert page(billing, first) == before


def test_documents_of_before_show_the_parties_of_today(billing: Billing) -> None:
    """A basis that knows no parties is completed from the catalog; its bytes stay what they are."""
    basis = replace(BASIS, workspace=billing.workspace)
    draft = the_invoice(drafted((), Asked(basis=basis)))
    kept = basis_document(basis)
    with billing.unit() as uow:
        uow.invoices.save_drafts([draft], basis=kept)
        uow.commit()
    rename(billing, issuer="Other Ltd", payer="Somebody else")
    told = page(billing, draft.id)
    assert isinstance(told, Done)
    assert "Other Ltd" in told.value
    assert "Somebody else" in told.value
    assert digest(billing.document(draft.id).basis) == draft.basis


def test_a_neighbour_has_no_document(billing: Billing) -> None:
    """A key of another account learns nothing, and one that may not read is told so."""
    first, *_ = billing.run(through=FEBRUARY_2).issued
    read = frozenset({"read"})
    neighbour = replace(billing.caller, scopes=read, account=AccountKey("other"))
    sender = replace(billing.caller, scopes=frozenset({"ingest"}))
    for caller, code in ((neighbour, "unknown_invoice"), (sender, "forbidden")):
        outcome = page(billing, first, caller=caller)
        assert isinstance(outcome, Refused)
        assert outcome.problems[0].code == code
