"""Invoices: drafted from facts, corrected by difference, explained and proven."""

from tallystick.invoicing.asked import (
    Asking,
    Measured,
    Question,
    answer,
    detailed_rows,
    folding,
    measured,
    narrowed,
    questions,
)
from tallystick.invoicing.audited import AuditedIssue, IssueRecord, IssueSeal
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.basis_document import basis_document, basis_from_document
from tallystick.invoicing.booked import (
    Deferral,
    PostingFacts,
    deferrals_of,
    divide_lines,
    journal_for,
)
from tallystick.invoicing.charging import (
    FeeEffect,
    billed_quantity,
    charge_of,
    fee_effects,
    fee_rate,
    prorated,
)
from tallystick.invoicing.claim import Claim
from tallystick.invoicing.differing import Difference, differences
from tallystick.invoicing.document import (
    InvoiceDocument,
    document_of,
    invoice_from_document,
    wire_from_invoice,
)
from tallystick.invoicing.draft import (
    RATING_VERSION,
    Drafts,
    Facts,
    draft_invoice,
)
from tallystick.invoicing.due import Item, due_items, is_in_advance, items_around
from tallystick.invoicing.explain import (
    ExplainedEvent,
    ExplainedLine,
    explain_events,
    explain_line,
    explanation_text,
    shown,
)
from tallystick.invoicing.invoice import (
    DocumentType,
    Invoice,
    Purpose,
    Reference,
    Status,
    invoice_id,
    issued,
)
from tallystick.invoicing.line import Line, LineKey, LineKind, Measurement, line_id
from tallystick.invoicing.line_document import LineDocument
from tallystick.invoicing.notes import NoteFacts, draft_note, left_of, notes_on
from tallystick.invoicing.numbering import (
    Series,
    document_date,
    due_date,
    issue_date,
    number_text,
    series_of,
)
from tallystick.invoicing.orders import (
    CreditedLine,
    CreditKind,
    CreditOrder,
    Disposition,
    VoidOrder,
)
from tallystick.invoicing.proof import (
    Proof,
    ProvenEvent,
    proven_events,
    read_proof,
    verify_bundle,
    write_proof,
)
from tallystick.invoicing.queries import line_query, priced_queries, verification_queries
from tallystick.invoicing.replay import Billed, replay, replayed_items
from tallystick.invoicing.schedule import (
    Due,
    as_billed,
    due_documents,
    instants_due,
    issued_from,
    missing_documents,
    stale_keys,
)
from tallystick.invoicing.sealed import (
    ProofLevel,
    SealedUsage,
    rows_from_content,
    sealed_content,
    sealed_measured,
)
from tallystick.invoicing.taxed import documents_before, taxed
from tallystick.invoicing.verification import VerificationReport, verify_document
from tallystick.invoicing.whole import beside, priced

__all__ = [
    "RATING_VERSION",
    "Asking",
    "AuditedIssue",
    "Basis",
    "Billed",
    "Claim",
    "CreditKind",
    "CreditOrder",
    "CreditedLine",
    "Deferral",
    "Difference",
    "Disposition",
    "DocumentType",
    "Drafts",
    "Due",
    "ExplainedEvent",
    "ExplainedLine",
    "Facts",
    "FeeEffect",
    "Invoice",
    "InvoiceDocument",
    "IssueRecord",
    "IssueSeal",
    "Item",
    "Line",
    "LineDocument",
    "LineKey",
    "LineKind",
    "Measured",
    "Measurement",
    "NoteFacts",
    "PostingFacts",
    "Proof",
    "ProofLevel",
    "ProvenEvent",
    "Purpose",
    "Question",
    "Reference",
    "SealedUsage",
    "Series",
    "Status",
    "VerificationReport",
    "VoidOrder",
    "answer",
    "as_billed",
    "basis_document",
    "basis_from_document",
    "beside",
    "billed_quantity",
    "charge_of",
    "deferrals_of",
    "detailed_rows",
    "differences",
    "divide_lines",
    "document_date",
    "document_of",
    "documents_before",
    "draft_invoice",
    "draft_note",
    "due_date",
    "due_documents",
    "due_items",
    "explain_events",
    "explain_line",
    "explanation_text",
    "fee_effects",
    "fee_rate",
    "folding",
    "instants_due",
    "invoice_from_document",
    "invoice_id",
    "is_in_advance",
    "issue_date",
    "issued",
    "issued_from",
    "items_around",
    "journal_for",
    "left_of",
    "line_id",
    "line_query",
    "measured",
    "missing_documents",
    "narrowed",
    "notes_on",
    "number_text",
    "priced",
    "priced_queries",
    "prorated",
    "proven_events",
    "questions",
    "read_proof",
    "replay",
    "replayed_items",
    "rows_from_content",
    "sealed_content",
    "sealed_measured",
    "series_of",
    "shown",
    "stale_keys",
    "taxed",
    "verification_queries",
    "verify_bundle",
    "verify_document",
    "wire_from_invoice",
    "write_proof",
]
