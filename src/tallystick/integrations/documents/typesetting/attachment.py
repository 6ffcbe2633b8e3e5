"""Files inside a PDF."""

import msgspec


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """
    A text file to be embedded.

    ``relationship`` says what it is to the document, as PDF 2.0 names it: ``supplement`` for
    details, ``data`` or ``alternative`` for the same document for machines.
    """

    name: str
    content: str
    mime: str
    relationship: str
    description: str
