"""What is published of an invoice that was issued."""

from datetime import datetime

from tallystick.app.facts import BillingPeriod, InvoiceGenerated, fact_message
from tallystick.app.outbox import Message
from tallystick.invoicing import Invoice
from tallystick.kernel import instant_text


def invoice_generated(invoice: Invoice, *, at: datetime, trace_id: str) -> Message:
    """Return the fact of an invoice with its number, issued at an instant."""
    period = BillingPeriod(
        start=instant_text(invoice.period.start), end=instant_text(invoice.period.end)
    )
    fact = InvoiceGenerated(
        tenant_id=invoice.account,
        trace_id=trace_id,
        invoice_id=invoice.id,
        number=invoice.number or "",
        amount=f"{invoice.total.decimal:f}",
        currency=invoice.currency.code,
        billing_period=period,
        timestamp=instant_text(at),
    )
    return fact_message(
        fact,
        workspace=invoice.workspace,
        id=f"generated:{invoice.id}",
        at=at,
        trace_id=trace_id,
    )
