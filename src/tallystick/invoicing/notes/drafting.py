"""Drafts the note that a person ordered on an issued document, with its taxes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tallystick.invoicing.basis import Basis
from tallystick.invoicing.basis_document import basis_document
from tallystick.invoicing.gathered.parts import kept_sections
from tallystick.invoicing.invoice import (
    DocumentType,
    Invoice,
    Purpose,
    Reference,
    Section,
    note_id,
)
from tallystick.invoicing.line import Line
from tallystick.invoicing.notes.given_back import given_back
from tallystick.invoicing.notes.left import notes_on
from tallystick.invoicing.orders import CreditOrder, Disposition, VoidOrder
from tallystick.invoicing.replay import Billed
from tallystick.invoicing.taxed import taxed
from tallystick.kernel import Outcome, Refused, digest, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFacts:
    """
    Everything that an ordered note follows from.

    Attributes:
        original: the issued document, and
        basis: its contract facts.
        order: what was ordered.
        history: every issued document that names one of the document's keys, itself included.
        billed: every issued line of its contracts and of those with which they shared documents,
            for the taxes.
        issue_on: the day on which it will be issued.
    """

    original: Invoice
    basis: Basis
    order: CreditOrder | VoidOrder
    history: Sequence[Invoice]
    billed: Iterable[Billed]
    issue_on: date


def draft_note(facts: NoteFacts) -> Outcome[Invoice]:
    """
    Draft a credit note as it was ordered; it has the parties and taxes of the document.

    Problems:
        not_an_invoice: a note corrects invoices only.
        nothing_to_rebill: what was sold once is not billed by itself; waive, and order it anew.
        already_voided: nothing is left of a document that was taken back.
        Those of `given_back` and `taxed`.
    """
    original, order = facts.original, facts.order
    number, issued_on = original.number, original.issued_on
    if number is None or issued_on is None or original.document_type is not DocumentType.INVOICE:
        message = f"{original.id} is not an issued invoice; only invoices are given back"
        return refuse("not_an_invoice", message, "invoice")
    notes = notes_on(original.id, facts.history)
    if any(note.purpose is Purpose.VOID for note in notes):
        return refuse("already_voided", f"{number} was voided before", "invoice")
    purpose = Purpose.VOID if isinstance(order, VoidOrder) else Purpose.CREDIT
    if original.purpose is Purpose.ONE_OFF and _rebills(order):
        message = f"{number} was sold once: waive it, and order it anew"
        return refuse("nothing_to_rebill", message, "disposition")
    revision = 1 + sum(note.purpose is purpose for note in notes)
    basis = replace(facts.basis, order=order)
    of = note_id(original.id, purpose=purpose, revision=revision)
    lines = given_back(order, original, history=facts.history, note=of)
    if isinstance(lines, Refused):
        return lines
    note = replace(
        original,
        id=of,
        number=None,
        document_type=DocumentType.CREDIT_NOTE,
        purpose=purpose,
        revision=revision,
        lines=lines.value,
        issued_on=None,
        due_on=None,
        reference=Reference(invoice=original.id, number=number, issued_on=issued_on),
        basis=digest(basis_document(basis)),
        taxed_on=None,
        converted_on=None,
        replaces=None,
        credit_kind=order.kind if isinstance(order, CreditOrder) else None,
        disposition=order.disposition if isinstance(order, VoidOrder) else None,
        reason=order.reason,
        sections=_sections(original, lines.value, purpose=purpose, revision=revision),
    )
    return taxed(note, basis, billed=facts.billed, on=facts.issue_on)


def _sections(
    original: Invoice, lines: Iterable[Line], *, purpose: Purpose, revision: int
) -> tuple[Section, ...]:
    """Return the sections of a note on a consolidated document; none on others."""
    kept = kept_sections(original, lines)
    return tuple(replace(one, purpose=purpose, revision=revision) for one in kept)


def _rebills(order: CreditOrder | VoidOrder) -> bool:
    return isinstance(order, VoidOrder) and order.disposition is Disposition.REBILL
