"""Writes documents: the port of the use case, over everything in this folder."""

from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from tallystick.app.invoicing import (
    DocumentToWrite,
    LetterText,
    WrittenDocument,
)
from tallystick.catalog import DocumentForm
from tallystick.integrations.documents.charts import Chart, charts_of, drawn
from tallystick.integrations.documents.designs import Design, design_of
from tallystick.integrations.documents.einvoice import (
    XML_NAME,
    Metadata,
    Syntax,
    einvoice,
    obstacles,
    terms_of,
    with_invoice_metadata,
)
from tallystick.integrations.documents.letter import letter_of
from tallystick.integrations.documents.page import Page, page_of
from tallystick.integrations.documents.typesetting import Attachment, Setting, Typesetter, set_apart
from tallystick.integrations.documents.usage_detail import MEDIA_TYPE, NAME, usage_detail
from tallystick.integrations.documents.view import DocumentView, language_of, number_or_id, view_of
from tallystick.integrations.documents.web_page import WebPages
from tallystick.integrations.documents.words import FALLBACK, WORDS
from tallystick.kernel import Done, Outcome, Refused, refuse

_XML = "application/xml"
_TYPES = {
    DocumentForm.PDF: ("application/pdf", "pdf"),
    DocumentForm.HTML: ("text/html", "html"),
    DocumentForm.CSV: (MEDIA_TYPE, "csv"),
    DocumentForm.CII: (_XML, "cii.xml"),
    DocumentForm.UBL: (_XML, "ubl.xml"),
    DocumentForm.FACTURX: ("application/pdf", "facturx.pdf"),
}
_SYNTAXES = {
    DocumentForm.CII: Syntax.CII,
    DocumentForm.UBL: Syntax.UBL,
    DocumentForm.FACTURX: Syntax.CII,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paper:
    """What is written, in whichever form."""

    view: DocumentView
    seal: str
    language: str
    charts: tuple[Chart, ...]


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
        chosen = _chosen(document, language)
        if isinstance(chosen, Refused):
            return chosen
        view = view_of(document.invoice, document.basis, is_test=document.is_test)
        charts = charts_of(view, document.figures, language=chosen.value)
        paper = _Paper(view=view, seal=document.digest, language=chosen.value, charts=charts)
        content = self._content(paper, form)
        if isinstance(content, Refused):
            return content
        media_type, ending = _TYPES[form]
        name = f"{_file_name(number_or_id(view))}.{ending}"
        return Done(WrittenDocument(content=content.value, media_type=media_type, name=name))

    def letter(self, document: DocumentToWrite, *, language: str = "") -> Outcome[LetterText]:
        chosen = _chosen(document, language)
        if isinstance(chosen, Refused):
            return chosen
        return Done(letter_of(view_of(document.invoice, document.basis), language=chosen.value))

    def _content(self, paper: "_Paper", form: DocumentForm) -> Outcome[bytes]:
        view = paper.view
        if form is DocumentForm.CSV:
            return Done(usage_detail(view).encode())
        xml = None
        if form in _SYNTAXES:
            if found := obstacles(view):
                return Refused(found)
            made = einvoice(
                terms_of(view, language=paper.language, seal=paper.seal), _SYNTAXES[form]
            )
            if isinstance(made, Refused) or form is not DocumentForm.FACTURX:
                return made
            xml = made.value
        attached = "" if form is DocumentForm.HTML else NAME
        page = page_of(
            view,
            language=paper.language,
            seal=paper.seal,
            attached=attached,
            charts=tuple(map(drawn, paper.charts)),
        )
        return self._laid_out(page, view, form, xml=xml)

    def _laid_out(
        self, page: Page, view: DocumentView, form: DocumentForm, *, xml: bytes | None
    ) -> Outcome[bytes]:
        design = design_of(view.branding, self._designs)
        if isinstance(design, Refused):
            return design
        if form is DocumentForm.HTML:
            return Done(self._pages.html(page, design.value.logo))
        files = [_detail(view, name=page.name)]
        if xml is None:
            return self._pdf(page, view, design.value, files=tuple(files))
        files.append(_embedded(xml, name=page.name))
        pdf = self._pdf(page, view, design.value, files=tuple(files))
        if isinstance(pdf, Refused):
            return pdf
        return with_invoice_metadata(pdf.value, _says(page, view))

    def _pdf(
        self, page: Page, view: DocumentView, design: Design, *, files: tuple[Attachment, ...]
    ) -> Outcome[bytes]:
        setting = Setting(
            dated=view.issued_on,
            logo="" if design.logo is None else design.logo.as_input(),
            attachments=files,
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


def _chosen(document: DocumentToWrite, language: str) -> Outcome[str]:
    chosen = language or language_of(document.basis) or FALLBACK
    if chosen not in WORDS:
        message = f"documents are written in {', '.join(WORDS)}, not in {chosen[:20]!r}"
        return refuse("unknown_language", message, "language")
    return Done(chosen)


def _detail(view: DocumentView, *, name: str) -> Attachment:
    return Attachment(
        name=NAME,
        content=usage_detail(view),
        mime=MEDIA_TYPE,
        relationship="supplement",
        description=name,
    )


def _embedded(xml: bytes, *, name: str) -> Attachment:
    return Attachment(
        name=XML_NAME,
        content=xml.decode(),
        mime="text/xml",
        relationship="alternative",
        description=name,
    )


def _says(page: Page, view: DocumentView) -> Metadata:
    return Metadata(title=page.name, author=view.issuer.name, issued_on=view.issued_on)


def _file_name(text: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in text)
