"""What goes over the wire, where it is not a domain document already."""

from tallystick.api.schemas.audit import AuditAnswer, ChainHeadAnswer, audit_from_report
from tallystick.api.schemas.catalog import AppliedAnswer, wire_from_applied
from tallystick.api.schemas.dead_letter import DeadLetterAnswer, wire_from_dead_letter
from tallystick.api.schemas.key import KeyAnswer, NewKey, NewKeyAnswer, wire_from_key

__all__ = [
    "AppliedAnswer",
    "AuditAnswer",
    "ChainHeadAnswer",
    "DeadLetterAnswer",
    "KeyAnswer",
    "NewKey",
    "NewKeyAnswer",
    "audit_from_report",
    "wire_from_applied",
    "wire_from_dead_letter",
    "wire_from_key",
]
