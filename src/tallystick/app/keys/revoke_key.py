"""Revokes an API key, at once and for good."""

from dataclasses import dataclass, replace

from tallystick.app.audit import audit_record
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys.ports import ApiKey, Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeKey:
    """Refuse a key from now on."""

    key_id: str


def revoke_key(
    command: RevokeKey, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[ApiKey]:
    """
    Revoke a key; one already revoked stays as it is, so the command is its own repeat.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        key_unknown: the workspace has no such key.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()
    with uow:
        found = uow.keys.find(command.key_id)
        if found is None:
            return refuse("key_unknown", f"there is no key {command.key_id!r}", "key_id")
        key = found[0]
        if key.revoked_at is not None:
            return Done(key)
        uow.keys.revoke(key.id, at=now)
        uow.audit.append(audit_record(caller, command, subject=f"key:{key.id}", at=now))
        uow.commit()
    return Done(replace(key, revoked_at=now))
