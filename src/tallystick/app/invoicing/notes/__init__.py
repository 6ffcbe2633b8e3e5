"""Use cases that give back what an issued document charged: void it, or credit a part."""

from tallystick.app.invoicing.notes.credit_invoice import CreditInvoice, credit_invoice
from tallystick.app.invoicing.notes.note_facts import issue_notes, load_note_facts, reason_problem
from tallystick.app.invoicing.notes.void_invoice import Voided, VoidInvoice, void_invoice

__all__ = [
    "CreditInvoice",
    "VoidInvoice",
    "Voided",
    "credit_invoice",
    "issue_notes",
    "load_note_facts",
    "reason_problem",
    "void_invoice",
]
