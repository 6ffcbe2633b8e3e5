"""What is written, what comes of it, and who can: documents as people and programs get them."""

from dataclasses import dataclass
from typing import Protocol

from tallystick.catalog import DocumentForm
from tallystick.invoicing import Basis, Figures, Invoice
from tallystick.kernel import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentToWrite:
    """
    What is written: a document, its basis with both parties, and the document's digest.

    Attributes:
        is_test: whether it is of a test workspace, which is plain to see on it.
        figures: what its charts show; None: it has none.
    """

    invoice: Invoice
    basis: Basis
    digest: str
    is_test: bool = False
    figures: Figures | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDocument:
    """A file: its content (text in UTF-8), its type by RFC 6838, and a name for it."""

    content: bytes
    media_type: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterText:
    """What is written above a document that is sent: a subject of one line, and plain text."""

    subject: str
    text: str


class DocumentWriter(Protocol):
    """Knows the forms, the languages and how documents look."""

    def write(
        self, document: DocumentToWrite, form: DocumentForm, *, language: str
    ) -> Outcome[WrittenDocument]:
        """
        Write a document; the same one gives the same bytes.

        Problems:
            unknown_language: documents are not written in it.
            not_issued, missing_country, currency_without_code, several_taxes: it cannot be an
                e-invoice, and why.
            unusable_design: the logo or template that the issuer declares cannot be used.
        """
        ...

    def letter(self, document: DocumentToWrite, *, language: str = "") -> Outcome[LetterText]:
        """
        Write the few sentences that go with a document.

        Problems:
            unknown_language: documents are not written in it.
        """
        ...
