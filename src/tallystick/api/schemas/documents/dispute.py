"""Disputes over the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tallystick.api.schemas.documents.invoice import ExplanationAnswer, wire_from_explanation
from tallystick.app.invoicing import ShownDispute
from tallystick.invoicing import CreditedLine, Dispute, DisputeState, DisputeStep


class DisputeOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is objected to, and why; without `lines` the whole document."""

    invoice: str
    reason: str
    lines: tuple[str, ...] = ()


class DisputeText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said: evidence, or why a dispute is opened again."""

    text: str


class ResolutionOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The decision; `amount` or `lines` say what is given back, without either nothing is."""

    outcome: str
    amount: str = ""
    lines: tuple[CreditedLine, ...] = ()


class DisputeEntryItem(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of a dispute; `note` is the credit note that it issued."""

    step: DisputeStep
    at: datetime
    by: str
    text: str
    note: str | None


class DisputeItem(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute with all that happened."""

    id: str
    invoice: str
    account: str
    state: DisputeState
    lines: tuple[str, ...]
    entries: tuple[DisputeEntryItem, ...]


class DisputeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute with the explanation of its lines and the first events behind each."""

    dispute: DisputeItem
    explanations: tuple[ExplanationAnswer, ...]


def wire_from_dispute(dispute: Dispute) -> DisputeItem:
    """Return a dispute as it goes over the wire."""
    return DisputeItem(
        id=dispute.id,
        invoice=dispute.invoice,
        account=dispute.account,
        state=dispute.state,
        lines=dispute.lines,
        entries=tuple(
            DisputeEntryItem(step=one.step, at=one.at, by=one.by, text=one.text, note=one.note)
            for one in dispute.entries
        ),
    )


def wire_from_shown_dispute(shown: ShownDispute) -> DisputeAnswer:
    """Return a dispute with its explanations as it goes over the wire."""
    return DisputeAnswer(
        dispute=wire_from_dispute(shown.dispute),
        explanations=tuple(wire_from_explanation(one) for one in shown.explanations),
    )
