"""Writes a document for people and machines: PDF, a page, figures, e-invoices."""

from dataclasses import dataclass, replace

from tallystick.app.command import Caller
from tallystick.app.invoicing.document_writer import (
    DocumentToWrite,
    DocumentWriter,
    WrittenDocument,
)
from tallystick.app.invoicing.explain_invoice import read_basis
from tallystick.app.invoicing.read_invoices import load_shown
from tallystick.app.invoicing.writing import with_figures
from tallystick.app.metering import UsageReader
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.workspaces import WorkspaceKind
from tallystick.catalog import DocumentForm
from tallystick.invoicing import Basis
from tallystick.kernel import Done, InvariantBroken, InvoiceId, Outcome, Refused

_DRAWN = frozenset({DocumentForm.PDF, DocumentForm.HTML, DocumentForm.FACTURX})


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteDocument:
    """
    Write a document.

    Attributes:
        language: ISO 639-1; empty: as the payer asked, or else as the issuer writes.
    """

    invoice: InvoiceId
    form: DocumentForm
    language: str = ""


def write_document(
    question: WriteDocument,
    *,
    caller: Caller,
    uow: UnitOfWork,
    usage: UsageReader,
    writer: DocumentWriter,
) -> Outcome[WrittenDocument]:
    """
    Return a document, draft or issued, as a file.

    Parties stand in it as they were declared when it was drafted. Documents of before that was kept
    show them as they are declared now.

    Problems:
        forbidden, unknown_invoice: see `show_invoice`.
        Those of `DocumentWriter.write`.

    Raises:
        EngineUnavailable: its charts cannot be drawn now, see `with_figures`.
    """
    with uow:
        document = load_to_write(caller, question.invoice, uow=uow)
        if isinstance(document, Refused):
            return document
        shown = document.value
        if question.form in _DRAWN:
            shown = with_figures(shown, uow=uow, usage=usage)
    return writer.write(shown, question.form, language=question.language)


def load_to_write(
    caller: Caller, invoice: InvoiceId, *, uow: UnitOfWork
) -> Outcome[DocumentToWrite]:
    """
    Return a document with its parties, within a unit of work that is open.

    Problems:
        forbidden, unknown_invoice: see `show_invoice`.
    """
    shown = load_shown(caller, invoice, uow=uow)
    if isinstance(shown, Refused):
        return shown
    basis = _with_parties(read_basis(shown.value), uow)
    workspace = uow.workspaces.current()
    return Done(
        DocumentToWrite(
            invoice=shown.value.invoice,
            basis=basis,
            digest=shown.value.digest,
            is_test=workspace is not None and workspace.kind is WorkspaceKind.TEST,
        )
    )


def _with_parties(basis: Basis, uow: UnitOfWork) -> Basis:
    if basis.issuer is not None and basis.buyer is not None:
        return basis
    issuer = basis.issuer or uow.catalog.load_legal_entity(basis.legal_entity)
    buyer = basis.buyer or uow.accounts.load_account(basis.payer)
    if issuer is None or buyer is None:
        raise InvariantBroken(f"{basis.legal_entity} or {basis.payer} was billed and is gone")
    return replace(basis, issuer=issuer, buyer=buyer)
