"""
A dispute: a payer objects to a document or to some of its lines.

It is a list of facts in the order of their recording; its state follows from the last that decides.

    opened    -> open        the objection, with its reason
    evidence  -> (as it was) what either side brings forward
    resolved  -> resolved    with a credit note of kind dispute over a part, or with none
    reopened  -> open        not settled after all; what was given back stays given back

The document itself never changes; what is given back is a credit note like any other, bounded by
what is left.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tallystick.kernel import AccountKey, InvoiceId, Problem, check


class DisputeStep(StrEnum):
    """What may happen to a dispute."""

    OPENED = "opened"
    EVIDENCE = "evidence"
    RESOLVED = "resolved"
    REOPENED = "reopened"


class DisputeState(StrEnum):
    """Whether somebody has to act."""

    OPEN = "open"
    RESOLVED = "resolved"


_STATE_AFTER = {
    DisputeStep.OPENED: DisputeState.OPEN,
    DisputeStep.RESOLVED: DisputeState.RESOLVED,
    DisputeStep.REOPENED: DisputeState.OPEN,
}
_NEEDS = {
    DisputeStep.EVIDENCE: DisputeState.OPEN,
    DisputeStep.RESOLVED: DisputeState.OPEN,
    DisputeStep.REOPENED: DisputeState.RESOLVED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeEntry:
    """
    One fact of a dispute.

    Attributes:
        text: the objection, the evidence, or the outcome, as somebody wrote it.
        by: who recorded it.
        note: the credit note that a resolution issued; None: nothing was given back.
    """

    step: DisputeStep
    at: datetime
    by: str
    text: str
    note: InvoiceId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """
    What a payer objects to.

    Attributes:
        id: follows from the document and how many disputes it had before.
        lines: ids of the lines concerned; none: the whole document.
        entries: what happened, the opening first.
    """

    id: str
    invoice: InvoiceId
    account: AccountKey
    lines: tuple[str, ...]
    entries: tuple[DisputeEntry, ...]

    @property
    def state(self) -> DisputeState:
        """Return what the last deciding fact made of it."""
        check(bool(self.entries), f"dispute {self.id} was never opened")
        deciding = [one.step for one in self.entries if one.step in _STATE_AFTER]
        return _STATE_AFTER[deciding[-1]]

    @property
    def notes(self) -> tuple[InvoiceId, ...]:
        """Return the credit notes that it led to, in order."""
        return tuple(one.note for one in self.entries if one.note is not None)


def refused_step(dispute: Dispute, step: DisputeStep) -> Problem | None:
    """
    Return why a step cannot be taken now, None if it can.

    Problems:
        dispute_resolved: evidence and outcomes are for open ones; reopen it first.
        dispute_open: only a resolved one is reopened.
    """
    needed = _NEEDS.get(step)
    if needed in {None, dispute.state}:
        return None
    code = f"dispute_{dispute.state.value}"
    return Problem(code=code, message=f"dispute {dispute.id} is {dispute.state.value}")
