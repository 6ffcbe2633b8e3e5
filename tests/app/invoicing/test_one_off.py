"""What is sold once, its notes and its journal; receivables that are given up."""

from dataclasses import replace

import msgspec
import pytest

from tallystick.app.invoicing import (
    BillOneOff,
    CreditInvoice,
    VoidInvoice,
    WriteOff,
    WrittenOff,
    bill_one_off,
    export_proof,
    list_invoices,
    write_off,
)
from tallystick.invoicing import (
    CreditedLine,
    CreditKind,
    Disposition,
    Invoice,
    Purpose,
    SoldLine,
    Status,
    document_of,
    read_proof,
    verify_bundle,
    write_proof,
)
from tallystick.kernel import AccountKey, Done, InvoiceId, Outcome, Refused, instant
from tests.app.invoicing.billing import FEBRUARY_2, Billing
from tests.app.invoicing.test_commands import codes
from tests.app.invoicing.test_notes import credit, goodwill, january, owed, proven, try_void, void
from tests.app.invoicing.test_taxed_billing import HOME, JANUARY, declare, move

SETUP = SoldLine(
    code="setup", description="Setup, in hours", unit_price="75.00", quantity="1.5", unit="hour"
)
TRAINING = SoldLine(code="training", description="Training", unit_price="49.905")
ORDER = BillOneOff(
    account=AccountKey("acme"), legal_entity="main", lines=(SETUP, TRAINING), reason="PO 12"
)
PIECE = CreditInvoice(invoice=InvoiceId(""), kind=CreditKind.CORRECTION, reason="not delivered")


@pytest.fixture
def taxed(billing: Billing) -> Billing:
    """Lend a workspace whose legal entity collects taxes from a buyer in Germany."""
    declare(billing, HOME)
    move(billing, country="DE")
    return billing


def try_sell(billing: Billing, order: BillOneOff, *, key: str | None = None) -> Outcome[Invoice]:
    """Sell something once, or tell why not."""
    caller = replace(billing.caller, idempotency_key=key)
    return bill_one_off(order, caller=caller, uow=billing.unit(), sources=billing.sources)


def sell(billing: Billing, order: BillOneOff = ORDER, *, key: str | None = None) -> Invoice:
    """Sell something once; it must not be refused."""
    outcome = try_sell(billing, order, key=key)
    assert isinstance(outcome, Done), outcome
    return outcome.value


def give_up(billing: Billing, invoice: InvoiceId) -> Outcome[WrittenOff]:
    """Write a document off, or tell why not."""
    return write_off(
        WriteOff(invoice=invoice, reason="insolvent"),
        caller=billing.caller,
        uow=billing.unit(),
        clock=billing.clock,
    )


def balances(billing: Billing) -> dict[str, int]:
    """Return what stands on each chart account, in minor units."""
    with billing.unit() as uow:
        found = uow.journal.balances(as_of=billing.clock.now())
    return {account: money.minor for (account, *_), money in found.items() if money.minor}


def status_of(billing: Billing, invoice: InvoiceId) -> Status:
    """Return the status of a document in the list."""
    listed = list_invoices(billing.caller, uow=billing.unit())
    assert isinstance(listed, Done)
    (found,) = (one for one in listed.value if one.id == invoice)
    return found.status


def test_sold_once(taxed: Billing) -> None:
    """Each line is priced by the unit and settled once; taxed by the day of issue, and earned."""
    told = sell(taxed, replace(ORDER, dry_run=True))
    assert told.number is None
    sold = sell(taxed)
    assert [str(line.money) for line in sold.lines] == ["112.50 USD", "49.91 USD"]
    assert (str(sold.net), str(sold.tax), sold.number) == (
        "162.41 USD", "30.86 USD", "INV-2026-000001",
    )  # fmt: skip
    assert (sold.purpose, sold.reason, sold.lines) == (Purpose.ONE_OFF, "PO 12", told.lines)
    assert balances(taxed) == {
        "receivable:acme": 19327,
        "revenue:setup": -11250,
        "revenue:training": -4991,
        "tax:VAT:DE": -3086,
    }
    proven(taxed, [sold])


def test_the_same_sale_twice_is_two(taxed: Billing) -> None:
    """Two orders are two documents; one order sent twice under a key is one (guarantee 8)."""
    first, again = sell(taxed, key="o1"), sell(taxed, key="o1")
    second = sell(taxed)
    assert first == again
    assert (first.id != second.id, second.number) == (True, "INV-2026-000002")


def test_income_of_a_service_that_runs_waits(taxed: Billing) -> None:
    """A service over the next months is earned over its days."""
    sold = sell(
        taxed,
        replace(
            ORDER,
            lines=(replace_line(TRAINING, unit_price="59.00"),),
            start=instant("2026-02-01T00:00:00Z"),
            end=instant("2026-04-01T00:00:00Z"),
        ),
    )
    assert balances(taxed)["deferred_revenue:training"] == -5900
    taken = goodwill(taxed, sold.id, "59.00")
    assert balances(taxed) == {}
    proven(taxed, [sold, taken])


def replace_line(line: SoldLine, *, unit_price: str) -> SoldLine:
    """Return a line at another price."""
    return SoldLine(code=line.code, description=line.description, unit_price=unit_price)


def test_notes_on_a_sale(taxed: Billing) -> None:
    """A sale is credited like any document, and voided for good: nothing bills it by itself."""
    taxed.record(JANUARY)
    taxed.run(through=FEBRUARY_2)
    before = owed(taxed)
    sold = sell(taxed)
    note = goodwill(taxed, sold.id, "12.41")
    rebill = VoidInvoice(invoice=sold.id, disposition=Disposition.REBILL, reason="x")
    assert codes(try_void(taxed, rebill)) == ["nothing_to_rebill"]
    voided = void(taxed, sold.id, Disposition.WAIVE)
    assert str(voided.note.net) == "-150.00 USD"
    assert owed(taxed) == before
    assert status_of(taxed, sold.id) is Status.VOID
    assert taxed.run(through=FEBRUARY_2).issued == ()
    proven(taxed, [sold, note, voided.note])


def test_pieces_without_a_unit_are_given_back_one_by_one(taxed: Billing) -> None:
    """Of 3 pieces for 10.00, 3.33, 3.34 and 3.33 go back: together all of it, and no fourth one."""
    three = SoldLine(code="c", description="C", unit_price="3.3333333", quantity="3")
    sold = sell(taxed, replace(ORDER, lines=(three,)))
    (line,) = sold.lines
    assert str(line.money) == "10.00 USD"
    piece = CreditedLine(line=line.id, quantity="1")
    notes = [goodwill(taxed, sold.id, "", piece) for _ in range(3)]
    assert [str(note.net) for note in notes] == ["-3.33 USD", "-3.34 USD", "-3.33 USD"]
    another = replace(PIECE, invoice=sold.id, lines=(piece,))
    assert codes(credit(taxed, another)) == ["above_what_is_left"]
    proven(taxed, [sold, *notes])


def test_an_amount_off_pieces_without_a_unit_is_no_piece(taxed: Billing) -> None:
    """Goodwill of 1.00 counts none of two pieces: one more is 5.00, and then 4.00 are left."""
    two = SoldLine(code="c", description="C", unit_price="5.00", quantity="2")
    sold = sell(taxed, replace(ORDER, lines=(two,)))
    note = goodwill(taxed, sold.id, "1.00")
    piece = CreditedLine(line=sold.lines[0].id, quantity="1")
    assert str(goodwill(taxed, sold.id, "", piece).net) == "-5.00 USD"
    assert str(note.net) == "-1.00 USD"
    another = replace(PIECE, invoice=sold.id, lines=(piece,))
    assert codes(credit(taxed, another)) == ["above_what_is_left"]


def test_what_cannot_be_sold(taxed: Billing) -> None:
    """An order that cannot be fulfilled is refused with all that is wrong."""
    for order, found in (
        (replace(ORDER, lines=()), ["malformed"]),
        (replace(ORDER, lines=(SETUP, SETUP)), ["malformed"]),
        (replace(ORDER, lines=(replace_line(SETUP, unit_price="-1"),)), ["wrong_amount"]),
        (replace(ORDER, account=AccountKey("nobody")), ["unknown_account"]),
        (replace(ORDER, legal_entity="nobody"), ["unknown_legal_entity"]),
        (replace(ORDER, start=FEBRUARY_2, end=FEBRUARY_2), ["malformed"]),
    ):
        assert codes(try_sell(taxed, order)) == found


def test_a_forged_sale_is_found(taxed: Billing) -> None:
    """A proof whose document says another price than its order is refused."""
    sold = sell(taxed)
    outcome = verify_bundle(forged(taxed, sold))
    assert isinstance(outcome, Refused)


def forged(billing: Billing, sold: Invoice) -> bytes:
    """Return the proof of a sale with a line taken out of its document."""
    content = export_proof(billing.caller, sold.id, uow=billing.unit(), sources=billing.sources)
    assert isinstance(content, Done)
    proof = read_proof(content.value)
    assert isinstance(proof, Done)
    document = document_of(replace(sold, lines=sold.lines[:1])).decode()
    return write_proof(msgspec.structs.replace(proof.value, document=document, audit=None))


def test_uncollectible(taxed: Billing) -> None:
    """What is left of a document is a loss; it is owed no more, and no note touches it."""
    first = january(taxed)
    goodwill(taxed, first.id, "1.00")
    left = owed(taxed)
    outcome = give_up(taxed, first.id)
    assert isinstance(outcome, Done), outcome
    assert outcome.value.money == "12.54"
    assert owed(taxed) == left - 1254
    assert balances(taxed)["write_off:acme"] == 1254
    assert status_of(taxed, first.id) is Status.UNCOLLECTIBLE
    assert codes(give_up(taxed, first.id)) == ["uncollectible"]
    more = CreditInvoice(invoice=first.id, kind=CreditKind.REFUND, reason="x", amount="1.00")
    assert codes(credit(taxed, more)) == ["uncollectible"]
    assert taxed.run(through=FEBRUARY_2).issued == ()
    proven(taxed, [first])
