"""Tells whose key a token is."""

import hmac
from collections.abc import Callable

from tallystick.app.clock import Clock
from tallystick.app.keys.ports import ApiKey
from tallystick.app.keys.token import token_from_text
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, WorkspaceId, refuse

_NOBODYS = bytes(32)  # no text is known to have this SHA-256


def authenticate(
    text: str, *, units: Callable[[WorkspaceId], UnitOfWork], clock: Clock
) -> Outcome[ApiKey]:
    """
    Return the key of a token that is valid now.

    A token of no key and one with a wrong secret are told alike, and take alike; only who holds the
    secret learns that the key was revoked or has expired.

    Problems:
        key_unknown: not a token, no such key, or a wrong secret.
        key_revoked, key_expired: the key was good once.
    """
    token = token_from_text(text)
    if token is None:
        return refuse(
            "key_unknown", "this is not an API key; it reads ts_<workspace>_<id>_<secret>"
        )
    with units(token.workspace) as uow:
        found = uow.keys.find(token.key_id)
    kept = _NOBODYS if found is None else found[1]
    if not hmac.compare_digest(kept, token.secret_sha256) or found is None:
        return refuse("key_unknown", "this API key is not known")
    key, now = found[0], clock.now()
    if key.revoked_at is not None and key.revoked_at <= now:
        return refuse("key_revoked", "this API key was revoked")
    if key.expires_at is not None and key.expires_at <= now:
        return refuse("key_expired", "this API key has expired")
    return Done(key)
