"""API keys as values, and their store."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tallystick.kernel import AccountKey, WorkspaceId


class Scope(StrEnum):
    """What a key may do; ``admin`` includes the others."""

    ADMIN = "admin"
    READ = "read"
    INGEST = "ingest"
    CORRECT = "correct"
    BILLING = "billing"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """
    A key without its secret.

    Attributes:
        id: stands in the token and in the audit.
        account: the only account the key may see; ``None``: all of the workspace.
        expires_at: from this instant on the key is refused; ``None``: never.
        revoked_at: since when it is refused; ``None``: it is not revoked.
    """

    workspace: WorkspaceId
    id: str
    label: str
    scopes: frozenset[Scope]
    account: AccountKey | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class ApiKeys(Protocol):
    """The keys of one workspace."""

    def add(self, key: ApiKey, *, secret_sha256: bytes) -> None:
        """Add a new key with the SHA-256 of its secret."""
        ...

    def find(self, key_id: str) -> tuple[ApiKey, bytes] | None:
        """Return the key and the SHA-256 of its secret."""
        ...

    def page(self, *, after: str, limit: int) -> list[ApiKey]:
        """Return keys by id, ascending, after the given id."""
        ...

    def revoke(self, key_id: str, *, at: datetime) -> None:
        """Refuse the key from an instant on; an earlier revocation stands."""
        ...
