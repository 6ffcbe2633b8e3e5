"""Lists and shows documents, and the accounts that are parked."""

from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.ports import InvoiceSummary, ParkedAccount, StoredDocument
from tallystick.app.own_rows import PAGE_MAX, own_rows
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import AccountKey, Done, InvoiceId, Outcome, Refused, refuse


def list_invoices(
    caller: Caller,
    *,
    uow: UnitOfWork,
    after: str = "",
    limit: int = 100,
    account: AccountKey | None = None,
) -> Outcome[list[InvoiceSummary]]:
    """
    Return documents by id, those behind ``after``; a caller of one account sees its own.

    Problems:
        forbidden: the caller lacks the scope ``read``.
    """
    return own_rows(
        lambda of: uow.invoices.page(after=after, limit=min(limit, PAGE_MAX), account=of),
        caller=caller,
        uow=uow,
        account=account,
    )


def show_invoice(caller: Caller, invoice: InvoiceId, *, uow: UnitOfWork) -> Outcome[StoredDocument]:
    """
    Return a document as it is kept.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        unknown_invoice: there is none of this id, or the caller may not see it.
    """
    with uow:
        return load_shown(caller, invoice, uow=uow)


def load_shown(caller: Caller, invoice: InvoiceId, *, uow: UnitOfWork) -> Outcome[StoredDocument]:
    """Return what `show_invoice` shows, within a unit of work that is open."""
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    found = uow.invoices.load_document(invoice)
    hidden = found is not None and caller.account not in {None, found.invoice.account}
    if found is None or hidden:
        return refuse("unknown_invoice", f"there is no document {invoice}", "invoice")
    return Done(found)


def list_parked(
    caller: Caller, *, uow: UnitOfWork, after: str = "", limit: int = 100
) -> Outcome[list[ParkedAccount]]:
    """
    Return accounts that a defect keeps from being billed, by key.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        return Done(uow.parked.page(after=after, limit=min(limit, PAGE_MAX)))
