"""API keys over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from tallystick.app.keys import ApiKey, Scope
from tallystick.kernel import AccountKey


class NewKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to be made; one with `account` sees that account alone and may hold `read` only."""

    label: Annotated[str, msgspec.Meta(examples=["collector in rack 4"])]
    scopes: Annotated[tuple[Scope, ...], msgspec.Meta(examples=[["ingest"]])]
    account: AccountKey | None = None
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class KeyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret."""

    id: str
    label: str
    scopes: tuple[Scope, ...]
    account: AccountKey | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class NewKeyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The key just made; `token` is shown this once, and is null when the command is repeated."""

    key: KeyAnswer
    token: str | None


def wire_from_key(key: ApiKey) -> KeyAnswer:
    """Return a key as it goes over the wire."""
    return KeyAnswer(
        id=key.id,
        label=key.label,
        scopes=tuple(sorted(key.scopes)),
        account=key.account,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
    )
