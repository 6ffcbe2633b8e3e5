"""Written documents: PDF/A, a page, figures; the same bytes for the same facts, no markup in."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, StreamObject

from tallystick.accounts import Account, Contact, PostalAddress
from tallystick.app.invoicing import DocumentToWrite, WrittenDocument
from tallystick.catalog import LANGUAGES, BankAccount, Branding, DocumentForm
from tallystick.integrations.documents import PaperWriter
from tallystick.invoicing import Basis, Invoice, document_of
from tallystick.kernel import Done, Refused, digest
from tests.integrations.documents.papers import (
    BUYER,
    EVENTS,
    ISSUER,
    PARTIES,
    credit_note_of,
    draft_of,
    invoice_of,
)
from tests.invoicing.world import call

HOSTILE = "</td><script>alert(1)</script> #panic(\"x\") *a* _b_ $x$ \\ ={{7*7}} &amp; @ref `c` 'q'"
TEMPLATE = b"#let page = json(bytes(sys.inputs.page))\n#set document(date: auto)\n"


@pytest.fixture
def writer(tmp_path: Path) -> PaperWriter:
    """Return a writer with a folder of designs."""
    (tmp_path / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/>'
        "</svg>"
    )
    (tmp_path / "large.png").write_bytes(b"\x89PNG" + bytes(300_000))
    (tmp_path / "own.typ").write_bytes(TEMPLATE + b"Our own page for #page.recipient.name")
    (tmp_path / "endless.typ").write_bytes(TEMPLATE + b"#let i = 0\n#while true { i += 1 }")
    (tmp_path / "curious.typ").write_bytes(TEMPLATE + b'#read("/etc/hostname")')
    (tmp_path / "greedy.typ").write_bytes(TEMPLATE + b'#import "@preview/cetz:0.3.0": *')
    return PaperWriter(tmp_path)


def written(
    writer: PaperWriter,
    form: DocumentForm,
    *,
    invoice: Invoice | None = None,
    basis: Basis = PARTIES,
    language: str = "en",
) -> WrittenDocument:
    """Write a document that must not be refused."""
    chosen = invoice or invoice_of(basis=basis)
    document = DocumentToWrite(invoice=chosen, basis=basis, digest=digest(document_of(chosen)))
    outcome = writer.write(document, form, language=language)
    assert isinstance(outcome, Done), outcome
    return outcome.value


def pdf_text(content: bytes) -> str:
    """Return the text of a PDF without spaces, which lines break at will."""
    return "".join(
        "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split()
    )


def part(of: DictionaryObject, name: str) -> DictionaryObject:
    """Return a dictionary within a dictionary of a PDF."""
    found = of[name].get_object()
    assert isinstance(found, DictionaryObject)
    return found


def branded(*, colour: str = "", footer: str = "", logo: str = "", template: str = "") -> Basis:
    """Return the basis of an issuer with a branding."""
    branding = Branding(colour=colour, footer=footer, logo=logo, template=template)
    return replace(PARTIES, issuer=replace(ISSUER, branding=branding))


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_can_be_kept_and_read(writer: PaperWriter, language: str) -> None:
    """It declares PDF/A-3b and its language, holds number, total and the exact figures."""
    content = written(writer, DocumentForm.PDF, language=language).content
    reader = PdfReader(io.BytesIO(content))
    root = reader.root_object
    assert str(root["/Lang"]) == language
    assert str(part(root, "/MarkInfo")["/Marked"]) == "True"
    metadata = root["/Metadata"].get_object()
    assert isinstance(metadata, StreamObject)
    assert b"<pdfaid:part>3</pdfaid:part>" in metadata.get_data()
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in metadata.get_data()
    text = pdf_text(content)
    assert "INV-2026-000001" in text
    assert "13.81" in text or "13,81" in text
    assert reader.attachments["usage.csv"][0] == written(writer, DocumentForm.CSV).content


def test_fonts_are_in_the_file(writer: PaperWriter) -> None:
    """Every font used is embedded: a reader needs none of its own, and none of ours is missing."""
    for language in ("ja", "ar"):
        content = written(writer, DocumentForm.PDF, language=language).content
        fonts = part(part(PdfReader(io.BytesIO(content)).pages[0], "/Resources"), "/Font")
        names = {str(part(fonts, name)["/BaseFont"]) for name in fonts}
        assert any(("CJK" if language == "ja" else "Arabic") in name for name in names), names


@pytest.mark.parametrize(
    ("form", "made"),
    [
        *((form, made) for form in DocumentForm for made in (invoice_of, credit_note_of)),
        *((form, draft_of) for form in (DocumentForm.PDF, DocumentForm.HTML, DocumentForm.CSV)),
    ],
)
def test_same_facts_same_bytes(
    writer: PaperWriter, form: DocumentForm, made: Callable[[], Invoice], tmp_path: Path
) -> None:
    """Another writer at another time writes the same bytes."""
    one = written(writer, form, invoice=made())
    assert one == written(PaperWriter(tmp_path), form, invoice=made())


def hostile() -> tuple[Basis, Invoice]:
    """Return a document with hostile text in every place that takes text."""
    contact = Contact(
        address=PostalAddress(
            street=HOSTILE, extra=HOSTILE, city=HOSTILE, postal_code=HOSTILE, subdivision=HOSTILE
        ),
        email="a@b.example",
        reference=HOSTILE,
    )
    issuer = replace(
        ISSUER,
        name=HOSTILE,
        tax_id=HOSTILE,
        registration=HOSTILE,
        contact=contact,
        bank_account=BankAccount(iban="DE89370400440532013000", holder=HOSTILE),
        branding=Branding(footer=HOSTILE),
    )
    basis = replace(PARTIES, issuer=issuer, buyer=replace(BUYER, name=HOSTILE, contact=contact))
    region = HOSTILE.replace("\\", "\\\\").replace('"', '\\"')
    return basis, invoice_of((*EVENTS, call(99, "2026-01-21T00:00:00Z", region)), basis=basis)


class Tags(HTMLParser):
    """Counts the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


def test_no_text_becomes_markup(writer: PaperWriter) -> None:
    """Names that look like HTML, Typst or a formula are shown as they are, wherever they stand."""
    basis, invoice = hostile()
    page = written(writer, DocumentForm.HTML, invoice=invoice, basis=basis).content.decode()
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.tags
    assert "&lt;script&gt;" in page
    assert "{{7*7}}" in page
    wanted = "".join(HOSTILE.split())
    text = pdf_text(written(writer, DocumentForm.PDF, invoice=invoice, basis=basis).content)
    assert text.count(wanted) >= 8
    table = written(writer, DocumentForm.CSV, invoice=invoice, basis=basis).content.decode()
    rows = list(csv.reader(io.StringIO(table)))
    assert f"region={HOSTILE}" in [row[2] for row in rows]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_no_cell_is_a_formula(writer: PaperWriter, start: str) -> None:
    """A text that a spreadsheet would run gets an apostrophe before it."""
    invoice = invoice_of()
    named = replace(invoice.lines[1], unit=f"{start}cmd()")
    changed = replace(invoice, lines=(invoice.lines[0], named, *invoice.lines[2:]))
    rows = written(writer, DocumentForm.CSV, invoice=changed).content.decode()
    assert f"'{start}cmd()" in [row[6] for row in csv.reader(io.StringIO(rows))]


@pytest.mark.parametrize(
    "name", ["Acme 😀 GmbH", "สวัสดี Co", "שלום Co", "a\x01b Co", "👩\u200d👧 Co"]
)
def test_signs_that_no_font_has_are_replaced(writer: PaperWriter, name: str) -> None:
    """An emoji or a foreign script in a name leaves a PDF that can be kept; the rest is read."""
    basis = replace(PARTIES, buyer=replace(BUYER, name=name))
    text = pdf_text(written(writer, DocumentForm.PDF, basis=basis).content)
    assert "\ufffd" in text
    assert name.rsplit(maxsplit=1)[-1] in text
    assert name in written(writer, DocumentForm.HTML, basis=basis).content.decode()


def test_logo_stands_on_both(writer: PaperWriter) -> None:
    """A logo is part of the page and of the PDF."""
    plain_pdf = written(writer, DocumentForm.PDF).content
    basis = branded(logo="logo.svg")
    assert b"data:image/svg+xml;base64," in written(writer, DocumentForm.HTML, basis=basis).content
    assert written(writer, DocumentForm.PDF, basis=basis).content != plain_pdf


def test_own_template(writer: PaperWriter) -> None:
    """A template of the operator takes the place of ours and finds the same texts."""
    content = written(writer, DocumentForm.PDF, basis=branded(template="own.typ")).content
    assert pdf_text(content) == "OurownpageforAcmeBöttcher&SöhneGmbH"


@pytest.mark.parametrize(
    ("branding", "field"),
    [
        ({"logo": "absent.svg"}, "branding.logo"),
        ({"logo": "large.png"}, "branding.logo"),
        ({"logo": "own.typ"}, "branding.logo"),
        ({"template": "absent.typ"}, "branding.template"),
        ({"template": "endless.typ"}, "branding.template"),
        ({"template": "curious.typ"}, "branding.template"),
        ({"template": "greedy.typ"}, "branding.template"),
    ],
)
def test_unusable_designs_are_refused(
    writer: PaperWriter, branding: dict[str, str], field: str
) -> None:
    """What is missing, too large, endless, or reaches for other files ends in a refusal."""
    basis = branded(**branding)
    invoice = invoice_of(basis=basis)
    document = DocumentToWrite(invoice=invoice, basis=basis, digest="")
    outcome = writer.write(document, DocumentForm.PDF, language="en")
    assert isinstance(outcome, Refused)
    assert [(each.code, each.field) for each in outcome.problems] == [("unusable_design", field)]


def test_no_factur_x_without_its_invoice(writer: PaperWriter) -> None:
    """A PDF never says that it carries an invoice which a template left out."""
    basis = branded(template="own.typ")
    document = DocumentToWrite(invoice=invoice_of(basis=basis), basis=basis, digest="")
    outcome = writer.write(document, DocumentForm.FACTURX, language="en")
    assert isinstance(outcome, Refused)
    assert "factur-x.xml" in outcome.problems[0].message


def test_unknown_language_is_refused(writer: PaperWriter) -> None:
    """A language without words is refused, not replaced."""
    document = DocumentToWrite(invoice=invoice_of(), basis=PARTIES, digest="")
    outcome = writer.write(document, DocumentForm.PDF, language="tlh")
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "unknown_language"


def test_accounts_of_a_tree_are_billed_to_the_payer(writer: PaperWriter) -> None:
    """The recipient is the payer in the basis, whoever used."""
    other = Account(key=BUYER.key, name="Another", zone="UTC", currency="USD", invoiced=True)
    page = written(writer, DocumentForm.HTML, basis=replace(PARTIES, buyer=other)).content
    assert b"Another" in page
