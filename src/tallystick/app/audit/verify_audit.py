"""Recomputes the audit chain of a workspace from its first record."""

from collections.abc import Iterator
from dataclasses import dataclass

from tallystick.app.audit.chain import ORIGIN, next_seal
from tallystick.app.audit.ports import AuditLog, Seal, StoredRecord
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Problem, Refused, WorkspaceId, counted, refuse

PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The end of a chain, small enough to be noted where nobody of this system can change it."""

    sequence: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """
    A chain that holds from its first record to its head.

    Attributes:
        sealed: records in the chain.
        waiting: records committed but not sealed yet.
    """

    workspace: WorkspaceId
    sealed: int
    waiting: int
    head: ChainHead


def verify_audit(uow: UnitOfWork, *, noted: ChainHead | None = None) -> Outcome[AuditReport]:
    """
    Verify the audit of the unit of work's workspace; with a noted head, also that it still stands.

    Problems:
        audit_seal_missing: a link of the chain is gone.
        audit_missing: a sealed record is gone.
        audit_reordered: a link stands where it was not made.
        audit_changed: a record, or its seal, is not what was sealed.
        audit_unsealed: a record is neither in the chain nor waiting for it.
        audit_head_missing: the chain does not hold the noted head: it was cut off or made anew.
    """
    with uow:
        head, standing = ChainHead(sequence=0, digest=ORIGIN), noted is None or noted.sequence == 0
        last: Seal | None = None
        for seal, stored in _links(uow.audit):
            problem = _problem(last, seal, stored)
            if problem is not None:
                return Refused((problem,))
            last, head = seal, ChainHead(sequence=seal.sequence, digest=seal.digest)
            standing = standing or head == noted
        overlooked, waiting = uow.audit.overlooked(), uow.audit.waiting()
    if overlooked:
        message = f"{counted(overlooked, 'record')} in no chain, and in no line for one"
        return refuse("audit_unsealed", message)
    if not standing and noted is not None:
        message = f"the chain ends at {head.sequence} without the head noted at {noted.sequence}"
        return refuse("audit_head_missing", message)
    report = AuditReport(workspace=uow.workspace, sealed=head.sequence, waiting=waiting, head=head)
    return Done(report)


def _links(audit: AuditLog) -> Iterator[tuple[Seal, StoredRecord | None]]:
    after = 0
    while page := audit.links(after=after, limit=PAGE):
        yield from page
        after = page[-1][0].sequence


def _problem(last: Seal | None, seal: Seal, stored: StoredRecord | None) -> Problem | None:
    """Return what is wrong with a link, the first thing found."""
    expected = 1 if last is None else last.sequence + 1
    before = ORIGIN if last is None else last.digest
    where = f"record {seal.audit_id}, number {seal.sequence} of the chain,"
    if seal.sequence != expected:
        message = f"number {expected} of the chain is gone; next stands {seal.sequence}"
        return Problem(code="audit_seal_missing", message=message)
    if seal.previous_digest != before:
        message = f"{where} does not follow the one before it"
        return Problem(code="audit_reordered", message=message)
    if stored is None:
        return Problem(code="audit_missing", message=f"{where} is gone")
    if next_seal(last, stored) != seal:
        message = f"{where} is not what was sealed: it was changed, or stands in another's place"
        return Problem(code="audit_changed", message=message)
    return None
