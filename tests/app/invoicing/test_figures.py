"""What charts of documents show: usage by day, documents before, as of the document's position."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tallystick.app.invoicing import (
    DocumentToWrite,
    WriteDocument,
    load_to_write,
    with_figures,
    write_document,
)
from tallystick.catalog import Branding, Catalog, DocumentForm
from tallystick.invoicing import Figures, basis_from_document
from tallystick.kernel import AccountKey, Done, EngineUnavailable, InvoiceId, currency
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, WRITER, Billing
from tests.invoicing.world import ENTITY, call, cpu

JANUARY = [
    cpu(1, "2026-01-10T00:00:00Z", "7200"),
    *(call(10 + at, "2026-01-20T12:00:00Z") for at in range(3)),
    *(call(20 + at, "2026-01-21T00:00:00Z") for at in range(5)),
]


def figured(billing: Billing, invoice: InvoiceId) -> DocumentToWrite:
    """Return a document with what its charts show."""
    with billing.unit() as uow:
        loaded = load_to_write(billing.caller, invoice, uow=uow)
        assert isinstance(loaded, Done)
        return with_figures(loaded.value, uow=uow, usage=billing.store.reader)


def figures(billing: Billing, invoice: InvoiceId) -> Figures:
    """Return what the charts of a document show; it must have some."""
    found = figured(billing, invoice).figures
    assert found is not None
    return found


def page(billing: Billing, invoice: InvoiceId, form: DocumentForm = DocumentForm.HTML) -> bytes:
    """Write a document."""
    outcome = write_document(
        WriteDocument(invoice=invoice, form=form),
        caller=billing.caller,
        uow=billing.unit(),
        usage=billing.store.reader,
        writer=WRITER,
    )
    assert isinstance(outcome, Done)
    return outcome.value.content


def test_days_add_up_to_the_line(billing: Billing) -> None:
    """Each local day of the period has its usage, and all of them make the line's quantity."""
    billing.record(JANUARY)
    issued = billing.run(through=FEBRUARY_2).issued
    lines = {line.id: line for one in issued for line in billing.document(one).invoice.lines}
    found = [usage for one in issued for usage in figures(billing, one).usage]
    assert {lines[one.line].key.price for one in found} == {"cpu", "calls"}
    for usage in found:
        assert usage.days[0][0] == date(2026, 1, 1)
        assert len(usage.days) == 31
        total = sum(value for _, value in usage.days)
        assert total == lines[usage.line].quantity
    (calls,) = (one for one in found if lines[one.line].key.price == "calls")
    assert {day: value for day, value in calls.days if value} == {
        date(2026, 1, 20): Decimal(3),
        date(2026, 1, 21): Decimal(5),
    }


def test_what_comes_later_changes_no_document(billing: Billing) -> None:
    """Late usage and later documents are on later documents; this one keeps its bytes."""
    billing.record(JANUARY)
    issued = billing.run(through=FEBRUARY_2).issued
    before = {one: (page(billing, one), page(billing, one, DocumentForm.PDF)) for one in issued}
    billing.record([call(50 + at, "2026-01-22T00:00:00Z") for at in range(30)])
    billing.clock.forward(days=28)
    later = billing.run(through=MARCH_2).issued
    assert later
    for one, (html, pdf) in before.items():
        assert page(billing, one) == html
        assert page(billing, one, DocumentForm.PDF) == pdf


def test_documents_stand_in_the_order_of_issue(billing: Billing) -> None:
    """Those before it, with their totals, at most eleven; of a draft all that are issued."""
    billing.record(JANUARY)
    first = list(billing.run(through=FEBRUARY_2).issued)
    billing.clock.forward(days=28)
    all_of_them = [*first, *billing.run(through=MARCH_2).issued]
    known = [billing.document(one).invoice for one in all_of_them]
    for at, one in enumerate(all_of_them):
        past = figures(billing, one).past
        assert [each.number for each in past] == [each.number for each in known[:at]]
        assert [each.total for each in past] == [each.total for each in known[:at]]
    with billing.unit() as uow:
        assert len(uow.history.before(known[-1], limit=1)) == 1
        draft = replace(known[0], id=InvoiceId("inv_draft"), number=None)
        assert len(uow.history.before(draft, limit=11)) == len(known)
        elsewhere = replace(draft, account=AccountKey("other"))
        assert uow.history.before(elsewhere, limit=11) == ()
        euros = replace(draft, currency=currency("EUR"))
        assert uow.history.before(euros, limit=11) == ()


def test_an_issuer_can_go_without(billing: Billing) -> None:
    """`charts: false` stands in the document's basis: later changes are for later documents."""
    billing.record(JANUARY)
    first, *_ = billing.run(through=FEBRUARY_2).issued
    plain = replace(ENTITY, branding=Branding(charts=False))
    with billing.unit() as uow:
        uow.catalog.save_definitions(Catalog(legal_entities={plain.key: plain}))
        uow.commit()
    billing.clock.forward(days=28)
    second, *_ = billing.run(through=MARCH_2).issued
    assert figured(billing, first).figures is not None
    assert figured(billing, second).figures is None
    assert b"<figure>" not in page(billing, second)
    kept = basis_from_document(billing.document(second).basis)
    assert isinstance(kept, Done)
    assert kept.value.issuer is not None
    assert not kept.value.issuer.branding.charts


def test_usage_that_is_not_loaded_yet_is_waited_for(billing: Billing) -> None:
    """A chart never shows half of a day: what cannot be told now is not written."""
    billing.record(JANUARY)
    *_, last = billing.run(through=FEBRUARY_2).issued
    document = figured(billing, last)
    ahead = [replace(line, position=10**9) for line in document.invoice.lines]
    with billing.unit() as uow:
        behind = replace(document, invoice=replace(document.invoice, lines=tuple(ahead)))
        with pytest.raises(EngineUnavailable, match="1000000000"):
            with_figures(behind, uow=uow, usage=billing.store.reader)
