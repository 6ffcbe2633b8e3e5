"""Corrections of what was billed: a credit note for less, an adjustment for more, and why."""

from decimal import Decimal

import msgspec

from tallystick.app.corrections import (
    Backfill,
    BackfillPreview,
    BackfillState,
    QuantityChange,
    RecordedReach,
)
from tallystick.app.invoicing import (
    StoredDocument,
    export_proof,
    preview_correction,
    verify_invoice,
)
from tallystick.invoicing import DocumentType, verify_bundle
from tallystick.kernel import AccountKey, Done
from tallystick.metering import CLOSED, OPENED, REVERTED, held_type
from tests.app.invoicing.billing import Billing
from tests.corrections import amend, fact, void
from tests.invoicing.world import CPU, JANUARY, amounts, call, cpu

CPU_12H = cpu(1, "2026-01-10T00:00:00Z", "43200")
CPU_2H = cpu(2, "2026-01-11T00:00:00Z", "7200")


def _bill(billing: Billing) -> list[StoredDocument]:
    report = billing.run()
    assert report.parked == (), report.parked
    return billing.documents(report)


def _next_month(billing: Billing) -> list[StoredDocument]:
    billing.clock.forward(days=30)
    return _bill(billing)


def _for_january(documents: list[StoredDocument]) -> dict[str, Decimal]:
    """Return what these documents say about January's usage, by document and price."""
    return {
        f"{one.invoice.document_type.value} {line.key.price}": line.money.decimal
        for one in documents
        for line in one.invoice.lines
        if line.key.period == JANUARY and line.key.price != "base"
    }


def _verify(billing: Billing, *documents: StoredDocument) -> None:
    """Verify from the log, and from proofs that are exported now, whatever was corrected since."""
    for document in documents:
        outcome = verify_invoice(
            billing.caller, document.invoice.id, uow=billing.unit(), sources=billing.sources
        )
        assert isinstance(outcome, Done), outcome
        proof = export_proof(
            billing.caller, document.invoice.id, uow=billing.unit(), sources=billing.sources
        )
        assert isinstance(proof, Done), proof
        proven = verify_bundle(proof.value)
        assert isinstance(proven, Done), proven


def _reaches(billing: Billing) -> list[RecordedReach]:
    with billing.unit() as uow:
        return [reach for _, reach in uow.reaches.page(before=None, limit=100)]


def test_a_void_after_the_invoice_is_credited(billing: Billing) -> None:
    """A void leaves no event behind; the fact that it reaches January explains the credit note."""
    billing.record([CPU_12H, CPU_2H])
    january = _bill(billing)
    assert amounts(january[1].invoice)["cpu"] == "0.62"
    billing.record([void(billing.log.events[0], position=0)])
    february = _next_month(billing)
    assert _for_january(february) == {"credit_note cpu": Decimal("-0.57")}
    _verify(billing, *january, *february)
    (reach,) = _reaches(billing)
    assert (reach.reach.kind, reach.reach.meter, reach.account) == ("corrected", CPU.key, "acme")
    assert reach.reach.position == billing.log.events[-1].position
    assert _for_january(_next_month(billing)) == {}


def test_everything_voided_is_credited_whole(billing: Billing) -> None:
    """A group that came to nothing by voids alone is given back; it has no event to say so."""
    billing.record([call(n, "2026-01-20T00:00:00Z") for n in range(1, 12)])
    january = _bill(billing)
    assert amounts(january[1].invoice)["calls (region eu)"] == "1.00"
    billing.record([void(one, position=0) for one in billing.log.events])
    february = _next_month(billing)
    assert _for_january(february)["credit_note calls"] == Decimal("-1.00")
    _verify(billing, *january, *february)


def test_an_amendment_for_more_is_charged_on_the_next_document(billing: Billing) -> None:
    """January's event is mended in February; the difference stands on February's document."""
    billing.record([CPU_2H])
    january = _bill(billing)
    assert amounts(january[1].invoice)["cpu"] == "0.05"
    mended = cpu(9, "2026-01-11T00:00:00Z", "43200")
    billing.record([amend(billing.log.events[0], mended, position=0)])
    february = _next_month(billing)
    assert _for_january(february) == {"invoice cpu": Decimal("0.49")}
    _verify(billing, *january, *february)


def test_an_event_moved_to_another_month_is_credited_there_and_charged_here(
    billing: Billing,
) -> None:
    """An amendment of the time takes from one period and gives to another."""
    billing.record([CPU_12H])
    january = _bill(billing)
    moved = cpu(9, "2026-02-05T00:00:00Z", "43200")
    billing.record([amend(billing.log.events[0], moved, position=0)])
    february = _next_month(billing)
    assert _for_january(february) == {"credit_note cpu": Decimal("-0.54")}
    (invoice,) = (one for one in february if one.invoice.document_type is DocumentType.INVOICE)
    assert amounts(invoice.invoice)["cpu"] == "0.54"
    _verify(billing, *january, *february)


def test_a_backfill_is_charged_when_closed_and_credited_when_reverted(billing: Billing) -> None:
    """Events that lay in the log before January was billed count by the close, not before."""
    first = billing.store.projection.max_position() + 1
    held = msgspec.structs.replace(CPU_12H, type=held_type(first, "cpu"))
    billing.record([fact(OPENED, "june", position=0), held])
    january = _bill(billing)
    assert amounts(january[1].invoice)["cpu"] == "0.00"
    billing.record([fact(CLOSED, "june", position=0, number=first)])
    february = _next_month(billing)
    assert _for_january(february) == {"invoice cpu": Decimal("0.54")}
    billing.record([fact(REVERTED, "june", position=0, number=first)])
    march = _next_month(billing)
    assert sum(_for_january(march).values()) == Decimal("-0.54")
    _verify(billing, *january, *february, *march)
    assert [one.reach.kind for one in _reaches(billing)] == ["backfill", "backfill"]


def _previewed(billing: Billing, number: int, state: BackfillState) -> list[tuple[str, str, str]]:
    backfill = Backfill(
        name="june",
        number=number,
        state=state,
        events=1,
        reason="",
        opened_at=JANUARY.start,
        changed_at=JANUARY.start,
    )
    january = QuantityChange(
        account=AccountKey("acme"),
        meter="cpu",
        unit="second",
        start=JANUARY.start,
        end=JANUARY.end,
        before="0",
        after="43200",
    )
    preview = BackfillPreview(backfill=backfill, changes=(january,), complete=True)
    found = preview_correction(preview, uow=billing.unit(), sources=billing.sources)
    return [(one.price, one.before, one.after) for one in found]


def test_the_preview_of_a_backfill_tells_the_money(billing: Billing) -> None:
    """What is said of a billed line is what the close then bills, and a revert would give back."""
    first = billing.store.projection.max_position() + 1
    held = msgspec.structs.replace(CPU_12H, type=held_type(first, "cpu"))
    billing.record([fact(OPENED, "june", position=0), held])
    _bill(billing)
    assert _previewed(billing, first, BackfillState.OPEN) == [("cpu", "0.00", "0.54")]
    billing.record([fact(CLOSED, "june", position=0, number=first)])
    assert _for_january(_next_month(billing)) == {"invoice cpu": Decimal("0.54")}
    assert _previewed(billing, first, BackfillState.CLOSED) == [("cpu", "0.54", "0.00")]


def test_a_late_event_is_a_fact_of_its_own(billing: Billing) -> None:
    """What comes late into a billed month is noted with its owner; what is in time is not."""
    billing.record([CPU_12H])
    _bill(billing)
    assert _reaches(billing) == []
    billing.record([CPU_2H, cpu(3, "2026-02-11T00:00:00Z", "7200")])
    _next_month(billing)
    (reach,) = _reaches(billing)
    assert (reach.reach.kind, reach.account) == ("late", "acme")
    assert (reach.reach.start, reach.reach.position) == (
        CPU_2H.used_at,
        billing.log.events[1].position,
    )
