"""
The audit record of an issue, as a proof shows it, and whether it speaks of this very document.

The record names the digest of each document that was issued with it. Its seal covers the record and
the link before it, so neither can be changed alone. Whoever made the file could make record and
seal anew, though: that the seal stands in the issuer's chain is shown by the issuer alone, who is
asked for its number and digest (``tallystick verify audit --sequence N --digest D``).
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from tallystick.invoicing.invoice import Invoice
from tallystick.kernel import Misuse, Problem, seal_digest


class IssueRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The record of the command that issued; ``recorded_at`` has six fraction digits."""

    workspace: str
    recorded_at: str
    actor: str
    command: str
    subject: str
    input_digest: str
    details: dict[str, Any]
    request_id: str
    trace_id: str


class IssueSeal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The link of the chain that holds the record, with the digest of the link before."""

    sequence: int
    previous_digest: str
    digest: str


class AuditedIssue(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The record with the id of its row; ``seal`` is None within the second before it is sealed."""

    id: int
    record: IssueRecord
    seal: IssueSeal | None = None


def audit_problem(audit: AuditedIssue, invoice: Invoice, *, digest: str) -> Problem | None:
    """
    Return what is wrong with the audit record of a document's issue; None if it names the document.

    Args:
        audit: the record with its seal.
        invoice: the document.
        digest: of the document's canonical JSON.
    """
    issued = audit.record.details.get("issued")
    said = issued.get(invoice.id) if isinstance(issued, Mapping) else None
    if audit.record.workspace != invoice.workspace or said is None or invoice.number is None:
        message = f"the audit record {audit.id} does not speak of the issue of {invoice.id}"
        return Problem(code="different_audit", message=message, field="audit")
    if said != digest:
        message = (
            f"the audit record {audit.id} speaks of document {str(said)[:80]}, this is {digest}"
        )
        return Problem(code="different_audit", message=message, field="audit")
    if audit.seal is not None and _digest(audit, audit.seal) != audit.seal.digest:
        message = f"the audit record {audit.id} is not what was sealed"
        return Problem(code="different_audit", message=message, field="audit.seal")
    return None


def _digest(audit: AuditedIssue, seal: IssueSeal) -> str | None:
    try:
        return seal_digest(
            audit.record, id_=audit.id, sequence=seal.sequence, previous=seal.previous_digest
        )
    except Misuse:
        return None
