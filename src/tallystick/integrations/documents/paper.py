"""Writes documents: the port of the use case, over everything in this folder."""

from pathlib import Path
from threading import Lock

from tallystick.app.invoicing import DocumentForm, DocumentToWrite, WrittenDocument
from tallystick.integrations.documents.designs import Design, design_of
from tallystick.integrations.documents.page import Page, page_of
from tallystick.integrations.documents.typesetting import Attachment, Setting, Typesetter, set_apart
from tallystick.integrations.documents.usage_detail import MEDIA_TYPE, NAME, usage_detail
from tallystick.integrations.documents.view import DocumentView, language_of, number_or_id, view_of
from tallystick.integrations.documents.web_page import WebPages
from tallystick.integrations.documents.words import FALLBACK, WORDS
from tallystick.kernel import Done, Outcome, Refused, refuse

_TYPES = {
    DocumentForm.PDF: ("application/pdf", "pdf"),
    DocumentForm.HTML: ("text/html; charset=utf-8", "html"),
    DocumentForm.CSV: (f"{MEDIA_TYPE}; charset=utf-8", "csv"),
}


class PaperWriter:
    """All forms of documents; may be used by several threads."""

    def __init__(self, designs: Path) -> None:
        """``designs``: folder of logos and templates, which may be absent."""
        self._designs = designs
        self._lock = Lock()
        self._typesetter: Typesetter | None = None
        self._pages = WebPages()

    def write(
        self, document: DocumentToWrite, form: DocumentForm, *, language: str
    ) -> Outcome[WrittenDocument]:
        chosen = language or language_of(document.basis) or FALLBACK
        if chosen not in WORDS:
            message = f"documents are written in {', '.join(WORDS)}, not in {chosen[:20]!r}"
            return refuse("unknown_language", message, "language")
        view = view_of(document.invoice, document.basis)
        content = self._content(view, document.digest, form, language=chosen)
        if isinstance(content, Refused):
            return content
        media_type, ending = _TYPES[form]
        name = f"{_file_name(number_or_id(view))}.{ending}"
        return Done(WrittenDocument(content=content.value, media_type=media_type, name=name))

    def _content(
        self, view: DocumentView, seal: str, form: DocumentForm, *, language: str
    ) -> Outcome[bytes]:
        if form is DocumentForm.CSV:
            return Done(usage_detail(view).encode())
        design = design_of(view.branding, self._designs)
        if isinstance(design, Refused):
            return design
        if form is DocumentForm.HTML:
            page, logo = page_of(view, language=language, seal=seal), design.value.logo
            if logo is None:
                return Done(self._pages.html(page))
            return Done(self._pages.html(page, logo=logo.content, logo_type=logo.media_type))
        page = page_of(view, language=language, seal=seal, attached=NAME)
        return self._pdf(page, view, design.value)

    def _pdf(self, page: Page, view: DocumentView, design: Design) -> Outcome[bytes]:
        detail = Attachment(
            name=NAME,
            content=usage_detail(view),
            mime=MEDIA_TYPE,
            relationship="supplement",
            description=page.name,
        )
        setting = Setting(
            dated=view.issued_on,
            logo="" if design.logo is None else design.logo.as_input(),
            attachments=(detail,),
        )
        if design.template is not None:
            return set_apart(page, setting, template=design.template, root=self._designs)
        return Done(self._setter().pdf(page, setting))

    def _setter(self) -> Typesetter:
        """Return the usual template, opened when a document first needs it."""
        with self._lock:
            if self._typesetter is None:
                self._typesetter = Typesetter()
            return self._typesetter


def _file_name(text: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in text)
