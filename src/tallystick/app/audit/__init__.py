"""The audit: recorded with each command, sealed into a chain, verified from its first record."""

from tallystick.app.audit.chain import ORIGIN, next_seal
from tallystick.app.audit.ports import AuditLog, AuditRecord, AuditSeals, Seal, StoredRecord
from tallystick.app.audit.record import audit_record
from tallystick.app.audit.seal_audit import seal_audit
from tallystick.app.audit.verify_audit import AuditReport, ChainHead, verify_audit

__all__ = [
    "ORIGIN",
    "AuditLog",
    "AuditRecord",
    "AuditReport",
    "AuditSeals",
    "ChainHead",
    "Seal",
    "StoredRecord",
    "audit_record",
    "next_seal",
    "seal_audit",
    "verify_audit",
]
