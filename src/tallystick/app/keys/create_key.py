"""Makes an API key; its secret is shown once and never kept."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tallystick.app.carrying_out import Decided, Effect, Kept, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys.ports import ApiKey, ApiKeys, Scope
from tallystick.app.keys.token import Token, new_token
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import AccountKey, Done, InvariantBroken, Outcome, Problem, Refused, is_key

LABEL_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateKey:
    """
    Make a key.

    Attributes:
        account: the only account the key may see; such a key may hold the scope ``read`` alone.
        expires_at: from when on it is refused; ``None``: never.
    """

    label: str
    scopes: tuple[Scope, ...]
    account: AccountKey | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedKey:
    """The key, and the token to hand over; a repeated command gets the key without the token."""

    key: ApiKey
    token: str | None = field(repr=False)


def create_key(
    command: CreateKey,
    *,
    caller: Caller,
    uow: UnitOfWork,
    clock: Clock,
    entropy: Callable[[int], bytes] = secrets.token_bytes,
) -> Outcome[CreatedKey]:
    """
    Make a key in the caller's workspace.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        label_invalid, scopes_invalid, account_invalid, expiry_invalid: as the message says.
    """
    now = clock.now()
    problems = tuple(_problems(command, caller, now))
    if problems:
        return Refused(problems)

    def decide() -> Decided[CreatedKey]:
        token = new_token(caller.workspace, entropy=entropy)
        key = _key(command, token, now)
        uow.keys.add(key, secret_sha256=token.secret_sha256)
        return Effect(answer=CreatedKey(key=key, token=token.text), subject=f"key:{key.id}", at=now)

    kept = Kept(
        write=lambda made: made.key.id.encode(),
        read=lambda id: Done(CreatedKey(key=_made_before(uow.keys, id), token=None)),
    )
    return carried_out(command, decide, caller=caller, uow=uow, kept=kept)


def _problems(command: CreateKey, caller: Caller, now: datetime) -> Iterator[Problem]:
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        yield unpermitted
    if not 0 < len(command.label) <= LABEL_LENGTH_MAX or not command.label.isprintable():
        message = f"a label has 1 to {LABEL_LENGTH_MAX} printable characters"
        yield Problem(code="label_invalid", message=message, field="label")
    if not command.scopes:
        message = f"name at least one scope of {', '.join(Scope)}"
        yield Problem(code="scopes_invalid", message=message, field="scopes")
    if command.account is not None and set(command.scopes) - {Scope.READ}:
        message = "a key of one account may hold the scope 'read' alone"
        yield Problem(code="scopes_invalid", message=message, field="scopes")
    if command.account is not None and not is_key(command.account):
        message = f"{command.account!r} is not an account's key"
        yield Problem(code="account_invalid", message=message, field="account")
    if command.expires_at is not None and command.expires_at <= now:
        message = "the key would be expired from the start; name a later instant"
        yield Problem(code="expiry_invalid", message=message, field="expires_at")


def _key(command: CreateKey, token: Token, now: datetime) -> ApiKey:
    return ApiKey(
        workspace=token.workspace,
        id=token.key_id,
        label=command.label,
        scopes=frozenset(command.scopes),
        account=command.account,
        created_at=now,
        expires_at=command.expires_at,
        revoked_at=None,
    )


def _made_before(keys: ApiKeys, answer: bytes) -> ApiKey:
    found = keys.find(answer.decode())
    if found is None:
        raise InvariantBroken("a key that was made before is gone")
    return found[0]
