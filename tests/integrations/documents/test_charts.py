"""Charts of documents: what they show is the document's money and its events, in every language."""

import io
from base64 import b64decode
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject, StreamObject

from tallystick.app.invoicing import DocumentToWrite
from tallystick.catalog import LANGUAGES, Branding, DocumentForm
from tallystick.integrations.documents import PaperWriter
from tallystick.integrations.documents.charts import Chart, charts_of, drawn
from tallystick.integrations.documents.view import view_of
from tallystick.integrations.documents.words import WORDS
from tallystick.invoicing import Basis, Figures, Invoice, document_of
from tallystick.kernel import Done, digest
from tests.integrations.documents.papers import (
    EVENTS,
    ISSUER,
    PARTIES,
    TAX_BASES,
    TAXED,
    credit_note_of,
    figures_of,
    invoice_of,
    past_of,
)
from tests.invoicing.world import call

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script> &amp; {{7*7}} #panic()"
WRITER = PaperWriter(Path("nowhere"))


def charts(
    invoice: Invoice, figures: Figures | None, *, basis: Basis = PARTIES, language: str = "en"
) -> tuple[Chart, ...]:
    """Return the charts of a document."""
    return charts_of(view_of(invoice, basis), figures, language=language)


def texts(chart: Chart) -> list[str]:
    """Return the texts in the drawing of a chart."""
    found = ET.fromstring(drawn(chart).svg)  # noqa: S314 - our own
    return [one.text or "" for one in found.iter(f"{SVG}text")]


def values(chart: Chart) -> list[Decimal]:
    """Return the values that a chart of parts, or of documents, is drawn from."""
    spec = chart.spec
    rows = spec["data"]["values"] if "data" in spec else spec["layer"][1]["data"]["values"]
    return [row["value"] for row in rows]


def written(
    form: DocumentForm, figures: Figures | None, *, basis: Basis = PARTIES, language: str = "en"
) -> bytes:
    """Write January's invoice."""
    invoice = invoice_of(basis=basis)
    document = DocumentToWrite(
        invoice=invoice, basis=basis, digest=digest(document_of(invoice)), figures=figures
    )
    outcome = WRITER.write(document, form, language=language)
    assert isinstance(outcome, Done), outcome
    return outcome.value.content


@pytest.mark.parametrize("basis", [PARTIES, *TAX_BASES.values()])
def test_the_parts_add_up_to_the_total(basis: Basis) -> None:
    """Lines without the taxes in their prices, and the taxes: together what the document says."""
    invoice = invoice_of(basis=basis)
    composition, *_ = charts(invoice, Figures(), basis=basis)
    assert sum(values(composition)) == invoice.total.decimal


def test_the_heaviest_have_rows_of_their_own() -> None:
    """Five rows by weight, and one for all others, which says how many; they add up."""
    regions = [call(50 + at, "2026-01-21T00:00:00Z", f"r{at}") for at in range(9)]
    more = [call(70 + at, "2026-01-22T00:00:00Z", "r3") for at in range(20)]
    invoice = invoice_of([*EVENTS, *regions, *more])
    composition, *_ = charts(invoice, Figures())
    found = values(composition)
    assert len(found) == 6
    assert found[:5] == sorted(found[:5], reverse=True)
    assert sum(found) == invoice.total.decimal
    assert "8 others" in texts(composition)
    assert "calls · r3" in texts(composition)


def test_this_document_stands_last_and_is_marked() -> None:
    """The documents before it, then its own total, in bold above them."""
    invoice = invoice_of()
    figures = Figures(past=past_of(invoice, count=11))
    _, history = charts(invoice, figures)
    own = invoice.total.decimal
    assert values(history) == [*(one.total.decimal for one in figures.past), own]
    found = ET.fromstring(drawn(history).svg)  # noqa: S314 - our own
    bold = [one.text for one in found.iter(f"{SVG}text") if one.attrib.get("font-weight") == "bold"]
    assert bold == ["13,81\xa0US$"]
    assert "INV-2026-000001 13,81" in history.alternative
    assert len(charts(invoice, Figures())) == 1


def test_a_credit_note_stands_below_zero() -> None:
    """What it gives back is below the invoices before it."""
    note = credit_note_of()
    *_, history = charts(note, Figures(past=past_of(note, count=2)))
    assert values(history) == [10, 11, note.total.decimal]
    assert note.total.minor < 0


def test_years_are_told_where_days_repeat() -> None:
    """Documents of more than a year have the month and year below them."""
    invoice = invoice_of()
    one, other = past_of(invoice, count=2)
    past = (replace(one, issued_on=date(2024, 1, 1)), other)
    assert "Jan 2024" in texts(charts(invoice, Figures(past=past))[1])
    assert "1 Dec" in texts(charts(invoice, Figures(past=(other,)))[1])


def test_usage_stands_on_its_day() -> None:
    """The highest day is named, in the words of the document's language."""
    invoice = invoice_of()
    *_, cpu, _ = charts(invoice, figures_of(invoice), language="de")
    assert cpu.title == "cpu"
    assert cpu.note == "Verbrauch je Tag (Stunden)"
    assert "am 10. Januar 2026" in cpu.alternative
    assert "31,200278 Stunden" in texts(cpu)
    assert "1. Jan." in texts(cpu)


@pytest.mark.parametrize("language", LANGUAGES)
def test_charts_speak_every_language(language: str) -> None:
    """Titles, what they say to who cannot see them, and dates are in the document's language."""
    invoice = invoice_of(basis=TAXED)
    found = charts(invoice, figures_of(invoice, TAXED), basis=TAXED, language=language)
    words = WORDS[language]
    assert [one.title for one in found[:2]] == [words.composition, words.past]
    assert all(one.note.startswith(words.by_day) for one in found[2:])
    assert all(one.alternative.startswith(one.title) for one in found)
    assert len(found) == 5
    shown = {text for one in found for text in texts(one)}
    marked = {text for text in shown if text.startswith("\u2067")}
    assert marked == (shown if words.right_to_left else set())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_with_charts_can_be_kept_and_heard(language: str) -> None:
    """It declares PDF/A-3b, has the fonts of its charts inside, and says what each shows."""
    invoice = invoice_of()
    figures = figures_of(invoice)
    reader = PdfReader(io.BytesIO(written(DocumentForm.PDF, figures, language=language)))
    metadata = reader.root_object["/Metadata"].get_object()
    assert isinstance(metadata, StreamObject)
    assert b"<pdfaid:part>3</pdfaid:part>" in metadata.get_data()
    told = alternatives(reader.root_object["/StructTreeRoot"].get_object())
    said = [one.alternative for one in charts(invoice, figures, language=language)]
    assert told == said
    for page in reader.pages:
        fonts = part(part(page, "/Resources"), "/Font")
        assert all("+" in str(part(fonts, name)["/BaseFont"]) for name in fonts)


def part(of: DictionaryObject, name: str) -> DictionaryObject:
    """Return a dictionary within a dictionary of a PDF."""
    found = of[name].get_object()
    assert isinstance(found, DictionaryObject)
    return found


def alternatives(node: object) -> list[str]:
    """Return what a PDF says in place of its pictures, in the order of reading."""
    node = node.get_object() if isinstance(node, IndirectObject) else node
    if isinstance(node, list):
        return [text for one in node for text in alternatives(one)]
    if not isinstance(node, DictionaryObject):
        return []
    own = [str(node["/Alt"])] if "/Alt" in node else []
    return own + (alternatives(node["/K"]) if "/K" in node else [])


class Pictures(HTMLParser):
    """Collects the pictures of a page, and counts its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "img":
            self.found.append(dict(attrs))


def test_a_page_brings_its_charts() -> None:
    """Each is a picture within the page, with what it says; nothing is asked for."""
    invoice = invoice_of()
    figures = figures_of(invoice)
    page = Pictures()
    page.feed(written(DocumentForm.HTML, figures).decode())
    said = charts(invoice, figures)
    assert [one["alt"] for one in page.found] == [chart.alternative for chart in said]
    for one, chart in zip(page.found, said, strict=True):
        kind, _, content = str(one["src"]).partition(";base64,")
        assert kind == "data:image/svg+xml"
        assert b64decode(content).decode() == drawn(chart).svg


def test_hostile_texts_stay_texts() -> None:
    """A dimension or a number that looks like markup is drawn as it is."""
    events = [*EVENTS, *(call(90 + at, "2026-01-21T00:00:00Z", HOSTILE) for at in range(70))]
    invoice = invoice_of(events)
    past = tuple(replace(one, number=HOSTILE) for one in past_of(invoice, count=2))
    figures = replace(figures_of(invoice, events=events), past=past)
    document = DocumentToWrite(invoice=invoice, basis=PARTIES, digest="", figures=figures)
    for form in (DocumentForm.PDF, DocumentForm.HTML):
        assert isinstance(WRITER.write(document, form, language="en"), Done)
    outcome = WRITER.write(document, DocumentForm.HTML, language="en")
    assert isinstance(outcome, Done)
    page = Pictures()
    page.feed(outcome.value.content.decode())
    assert "script" not in page.tags
    composition, *_ = charts(invoice, figures)
    assert any(text.startswith("calls · </text><script>") for text in texts(composition))


def test_signs_that_xml_has_not_are_replaced() -> None:
    """A control sign in a dimension leaves a drawing that can be read."""
    invoice = invoice_of([*EVENTS, call(90, "2026-01-21T00:00:00Z", "a\\u0001b\\u000bc")])
    composition, *_ = charts(invoice, Figures())
    assert "calls · a\ufffdb\ufffdc" in texts(composition)


def test_the_same_figures_give_the_same_bytes() -> None:
    """Another writer writes the same; another figure, or none, is another document."""
    figures = figures_of(invoice_of())
    for form in (DocumentForm.PDF, DocumentForm.HTML):
        one, again = written(form, figures), written(form, figures)
        assert one == again
        assert written(form, None) != one
        assert written(form, replace(figures, past=())) != one


def test_charts_take_the_issuers_colour() -> None:
    """What a chart is about is drawn in the colour of the headings."""
    issuer = replace(ISSUER, branding=Branding(colour="#7a1f5c"))
    basis = replace(PARTIES, issuer=issuer)
    invoice = invoice_of(basis=basis)
    composition, *_ = charts(invoice, Figures(), basis=basis)
    assert 'fill="#7a1f5c"' in drawn(composition).svg


def test_one_line_alone_has_no_chart() -> None:
    """A total of one piece, without documents before it, is as plain without a picture."""
    invoice = invoice_of()
    (line, *_) = invoice.lines
    alone = replace(invoice, lines=(line,))
    assert charts(alone, Figures()) == ()
