"""The state of the audit chain over the wire."""

from __future__ import annotations

import msgspec

from tallystick.app.audit import AuditReport


class ChainHeadAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The end of the chain; noted elsewhere, it shows later whether the chain was cut or remade."""

    sequence: int
    digest: str


class AuditAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A chain that holds from its first record to its head."""

    sealed: int
    waiting: int
    head: ChainHeadAnswer


def audit_from_report(report: AuditReport) -> AuditAnswer:
    """Return a report as it goes over the wire."""
    head = ChainHeadAnswer(sequence=report.head.sequence, digest=report.head.digest)
    return AuditAnswer(sealed=report.sealed, waiting=report.waiting, head=head)
