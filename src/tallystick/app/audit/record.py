"""The audit record of a command."""

from collections.abc import Mapping
from datetime import datetime

from tallystick.app.audit.ports import AuditRecord
from tallystick.app.command import Caller, command_name, input_digest


def audit_record(
    caller: Caller,
    command: object,
    *,
    subject: str,
    at: datetime,
    details: Mapping[str, object] | None = None,
) -> AuditRecord:
    """
    Return the record of a command that takes effect; append it in the command's transaction.

    Args:
        caller: who sent it.
        command: named by its class; of its input the digest is kept.
        subject: what it acted on, as ``account:acme`` or ``invoice:inv_1f...``.
        at: the instant of recording.
        details: what a reader needs beyond that, as JSON values; no secrets, no personal data.
    """
    return AuditRecord(
        workspace=caller.workspace,
        recorded_at=at,
        actor=caller.actor,
        command=command_name(command),
        subject=subject,
        input_digest=input_digest(command),
        details=details or {},
        request_id=caller.request_id,
        trace_id=caller.trace_id,
    )
