"""Use cases of invoicing: preview, draft, issue, run, list, explain, prove, verify."""

from tallystick.app.invoicing.billing_report import BillingProgress, BillingReport
from tallystick.app.invoicing.disputing import (
    DisputeStore,
    OpenDispute,
    ResolveDispute,
    ShownDispute,
    TakeStep,
    list_disputes,
    open_dispute,
    resolve_dispute,
    show_dispute,
    take_step,
)
from tallystick.app.invoicing.draft_documents import DraftDocuments, draft_documents
from tallystick.app.invoicing.explain_invoice import (
    ExplainInvoice,
    Explanation,
    explain_invoice,
    read_basis,
)
from tallystick.app.invoicing.export_proof import export_proof
from tallystick.app.invoicing.issue_invoice import IssueInvoice, issue_invoice
from tallystick.app.invoicing.load_basis import load_basis
from tallystick.app.invoicing.load_rates import with_latest_rates
from tallystick.app.invoicing.measure import (
    DraftOrder,
    asking_of,
    draft_due,
    draft_missing,
    load_books,
    measured_usage,
    with_rates_due,
)
from tallystick.app.invoicing.notes import (
    CreditInvoice,
    Voided,
    VoidInvoice,
    credit_invoice,
    void_invoice,
)
from tallystick.app.invoicing.ports import (
    BillingSources,
    DocumentChanged,
    DocumentToWrite,
    DocumentWriter,
    DraftInReview,
    InvoiceSeries,
    InvoiceStore,
    InvoiceSummary,
    LetterText,
    LoggedEvents,
    NumberedDocument,
    ParkedAccount,
    ParkedAccounts,
    Receivables,
    SealedStore,
    StoredDocument,
    WrittenDocument,
)
from tallystick.app.invoicing.preview_correction import MoneyChange, preview_correction
from tallystick.app.invoicing.preview_invoice import Preview, PreviewInvoice, preview_invoice
from tallystick.app.invoicing.price_impact import (
    ContractImpact,
    PriceImpact,
    impact_of_prices,
)
from tallystick.app.invoicing.provable import unprovable
from tallystick.app.invoicing.read_invoices import list_invoices, list_parked, show_invoice
from tallystick.app.invoicing.reviewing import (
    ApprovalReport,
    ApprovedDraft,
    ApproveDrafts,
    RejectDraft,
    approve_drafts,
    reject_draft,
    review_drafts,
)
from tallystick.app.invoicing.run_billing import RunBilling, run_billing
from tallystick.app.invoicing.selling import (
    BillOneOff,
    WriteOff,
    WrittenOff,
    bill_one_off,
    write_off,
)
from tallystick.app.invoicing.verify_invoice import load_claim, verify_invoice
from tallystick.app.invoicing.write_document import (
    WriteDocument,
    load_to_write,
    write_document,
)

__all__ = [
    "ApprovalReport",
    "ApproveDrafts",
    "ApprovedDraft",
    "BillOneOff",
    "BillingProgress",
    "BillingReport",
    "BillingSources",
    "ContractImpact",
    "CreditInvoice",
    "DisputeStore",
    "DocumentChanged",
    "DocumentToWrite",
    "DocumentWriter",
    "DraftDocuments",
    "DraftInReview",
    "DraftOrder",
    "ExplainInvoice",
    "Explanation",
    "InvoiceSeries",
    "InvoiceStore",
    "InvoiceSummary",
    "IssueInvoice",
    "LetterText",
    "LoggedEvents",
    "MoneyChange",
    "NumberedDocument",
    "OpenDispute",
    "ParkedAccount",
    "ParkedAccounts",
    "Preview",
    "PreviewInvoice",
    "PriceImpact",
    "Receivables",
    "RejectDraft",
    "ResolveDispute",
    "RunBilling",
    "SealedStore",
    "ShownDispute",
    "StoredDocument",
    "TakeStep",
    "VoidInvoice",
    "Voided",
    "WriteDocument",
    "WriteOff",
    "WrittenDocument",
    "WrittenOff",
    "approve_drafts",
    "asking_of",
    "bill_one_off",
    "credit_invoice",
    "draft_documents",
    "draft_due",
    "draft_missing",
    "explain_invoice",
    "export_proof",
    "impact_of_prices",
    "issue_invoice",
    "list_disputes",
    "list_invoices",
    "list_parked",
    "load_basis",
    "load_books",
    "load_claim",
    "load_to_write",
    "measured_usage",
    "open_dispute",
    "preview_correction",
    "preview_invoice",
    "read_basis",
    "reject_draft",
    "resolve_dispute",
    "review_drafts",
    "run_billing",
    "show_dispute",
    "show_invoice",
    "take_step",
    "unprovable",
    "verify_invoice",
    "void_invoice",
    "with_latest_rates",
    "with_rates_due",
    "write_document",
    "write_off",
]
