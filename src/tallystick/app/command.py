"""
Commands with memory: the same command sent twice has one effect and one answer.

A use case asks ``remembered`` first and calls ``remember`` last, inside one unit of work; nearly
all leave that to ``carrying_out.py``, which says the order and why.

The key is taken by inserting its row. A second command with the same key waits on that row until
the first has committed, and then reads its answer; if the first left without a commit, the second
goes on in its place. A refusal commits nothing, so the key stays free for the mended command.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import (
    AccountKey,
    Done,
    Misuse,
    Outcome,
    Problem,
    WorkspaceId,
    canonical_json,
    digest,
    refuse,
)

KEY_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """
    Who sends a command, and under which name it is remembered.

    Attributes:
        workspace: the workspace in which the command acts.
        actor: who is named in the audit, as ``key:7f3a`` or ``local:owner``.
        request_id: the request in the logs.
        trace_id: the W3C trace, empty if none.
        idempotency_key: under which the answer is kept; ``None``: every sending is a new command.
        scopes: what the caller may do; ``admin`` includes all others.
        account: the only account the caller may see; ``None``: all of the workspace.
        operator: whether the caller holds the installation, and may act on what all workspaces
            share; no key of a workspace says so, whatever its scopes.
    """

    workspace: WorkspaceId
    actor: str
    request_id: str = ""
    trace_id: str = ""
    idempotency_key: str | None = None
    scopes: AbstractSet[str] = frozenset()
    account: AccountKey | None = None
    operator: bool = False


def command_name(command: object) -> str:
    """Return the name under which a command is audited and remembered: that of its class."""
    return type(command).__name__


def input_digest(command: object) -> str:
    """Return the digest of a command's canonical content."""
    return digest(canonical_json(command))


def missing_scope(caller: Caller, scope: str) -> Problem | None:
    """Return the problem of a caller who lacks a scope, ``None`` if it is held or ``admin`` is."""
    if scope in caller.scopes or "admin" in caller.scopes:
        return None
    return Problem(code="forbidden", message=f"this needs a key with the scope '{scope}'")


def account_seen(caller: Caller, account: AccountKey | None) -> Outcome[AccountKey | None]:
    """
    Return of whom a question is answered: who is asked for, else the caller's own; None: everybody.

    Problems:
        not_found: the caller is bound to another account.
    """
    seen = account if caller.account is None else caller.account
    if account not in (None, seen):
        return refuse("not_found", f"no account {account!r}", "account")
    return Done(seen)


def not_operator(caller: Caller | None) -> Problem | None:
    """Return the problem of a caller who wants to act on what all workspaces share, and may not."""
    if caller is not None and caller.operator:
        return None
    message = "this concerns every workspace: it takes the operator's key, from the data directory"
    return Problem(code="forbidden", message=message)


def remembered(uow: UnitOfWork, caller: Caller, command: object) -> Outcome[bytes | None]:
    """
    Return the answer given before, or ``None`` if the command is new and now holds its key.

    Problems:
        idempotency_conflict: the key was used for another command or another input.
        idempotency_key_invalid: the key is empty, longer than 200 characters, or not printable.

    Raises:
        Misuse: the unit of work is of another workspace than the caller's.
    """
    if uow.workspace != caller.workspace:
        message = f"a caller of {caller.workspace} acts in a unit of work of {uow.workspace}"
        raise Misuse(message)
    key = caller.idempotency_key
    if key is None:
        return Done(None)
    if not 0 < len(key) <= KEY_LENGTH_MAX or not key.isprintable():
        message = f"an idempotency key has 1 to {KEY_LENGTH_MAX} printable characters"
        return refuse("idempotency_key_invalid", message, "idempotency_key")
    name, content = command_name(command), input_digest(command)
    earlier = uow.idempotency.take(key, command=name, input_digest=content)
    if earlier is None:
        return Done(None)
    if (earlier.command, earlier.input_digest) != (name, content):
        message = "this idempotency key was used for another command; send a new key"
        return refuse("idempotency_conflict", message, "idempotency_key")
    return Done(earlier.answer)


def remember(uow: UnitOfWork, caller: Caller, command: object, answer: bytes) -> None:
    """Keep the answer under the caller's key; without a key nothing is kept."""
    del command  # stands in the row since its key was taken
    if caller.idempotency_key is not None:
        uow.idempotency.answer(caller.idempotency_key, answer)
