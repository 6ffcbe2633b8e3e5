"""`payment_failed`: the failure is told, and its payer restricted where that is asked for."""

from tallystick.app.entitlements import RestrictAccount
from tallystick.app.facts import PaymentFailed, fact_message
from tallystick.app.outbox import Message
from tallystick.app.triggers.asked import PaymentFailure
from tallystick.app.triggers.started import Ended, Started
from tallystick.entitlements import RestrictionSource
from tallystick.kernel import AccountKey, Done, InvoiceId, Outcome, Refused, instant_text, refuse


def note_failure(started: Started, asked: PaymentFailure) -> Outcome[Ended]:
    """
    Publish that a payment failed, and restrict its payer if that is asked for.

    Problems:
        unknown_invoice: there is no such document, or it has no number yet.
        Those of `restrict_account`.
    """
    payer = _payer(started, InvoiceId(asked.invoice_id))
    if payer is None:
        message = f"there is no issued document {asked.invoice_id}"
        return refuse("unknown_invoice", message, "invoiceId")
    restriction: str | None = None
    if asked.restrict:
        restricted = started.restrict(
            RestrictAccount(
                account=payer,
                source=RestrictionSource.DUNNING,
                reason=f"payment failed: {asked.reason}",
            )
        )
        if isinstance(restricted, Refused):
            return restricted
        restriction = restricted.value
    told = {"tenantId": payer, "retryCount": asked.retry_count, "restriction": restriction}
    fact = _fact(started, asked, payer)
    return Done(Ended(told=told, close=lambda uow: uow.outbox.put(fact)))


def _payer(started: Started, invoice: InvoiceId) -> AccountKey | None:
    """Return who pays an issued document."""
    with started.unit() as uow:
        stored = uow.invoices.load_document(invoice)
    is_issued = stored is not None and stored.invoice.number is not None
    return stored.invoice.account if stored is not None and is_issued else None


def _fact(started: Started, asked: PaymentFailure, payer: AccountKey) -> Message:
    trace, at = started.trigger.trace_id, started.at
    return fact_message(
        PaymentFailed(
            tenant_id=payer,
            trace_id=trace,
            invoice_id=asked.invoice_id,
            reason=asked.reason,
            retry_count=asked.retry_count,
            timestamp=instant_text(at),
        ),
        workspace=started.caller.workspace,
        id=started.id("failed"),
        at=at,
        trace_id=trace,
    )
