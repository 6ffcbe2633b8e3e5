"""The audit: recorded with each command, sealed into a chain, verified from its first record."""

from tallystick.app.audit.ports import AuditLog, AuditRecord, AuditSeals, Seal, StoredRecord

__all__ = ["AuditLog", "AuditRecord", "AuditSeals", "Seal", "StoredRecord"]
