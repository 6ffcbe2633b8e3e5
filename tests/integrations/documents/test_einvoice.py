"""E-invoices: the official rules accept them and find a planted fault; sums are the document's."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest
from lxml import etree
from pypdf import PdfReader
from pypdf.generic import StreamObject

from tallystick.app.invoicing import DocumentToWrite
from tallystick.catalog import LANGUAGES, DocumentForm
from tallystick.integrations.documents import PaperWriter
from tallystick.integrations.documents.einvoice import Syntax, terms_of
from tallystick.integrations.documents.einvoice.lines import parts_of
from tallystick.integrations.documents.einvoice.terms import Terms
from tallystick.integrations.documents.einvoice.xml import unchecked
from tallystick.invoicing import Basis, Invoice
from tallystick.kernel import Done, Refused
from tests.integrations.documents.papers import (
    BUYER,
    CONVERTED,
    COUPON_BASES,
    ISSUER,
    PARTIES,
    TAX_BASES,
    TAXED,
    anew_of,
    credit_note_of,
    draft_of,
    invoice_of,
    ordered_note_of,
    paid_before,
    view,
    void_note_of,
)
from tests.integrations.documents.rules import CII, UBL, judged
from tests.integrations.documents.test_forms import hostile
from tests.invoicing.world import cpu

FORMS = {DocumentForm.CII: CII, DocumentForm.UBL: UBL}


def fee_only() -> Invoice:
    """Return an invoice without usage: a fee, and lines of zero."""
    return invoice_of(())


def negative() -> Invoice:
    """Return an invoice with a line below zero, for usage that was taken back."""
    events = [cpu(1, "2026-01-10T00:00:00Z", "3600"), cpu(2, "2026-01-11T00:00:00Z", "7200.5")]
    return invoice_of(events)


def partly_paid() -> Invoice:
    """Return an invoice of which a part was paid before it was issued."""
    return paid_before(invoice_of(), 500)


DOCUMENTS: tuple[Callable[[], Invoice], ...] = (
    invoice_of,
    credit_note_of,
    fee_only,
    negative,
    ordered_note_of,
    void_note_of,
    anew_of,
    partly_paid,
)


def written(
    form: DocumentForm, invoice: Invoice, *, basis: Basis = PARTIES, language: str = "en"
) -> bytes:
    """Write an e-invoice that must not be refused."""
    document = DocumentToWrite(invoice=invoice, basis=basis, digest="sha256:0123")
    outcome = PaperWriter(Path("nowhere")).write(document, form, language=language)
    assert isinstance(outcome, Done), outcome
    return outcome.value.content


@pytest.mark.parametrize("form", FORMS)
def test_official_rules(form: DocumentForm, tmp_path: Path) -> None:
    """Every document passes all rules of EN 16931; a total that is off by one is found out."""
    basis, document = hostile()
    sound = [written(form, made()) for made in DOCUMENTS]
    sound += [written(form, invoice_of(), language=language) for language in LANGUAGES]
    sound.append(written(form, document, basis=basis))
    sound += [written(form, invoice_of(basis=one), basis=one) for one in COUPON_BASES.values()]
    for basis in (*TAX_BASES.values(), COUPON_BASES["two rates"]):
        sound.append(written(form, invoice_of(basis=basis), basis=basis))
        sound.append(written(form, credit_note_of(basis=basis), basis=basis))
    sound.append(written(form, invoice_of(basis=CONVERTED), basis=CONVERTED))
    sound.append(written(form, credit_note_of(basis=CONVERTED), basis=CONVERTED))
    faulty = sound[0].replace(b">13.81</cbc:Payable", b">14.81</cbc:Payable")
    faulty = faulty.replace(b">13.81</ram:DuePayable", b">14.81</ram:DuePayable")
    assert faulty != sound[0]
    *good, bad = judged(FORMS[form], *sound, faulty, folder=tmp_path)
    assert [verdict.broken for verdict in good] == [{}] * len(sound)
    assert min(verdict.fired for verdict in good) > 20
    assert any("BR-CO-16" in rule + text for rule, text in bad.broken.items()), bad.broken


@pytest.mark.parametrize("made", DOCUMENTS)
def test_tiers_add_up(made: Callable[[], Invoice]) -> None:
    """Each line is handed out to its tiers without losing a cent; prices are never negative."""
    for line in view(made()).lines:
        parts = parts_of(line)
        assert sum(part.net.minor for part in parts) == line.net.minor
        assert all(part.price >= 0 for part in parts)


def test_a_line_for_each_tier() -> None:
    """Allowance and tiers stand apart, in the unit of the line; a fee is one line."""
    lines = view().lines
    cpu_parts = parts_of(lines[1])
    assert [(part.label, part.code, str(part.price), str(part.net)) for part in cpu_parts] == [
        ("allowance", "HUR", "0", "0.00 USD"),
        ("tier 1: up to 10", "HUR", "0.05", "0.50 USD"),
        ("tier 2: above 10", "HUR", "0.04", "0.81 USD"),
    ]
    assert [part.quantity for part in cpu_parts[:2]] == [Decimal(1), Decimal(10)]
    (fee,) = parts_of(lines[0])
    assert (fee.label, fee.code, str(fee.net)) == ("flat fee", "C62", "10.00 USD")


def test_what_a_coupon_takes_off_is_an_allowance_of_the_line() -> None:
    """The line stands at its price before its coupons; its net is what they leave."""
    basis = COUPON_BASES["taxed"]
    fee, cpu_line, *_ = view(invoice_of(basis=basis), basis=basis).lines
    (part,) = parts_of(fee)
    assert (str(part.price), str(part.net)) == ("10.00", "8.75 USD")
    assert [(one.reason, str(one.money)) for one in part.allowances] == [
        ("Spring of 12.5 %", "1.25 USD")
    ]
    (part,) = parts_of(cpu_line)
    assert (str(part.price), str(part.net)) == ("1.31", "0.00 USD")
    root = etree.fromstring(written(DocumentForm.UBL, invoice_of(basis=basis), basis=basis))
    (first, *_) = root.findall("{*}InvoiceLine/{*}AllowanceCharge")
    texts = [each.text for each in first.iter() if each.text and each.text.strip()]
    assert texts == ["false", "95", "Spring of 12,5\u00a0%", "1.25"]


def test_a_converted_line_is_one_and_says_how() -> None:
    """Its tiers are in another currency, so it is a whole, with both amounts and the rate."""
    line = view(basis=CONVERTED).lines[1]
    (part,) = parts_of(line)
    assert (str(part.price), str(part.net)) == ("1.17", "1.17 EUR")
    content = written(DocumentForm.CII, invoice_of(basis=CONVERTED), basis=CONVERTED)
    assert b"USD at 0.8971 (ecb, 2026-01-30) = " in content
    assert b">EUR</ram:InvoiceCurrencyCode>" in content


def test_taxes_stand_in_the_breakdown() -> None:
    """Category, rate, base and tax of the document; the seller's number is that of the country."""
    root = etree.fromstring(written(DocumentForm.UBL, invoice_of(basis=TAXED), basis=TAXED))
    (found,) = root.findall("{*}TaxTotal/{*}TaxSubtotal")
    texts = [each.text for each in found.iter() if each.text and each.text.strip()]
    assert texts == ["13.81", "2.62", "S", "19", "VAT"]
    number = root.find("{*}AccountingSupplierParty//{*}PartyTaxScheme/{*}CompanyID")
    assert number is not None
    assert number.text == "DE129273398"
    payable = root.find("{*}LegalMonetaryTotal/{*}PayableAmount")
    assert payable is not None
    assert payable.text == "16.43"


def test_credit_note_names_its_original() -> None:
    """Type 381, positive amounts, and the number and date of what it corrects."""
    root = etree.fromstring(written(DocumentForm.UBL, credit_note_of()))
    texts = {etree.QName(each).localname: each.text for each in root.iter() if each.text}
    assert etree.QName(root).localname == "CreditNote"
    assert texts["CreditNoteTypeCode"] == "381"
    assert texts["PayableAmount"] == "0.80"
    reference = root.find(".//{*}InvoiceDocumentReference")
    assert reference is not None
    assert [each.text for each in reference] == ["INV-2026-000001", "2026-02-01"]


def test_an_ordered_note_says_why() -> None:
    """Its kind and reason stand in a note; what takes a place names what it replaces."""
    assert b"Goodwill credit. Reason: an outage" in written(DocumentForm.UBL, ordered_note_of())
    anew = written(DocumentForm.UBL, anew_of())
    assert b"Replaces invoice INV-2026-000001 of 1 February 2026." in anew
    reference = etree.fromstring(anew).find(".//{*}InvoiceDocumentReference/{*}ID")
    assert reference is not None
    assert reference.text == "INV-2026-000001"


@pytest.mark.parametrize("made", [invoice_of, credit_note_of])
def test_facturx_holds_its_own_invoice(made: Callable[[], Invoice]) -> None:
    """The PDF says that it is Factur-X and PDF/A-3b, and carries the CII byte for byte."""
    content = written(DocumentForm.FACTURX, made())
    reader = PdfReader(io.BytesIO(content))
    assert reader.attachments["factur-x.xml"] == [written(DocumentForm.CII, made())]
    assert "usage.csv" in reader.attachments
    metadata = reader.root_object["/Metadata"].get_object()
    assert isinstance(metadata, StreamObject)
    said = metadata.get_data()
    for part in (b"<pdfaid:part>3</", b"<pdfaid:conformance>B</", b"<fx:DocumentType>INVOICE</"):
        assert part in said
    assert b"<fx:ConformanceLevel>EN 16931</" in said
    assert "/AF" in reader.root_object
    assert content == written(DocumentForm.FACTURX, made())


@pytest.mark.parametrize(
    ("invoice", "basis", "codes"),
    [
        (draft_of, PARTIES, {"not_issued"}),
        (invoice_of, replace(PARTIES, buyer=replace(BUYER, country="")), {"missing_country"}),
        (
            draft_of,
            replace(PARTIES, issuer=replace(ISSUER, country="")),
            {"not_issued", "missing_country"},
        ),
    ],
)
@pytest.mark.parametrize("form", [*FORMS, DocumentForm.FACTURX])
def test_what_cannot_be_said_is_refused(
    form: DocumentForm, invoice: Callable[[], Invoice], basis: Basis, codes: set[str]
) -> None:
    """What EN 16931 has no place for is refused with every reason, never made up."""
    document = DocumentToWrite(invoice=invoice(), basis=basis, digest="")
    outcome = PaperWriter(Path("nowhere")).write(document, form, language="en")
    assert isinstance(outcome, Refused)
    assert {problem.code for problem in outcome.problems} == codes


@pytest.mark.parametrize("syntax", Syntax)
def test_what_the_schema_refuses_is_a_problem(syntax: Syntax) -> None:
    """A quantity that XML has no number for is told by its element; the next one is written."""
    terms = terms_of(view(basis=TAXED), language="en", seal="sha256:01")
    line, *others = cast("list[Terms]", terms["BG-25"])
    refused = unchecked({**terms, "BG-25": [{**line, "BT-129": "1e3"}, *others]}, syntax)
    assert isinstance(refused, Refused)
    (problem,) = refused.problems
    assert problem.code == "invalid_einvoice"
    assert re.match(r"Element '\w+Quantity': '1e3' is not a valid value", problem.message)
    assert isinstance(unchecked(terms, syntax), Done)
