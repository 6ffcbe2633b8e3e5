"""Notes that a person orders on an issued document: its lines, and what is left of a document."""

from tallystick.invoicing.notes.checking import note_problems
from tallystick.invoicing.notes.drafting import NoteFacts, draft_note
from tallystick.invoicing.notes.given_back import given_back
from tallystick.invoicing.notes.left import left_of, notes_on

__all__ = ["NoteFacts", "draft_note", "given_back", "left_of", "note_problems", "notes_on"]
