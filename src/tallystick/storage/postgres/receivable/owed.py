"""What is owed for a document, as an SQL expression, so that every question answers the same."""


def due_of(invoice: str) -> str:
    """
    Return the expression of what is owed for an issued invoice, in minor units.

    Its total, less the notes on it, what is applied to it and what was written off; what notes gave
    back beyond that has become money at hand. Negative only while that is not recorded yet.

    Args:
        invoice: the alias of its row.
    """
    at = f"o.workspace_id = {invoice}.workspace_id"
    return f"""(
  {invoice}.total_minor
  + coalesce((SELECT sum(o.total_minor) FROM invoice AS o
      WHERE {at} AND o.reference = {invoice}.id AND o.number IS NOT NULL), 0)
  + coalesce((SELECT sum(o.minor) FROM money_source AS o
      WHERE {at} AND o.surplus_of = {invoice}.id), 0)
  - {applied_to(invoice)}
  - coalesce((SELECT sum(o.minor) FROM invoice_write_off AS o
      WHERE {at} AND o.invoice_id = {invoice}.id), 0))"""


def owed_of(document: str) -> str:
    """Return the expression of what is owed for any document: nothing for drafts and notes."""
    return f"""CASE WHEN {document}.number IS NULL OR {document}.document_type <> 'invoice' THEN 0
  ELSE greatest({due_of(document)}, 0) END"""


def status_of(document: str) -> str:
    """Return the expression of a document's status; an invoice of which nothing is owed is paid."""
    at = f"o.workspace_id = {document}.workspace_id"
    return f"""
  CASE WHEN {document}.number IS NULL THEN 'draft'
    WHEN EXISTS (SELECT FROM invoice AS o
      WHERE {at} AND o.reference = {document}.id AND o.purpose = 'void' AND o.number IS NOT NULL)
      THEN 'void'
    WHEN EXISTS (SELECT FROM invoice_write_off AS o
      WHERE {at} AND o.invoice_id = {document}.id) THEN 'uncollectible'
    WHEN {document}.document_type <> 'invoice' THEN 'open'
    WHEN {due_of(document)} <= 0 THEN 'paid'
    WHEN {applied_to(document)} > 0 THEN 'partly_paid'
    ELSE 'open' END"""


def applied_to(invoice: str) -> str:
    """Return the expression of what is applied to an invoice, in minor units."""
    return f"""coalesce((SELECT sum(CASE o.kind WHEN 'applied' THEN o.minor ELSE -o.minor END)
      FROM money_move AS o
      WHERE o.workspace_id = {invoice}.workspace_id AND o.invoice_id = {invoice}.id), 0)"""


def free_of(source: str) -> str:
    """Return the expression of what is free of a source, in minor units."""
    return f"""({source}.minor - coalesce((
  SELECT sum(CASE o.kind WHEN 'taken_back' THEN -o.minor ELSE o.minor END) FROM money_move AS o
  WHERE o.workspace_id = {source}.workspace_id AND o.source_id = {source}.id), 0))"""
