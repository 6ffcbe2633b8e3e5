"""What becomes of issued documents: voids with their dispositions, credit notes of each kind."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from tallystick.app.invoicing import (
    CreditInvoice,
    Voided,
    VoidInvoice,
    credit_invoice,
    export_proof,
    verify_invoice,
    void_invoice,
)
from tallystick.invoicing import (
    CreditedLine,
    CreditKind,
    Disposition,
    DocumentType,
    Invoice,
    Purpose,
    verify_bundle,
)
from tallystick.kernel import Done, InvoiceId, Outcome
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing
from tests.app.invoicing.test_commands import codes
from tests.app.invoicing.test_taxed_billing import HOME, JANUARY, declare, move
from tests.invoicing.world import call, cpu


def void(
    billing: Billing,
    invoice: InvoiceId,
    disposition: Disposition = Disposition.REBILL,
    *,
    regenerate: bool = False,
    key: str | None = None,
) -> Voided:
    """Void a document; it must not be refused."""
    outcome = try_void(
        billing,
        VoidInvoice(
            invoice=invoice, disposition=disposition, reason="wrong", regenerate=regenerate
        ),
        key=key,
    )
    assert isinstance(outcome, Done), outcome
    return outcome.value


def try_void(billing: Billing, command: VoidInvoice, *, key: str | None = None) -> Outcome[Voided]:
    """Void a document, or tell why not."""
    caller = replace(billing.caller, idempotency_key=key)
    return void_invoice(command, caller=caller, uow=billing.unit(), sources=billing.sources)


def credit(billing: Billing, command: CreditInvoice) -> Outcome[Invoice]:
    """Give back a part of a document, or tell why not."""
    return credit_invoice(
        command,
        caller=billing.caller,
        uow=billing.unit(),
        clock=billing.clock,
        writer=billing.sources.writer,
    )


def goodwill(
    billing: Billing, invoice: InvoiceId, amount: str = "", *lines: CreditedLine
) -> Invoice:
    """Give back a part of a document out of goodwill; it must not be refused."""
    outcome = credit(
        billing,
        CreditInvoice(
            invoice=invoice,
            kind=CreditKind.GOODWILL,
            reason="a slow week",
            amount=amount,
            lines=lines,
        ),
    )
    assert isinstance(outcome, Done), outcome
    return outcome.value


def proven(billing: Billing, documents: Iterable[Invoice]) -> None:
    """See that each document verifies, from the log and from its proof."""
    for document in documents:
        found = verify_invoice(
            billing.caller, document.id, uow=billing.unit(), sources=billing.sources
        )
        assert isinstance(found, Done), found
        proof = export_proof(
            billing.caller, document.id, uow=billing.unit(), sources=billing.sources
        )
        assert isinstance(proof, Done), proof
        verdict = verify_bundle(proof.value)
        assert isinstance(verdict, Done), verdict


def owed(billing: Billing) -> int:
    """Return what the payer owes by the journal, in minor units."""
    with billing.unit() as uow:
        balances = uow.journal.balances(as_of=billing.clock.now())
    return sum(
        money.minor for (account, *_), money in balances.items() if account == "receivable:acme"
    )


@pytest.fixture
def taxed(billing: Billing) -> Billing:
    """Lend a workspace whose legal entity collects taxes from a buyer in Germany."""
    declare(billing, HOME)
    move(billing, country="DE")
    return billing


def january(billing: Billing) -> Invoice:
    """Bill January, and return its document."""
    billing.record(JANUARY)
    _, period = billing.documents(billing.run(through=FEBRUARY_2))
    return period.invoice


def test_void_gives_all_back_and_the_next_run_bills_anew(taxed: Billing) -> None:
    """A document voided to be rebilled is due again, once, and names the one that it replaces."""
    first = january(taxed)
    before = owed(taxed)
    voided = void(taxed, first.id)
    assert voided.note.document_type is DocumentType.CREDIT_NOTE
    assert (voided.note.total, voided.note.number) == (-first.total, "INV-CN-2026-000001")
    assert owed(taxed) == before - first.total.minor
    (again,) = [one.invoice for one in taxed.documents(taxed.run(through=FEBRUARY_2))]
    assert (again.purpose, again.revision, again.total) == (Purpose.PERIOD, 1, first.total)
    assert again.replaces is not None
    assert again.replaces.invoice == first.id
    assert owed(taxed) == before
    assert taxed.run(through=FEBRUARY_2).issued == ()
    proven(taxed, [first, voided.note, again])


def test_regenerated_at_once_is_what_the_difference_would_be(taxed: Billing) -> None:
    """Void and regenerate come to the same as a correction by difference, late usage included."""
    first = january(taxed)
    taxed.record([cpu(20, "2026-01-30T00:00:00Z", "3600")])
    asked = VoidInvoice(
        invoice=first.id,
        disposition=Disposition.REBILL,
        reason="a wrong address",
        regenerate=True,
        dry_run=True,
    )
    told = try_void(taxed, asked)
    assert isinstance(told, Done), told
    voided = try_void(taxed, replace(asked, dry_run=False))
    assert isinstance(voided, Done), voided
    (anew,) = voided.value.anew
    assert [line.exact for line in anew.lines] == [line.exact for line in told.value.anew[0].lines]
    assert told.value.note.total == voided.value.note.total == -first.total
    assert (anew.net - first.net).minor == 4
    assert anew.replaces is not None
    taxed.clock.forward(days=28)
    later = [one.invoice for one in taxed.documents(taxed.run(through=MARCH_2))]
    assert [one.purpose for one in later] == [Purpose.PERIOD]
    assert all(line.settled_before.minor == 0 for line in later[0].lines)
    proven(taxed, [first, voided.value.note, anew, *later])


def test_waived_is_never_billed_again(taxed: Billing) -> None:
    """What was waived stays at nothing, late usage of the same price and period included."""
    first = january(taxed)
    voided = void(taxed, first.id, Disposition.WAIVE)
    taxed.record([cpu(20, "2026-01-30T00:00:00Z", "7200"), call(21, "2026-01-30T00:00:00Z", "us")])
    assert taxed.run(through=FEBRUARY_2).issued == ()
    taxed.clock.forward(days=28)
    later = [one.invoice for one in taxed.documents(taxed.run(through=MARCH_2))]
    assert {line.key.period.start.month for one in later for line in one.lines} == {2, 3}
    proven(taxed, [first, voided.note, *later])


def test_a_wrong_rate_is_mended(taxed: Billing) -> None:
    """What is billed anew bears the taxes that are declared now, not those that it bore."""
    first = january(taxed)
    declare(taxed, replace(HOME, rate=Decimal(7)))
    voided = void(taxed, first.id, regenerate=True)
    assert (str(voided.note.tax), str(voided.anew[0].tax)) == ("-2.19 USD", "0.81 USD")
    taxed.record([cpu(20, "2026-01-30T00:00:00Z", "-7200")])
    taxed.clock.forward(days=28)
    later = [one.invoice for one in taxed.documents(taxed.run(through=MARCH_2))]
    (note,) = (one for one in later if one.document_type is DocumentType.CREDIT_NOTE)
    assert note.reference is not None
    assert note.reference.invoice == voided.anew[0].id
    assert {one.applied.rate for one in note.taxes} == {Decimal(7)}
    proven(taxed, [first, voided.note, *voided.anew, *later])


def test_an_adjustment_is_voided_with_its_document(taxed: Billing) -> None:
    """Only what a document itself charged is given back, and due again in its place."""
    first = january(taxed)
    taxed.record([cpu(20, "2026-01-30T00:00:00Z", "7200")])
    taxed.clock.forward(days=28)
    (second,) = [one.invoice for one in taxed.documents(taxed.run(through=MARCH_2))]
    voided = void(taxed, second.id)
    assert voided.note.total == -second.total
    third = void(taxed, first.id)
    assert third.note.total == -first.total
    again = [one.invoice for one in taxed.documents(taxed.run(through=MARCH_2))]
    assert sum(one.net.minor for one in again) == first.net.minor + second.net.minor
    assert taxed.run(through=MARCH_2).issued == ()
    proven(taxed, [first, second, voided.note, third.note, *again])


def test_goodwill_is_not_billed_again_and_not_given_back_twice(taxed: Billing) -> None:
    """A credit changes what is owed and not what was settled; a void gives back what is left."""
    first = january(taxed)
    note = goodwill(taxed, first.id, "4.00")
    assert (str(note.net), note.credit_kind) == ("-4.00 USD", CreditKind.GOODWILL)
    assert taxed.run(through=FEBRUARY_2).issued == ()
    voided = void(taxed, first.id, regenerate=True)
    assert voided.note.net.minor == 400 - first.net.minor
    assert voided.anew[0].net.minor == first.net.minor - 400
    every = [first, note, voided.note, *voided.anew]
    assert sum(one.total.minor for one in every) == first.total.minor + note.total.minor
    proven(taxed, every)


def test_no_correction_gives_back_more_than_was_charged(taxed: Billing) -> None:
    """What was given back by hand is not given back again by a run: the account is parked."""
    first = january(taxed)
    goodwill(taxed, first.id)
    taxed.record([cpu(20, "2026-01-30T00:00:00Z", "-7200")])
    taxed.clock.forward(days=28)
    report = taxed.run(through=MARCH_2)
    assert report.issued == ()
    assert [problem.code for _, problem in report.parked] == ["repair_above_line"]
    # Usage that comes to as much as was charged explains itself, and the account is billed again.
    taxed.record([cpu(21, "2026-01-30T00:00:00Z", "7200")])
    report = taxed.run(through=MARCH_2)
    assert report.parked == ()
    assert len(report.issued) == 1


def test_by_quantity(taxed: Billing) -> None:
    """A quantity is given back at the line's own price, and the last part takes the odd cent."""
    first = january(taxed)
    (line,) = (one for one in first.lines if one.key.price == "cpu")
    parts = [
        goodwill(taxed, first.id, "", CreditedLine(line=line.id, quantity="4")) for _ in range(3)
    ]
    assert [one.net.minor for one in parts] == [-18, -18, -18]
    assert line.money.minor == 54
    more = CreditInvoice(
        invoice=first.id,
        kind=CreditKind.REFUND,
        reason="again",
        lines=(CreditedLine(line=line.id, quantity="0.5"),),
    )
    assert codes(credit(taxed, more)) == ["above_what_is_left"]
    assert codes(credit(taxed, replace(more, lines=(CreditedLine(line=line.id),)))) == [
        "nothing_left"
    ]
    proven(taxed, parts)


def test_refused(taxed: Billing) -> None:
    """What cannot be given back is refused with its reason, and nothing is issued."""
    first = january(taxed)
    fine = CreditInvoice(invoice=first.id, kind=CreditKind.DISPUTE, reason="x", amount="1.00")
    for change, code in (
        ({"amount": "11.55"}, "above_what_is_left"),
        ({"amount": "1.005"}, "wrong_amount"),
        ({"amount": "-1"}, "wrong_amount"),
        ({"reason": " "}, "wrong_reason"),
        ({"invoice": InvoiceId("inv_none")}, "unknown_invoice"),
        ({"lines": (CreditedLine(line="line_none"),), "amount": ""}, "unknown_line"),
    ):
        assert codes(credit(taxed, replace(fine, **change))) == [code]
    waived = VoidInvoice(
        invoice=first.id, disposition=Disposition.WAIVE, reason="x", regenerate=True
    )
    assert codes(try_void(taxed, waived)) == ["nothing_to_regenerate"]
    void(taxed, first.id)
    assert codes(credit(taxed, fine)) == ["already_voided"]
    assert codes(try_void(taxed, replace(waived, regenerate=False))) == ["already_voided"]


def test_the_same_command_twice(billing: Billing) -> None:
    """Guarantee 8: a void sent twice under one key takes back once, with one answer."""
    billing.record(JANUARY)
    _, first = billing.run(through=FEBRUARY_2).issued
    once, twice = (void(billing, first, regenerate=True, key="v1") for _ in range(2))
    assert once == twice


def test_notes_at_once_never_give_back_too_much(taxed: Billing) -> None:
    """CN-060: of many notes ordered at once those are issued for which something is left."""
    first = january(taxed)
    order = CreditInvoice(
        invoice=first.id, kind=CreditKind.GOODWILL, reason="at once", amount="3.33"
    )
    with ThreadPoolExecutor(6) as threads:
        outcomes = list(threads.map(lambda _: credit(taxed, order), range(6)))
    notes = [one.value for one in outcomes if isinstance(one, Done)]
    assert [code for one in outcomes for code in codes(one)] == ["above_what_is_left"] * 3
    rest = goodwill(taxed, first.id)
    assert sum(one.total.minor for one in (*notes, rest)) == -first.total.minor
    assert {one.number for one in notes} == {f"INV-CN-2026-00000{n}" for n in (1, 2, 3)}
    assert owed(taxed) == 1190
    proven(taxed, [*notes, rest])


def test_a_void_and_a_run_at_once(taxed: Billing) -> None:
    """A void that bills anew beside a run bills what it took back once."""
    first = january(taxed)
    taxed.record([cpu(20, "2026-01-30T00:00:00Z", "3600")])
    with ThreadPoolExecutor(2) as threads:
        run = threads.submit(taxed.try_run, through=FEBRUARY_2)
        voided = threads.submit(void, taxed, first.id, regenerate=True)
        assert isinstance(run.result(), Done)
    taxed.run(through=FEBRUARY_2)
    assert taxed.run(through=FEBRUARY_2).issued == ()
    assert owed(taxed) == 1190 + 1378
    proven(taxed, [first, voided.result().note, *voided.result().anew])
