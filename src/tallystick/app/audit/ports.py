"""The audit as values, and the stores that keep and seal it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tallystick.kernel import WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """
    One command that took effect: who, what, when, on what, with which input.

    ``details`` holds what a reader needs to understand the effect, as JSON values; never secrets.
    """

    workspace: WorkspaceId
    recorded_at: datetime
    actor: str
    command: str
    subject: str
    input_digest: str
    details: Mapping[str, object]
    request_id: str
    trace_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """An audit record with the id its row has."""

    id: int
    record: AuditRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """
    One link of the chain of a workspace; sequences count 1, 2, 3 without a gap.

    ``digest`` covers the previous digest, the sequence, the row's id and its content.
    """

    workspace: WorkspaceId
    sequence: int
    audit_id: int
    previous_digest: str
    digest: str


class AuditLog(Protocol):
    """The audit of one workspace: appended to, read, never changed."""

    def append(self, record: AuditRecord) -> None:
        """Add the record of a command in the command's own transaction."""
        ...

    def append_all(self, records: Sequence[AuditRecord]) -> None:
        """Add records of one command, in their order."""
        ...

    def links(self, *, after: int, limit: int) -> list[tuple[Seal, StoredRecord | None]]:
        """Return seals after a sequence, ascending, each with its record if that still stands."""
        ...

    def issue_of(self, document: str) -> tuple[StoredRecord, Seal | None] | None:
        """Return the record of a document's issue, which names its digest, and its seal."""
        ...

    def overlooked(self) -> int:
        """Return how many records are neither sealed nor waiting for it: there must be none."""
        ...

    def waiting(self) -> int:
        """Return how many records wait for their seal."""
        ...


class AuditSeals(Protocol):
    """What the sealer needs, across workspaces."""

    def waiting(self, *, limit: int) -> list[StoredRecord]:
        """Return committed records without a seal, by workspace and id; other sealers wait."""
        ...

    def head(self, workspace: WorkspaceId) -> Seal | None:
        """Return the last seal of a workspace's chain."""
        ...

    def seal(self, seals: Sequence[Seal]) -> None:
        """Add seals; their records wait no longer."""
        ...
