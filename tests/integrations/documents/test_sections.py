"""Consolidated documents on paper, as figures and as e-invoices: each contract has its section."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from tallystick.accounts import Account, Consolidation
from tallystick.catalog import DocumentForm
from tallystick.integrations.documents import PaperWriter
from tallystick.invoicing import (
    Basis,
    Drafted,
    GatheringFacts,
    Invoice,
    gather,
)
from tallystick.kernel import AccountKey, Done, SubscriptionKey
from tests.integrations.documents.papers import BUYER, EVENTS, TAXED, draft_of
from tests.integrations.documents.rules import CII, UBL, judged
from tests.integrations.documents.test_einvoice import written as e_invoice
from tests.integrations.documents.test_forms import pdf_text, written
from tests.invoicing.world import START, issue


def consolidated() -> tuple[Invoice, Basis]:
    """Return January of two contracts of one payer, with taxes."""
    payer: Account = replace(BUYER, consolidated=(Consolidation(start=START),))
    drafts = []
    for name in ("web", "mail"):
        contract = replace(
            TAXED.subscription, key=SubscriptionKey(f"{name}-2026"), account=AccountKey(name)
        )
        basis = replace(TAXED, subscription=contract, buyer=payer)
        drafts.append(Drafted(invoice=draft_of(EVENTS, basis=basis), basis=basis))
    outcome = gather(drafts, GatheringFacts(payer=payer, through=drafts[0].invoice.period.end))
    assert isinstance(outcome, Done), outcome
    (made,) = outcome.value.documents
    return issue(made.invoice, "INV-2026-000001", date(2026, 2, 1)), made.basis


def test_each_section_has_a_heading_with_its_sum() -> None:
    """PDF and page name account and contract above the lines of each, once."""
    invoice, basis = consolidated()
    writer = PaperWriter(Path("nowhere"))
    pdf = pdf_text(written(writer, DocumentForm.PDF, invoice=invoice, basis=basis).content)
    page = written(writer, DocumentForm.HTML, invoice=invoice, basis=basis).content.decode()
    for account in ("web", "mail"):
        assert pdf.count(f"{account}·{account}-2026·") == 1
        assert page.count(f"{account} · {account}-2026 · ") == 1
    assert page.count('class="section"') == 2


def test_figures_name_the_contract_of_each_line() -> None:
    """Two columns more, on a consolidated document alone."""
    invoice, basis = consolidated()
    writer = PaperWriter(Path("nowhere"))
    rows = written(writer, DocumentForm.CSV, invoice=invoice, basis=basis).content.decode()
    head, first, *_ = rows.splitlines()
    assert head.endswith("rate_source,account,contract")
    assert first.endswith("mail,mail-2026")
    alone = written(writer, DocumentForm.CSV).content.decode().splitlines()[0]
    assert alone.endswith("rate_source")


def test_official_rules_accept_sections(tmp_path: Path) -> None:
    """Both e-invoices pass the rules of EN 16931, and name the contract of each line."""
    invoice, basis = consolidated()
    for form, kind in ((DocumentForm.CII, CII), (DocumentForm.UBL, UBL)):
        content = e_invoice(form, invoice, basis=basis)
        assert content.count(b"web-2026") == content.count(b"mail-2026") > 0
        (verdict,) = judged(kind, content, folder=tmp_path)
        assert verdict.broken == {}
