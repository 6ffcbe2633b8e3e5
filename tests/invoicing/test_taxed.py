"""Documents with taxes: what lines bear, corrections as wholes, and what a verification finds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallystick.accounts import Account
from tallystick.catalog import TaxCategory, TaxRegistration, TaxRule
from tallystick.invoicing import (
    Basis,
    Claim,
    Invoice,
    PostingFacts,
    as_billed,
    basis_document,
    basis_from_document,
    divide_lines,
    document_of,
    documents_before,
    explain_line,
    explanation_text,
    invoice_from_document,
    journal_for,
    taxed,
    verify_document,
)
from tallystick.kernel import AccountKey, Done, Money, Refused, digest, instant
from tallystick.ledger import Books, entry_problems
from tallystick.metering import Event
from tallystick.pricing import FlatPrice
from tallystick.tax import Buyer, Seller, TaxFacts
from tests.invoicing.world import (
    BASIS,
    ENTITY,
    FEBRUARY,
    PLAN,
    Asked,
    call,
    cpu,
    draft,
    drafted,
    issue,
    the_invoice,
)

FEBRUARY_1, MARCH_1 = date(2026, 2, 1), date(2026, 3, 1)
RULE = TaxRule(key="de", country="DE", rate=Decimal(19), valid_from=date(2021, 1, 1))
FACTS = TaxFacts(
    seller=Seller(
        country="DE",
        registrations=(TaxRegistration(country="DE", tax_id="1", valid_from=date(2021, 1, 1)),),
    ),
    buyer=Buyer(country="DE"),
    zone="Europe/Berlin",
    rules=(RULE,),
)
TAXED = replace(BASIS, tax=FACTS)
INCLUSIVE = replace(BASIS, tax=replace(FACTS, inclusive=True))
USED = [
    cpu(1, "2026-01-10T00:00:00Z", "43200"),
    *[call(position, "2026-01-20T00:00:00Z") for position in range(2, 13)],
]


def claim(invoice: Invoice, basis: Basis, *issued: Invoice) -> Claim:
    """Return what a verification is given, of the documents that were issued before."""
    needed = documents_before(invoice, as_billed(issued))
    return Claim(
        invoice=invoice,
        digest=digest(document_of(invoice)),
        basis=basis,
        basis_digest=digest(basis_document(basis)),
        previous=tuple(one for one in issued if one.id in needed),
    )


def codes(invoice: Invoice, basis: Basis, events: Sequence[Event], *issued: Invoice) -> list[str]:
    """Return what a verification finds."""
    outcome = verify_document(claim(invoice, basis, *issued), events)
    return [one.code for one in outcome.problems] if isinstance(outcome, Refused) else []


def test_tax_on_top_of_prices() -> None:
    """10.00, 0.54 and 1.00 at 19 %: 2.19 on 11.54, to be paid 13.73."""
    invoice = the_invoice(drafted(USED, Asked(basis=TAXED)))
    assert [str(line.money.decimal) for line in invoice.lines] == ["10.00", "0.54", "1.00"]
    assert [str(one.money.decimal) for one in invoice.taxes] == ["2.19"]
    assert [line.taxes[0].money.minor for line in invoice.lines] == [190, 10, 19]
    assert (str(invoice.net), str(invoice.tax), str(invoice.total)) == (
        "11.54 USD", "2.19 USD", "13.73 USD",
    )  # fmt: skip


def test_tax_within_prices() -> None:
    """The same prices holding 19 %: to be paid 11.54, of which 1.84 is tax."""
    invoice = the_invoice(drafted(USED, Asked(basis=INCLUSIVE)))
    assert (str(invoice.net), str(invoice.tax), str(invoice.total)) == (
        "9.70 USD", "1.84 USD", "11.54 USD",
    )  # fmt: skip
    assert sum(line.net.minor for line in invoice.lines) == 970


def test_the_tax_point_decides() -> None:
    """Usage bears the tax of its period's last day, a fee in advance that of the day of issue."""
    raised = replace(RULE, key="raised", rate=Decimal(21), valid_from=FEBRUARY_1)
    until = replace(RULE, valid_until=FEBRUARY_1)
    basis = replace(BASIS, tax=replace(FACTS, rules=(until, raised)))
    invoice = the_invoice(drafted(USED, Asked(basis=basis)))
    rates = {line.key.price: line.taxes[0].applied.rate for line in invoice.lines}
    assert rates == {"base": Decimal(21), "cpu": Decimal(19), "calls": Decimal(19)}


def test_what_no_rule_is_for_is_not_drafted() -> None:
    """A seller that collects taxes and has no rule for a supply drafts nothing."""
    outcome = draft(USED, Asked(basis=replace(BASIS, tax=replace(FACTS, rules=()))))
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "no_tax_rule"


def test_bytes_without_tax_are_those_of_before() -> None:
    """What carries no tax is written without a word about it, basis and document."""
    invoice = the_invoice(drafted(USED))
    assert b"tax" not in document_of(invoice).replace(b"tzdata", b"")
    assert b'"tax"' not in basis_document(BASIS)


@pytest.mark.parametrize("basis", [TAXED, INCLUSIVE])
def test_reads_back_as_written(basis: Basis) -> None:
    """Document and basis give themselves back, and verify."""
    invoice = issue(the_invoice(drafted(USED, Asked(basis=basis))), "INV-1")
    assert invoice_from_document(document_of(invoice)) == Done(invoice)
    assert basis_from_document(basis_document(basis)) == Done(basis)
    assert codes(invoice, basis, USED) == []


def test_a_changed_tax_is_found() -> None:
    """A tax moved from one line to another, or left out, is found; so is a false breakdown."""
    invoice = issue(the_invoice(drafted(USED, Asked(basis=TAXED))), "INV-1")
    first, second, *rest = invoice.lines
    cent = Money(minor=1, currency=invoice.currency)
    moved = [
        replace(line, taxes=(replace(line.taxes[0], money=line.taxes[0].money + part),))
        for line, part in ((first, cent), (second, -cent))
    ]
    forged = replace(invoice, lines=(*moved, *rest))
    assert set(codes(forged, TAXED, USED)) == {"different_tax"}
    without = replace(invoice, lines=tuple(replace(one, taxes=()) for one in invoice.lines))
    assert set(codes(without, TAXED, USED)) == {"different_tax"}
    said = document_of(invoice).replace(b'"net":"11.54"', b'"net":"11.55"')
    outcome = invoice_from_document(said)
    assert isinstance(outcome, Refused)
    assert {one.code for one in outcome.problems} <= {"wrong_tax", "wrong_total"}


def test_an_invented_tax_is_found() -> None:
    """A document that bears a tax where its facts name none is found, with rules or without."""
    taxes = the_invoice(drafted(USED, Asked(basis=TAXED))).lines[0].taxes
    drawn = the_invoice(drafted(USED))
    invoice = issue(
        replace(drawn, lines=tuple(replace(one, taxes=taxes) for one in drawn.lines)), "INV-1"
    )
    assert set(codes(invoice, BASIS, USED)) == {"different_tax"}


def test_a_correction_bears_the_taxes_that_it_bore() -> None:
    """A rate that was raised since does not reach what was charged before."""
    first = issue(the_invoice(drafted(USED, Asked(basis=TAXED, position=12))), "INV-1")
    raised = replace(BASIS, tax=replace(FACTS, rules=(replace(RULE, rate=Decimal(25)),)))
    late = [*USED, cpu(13, "2026-01-31T00:00:00Z", "-7200")]
    asked = Asked(
        period=FEBRUARY, basis=raised, billed=as_billed([first]), position=13, issue_on=MARCH_1
    )
    drafts = drafted(late, asked)
    (note,) = drafts.credit_notes
    assert {one.applied.rate for one in note.taxes} == {Decimal(19)}
    assert {one.applied.rate for one in the_invoice(drafts).taxes} == {Decimal(25)}
    # The whole is now 11.45: 2.1755, so 2.18; 2.19 was issued.
    assert (str(note.net), str(note.tax)) == ("-0.09 USD", "-0.01 USD")


def test_what_was_untaxed_is_corrected_untaxed() -> None:
    """Documents from before taxes were declared are corrected without tax."""
    first = issue(the_invoice(drafted(USED, Asked(position=12))), "INV-1")
    late = [*USED, cpu(13, "2026-01-31T00:00:00Z", "3600")]
    asked = Asked(
        period=FEBRUARY, basis=TAXED, billed=as_billed([first]), position=13, issue_on=MARCH_1
    )
    invoice = the_invoice(drafted(late, asked))
    untaxed = {line.key.price for line in invoice.lines if not line.taxes}
    assert untaxed == {"cpu"} & {line.key.price for line in invoice.lines}
    assert invoice_from_document(document_of(invoice)) == Done(invoice)


def test_an_invoice_and_a_credit_note_share_a_whole() -> None:
    """One document is corrected up and down at once: both together come to the whole's tax."""
    first = issue(the_invoice(drafted(USED, Asked(basis=TAXED, position=12))), "INV-1")
    late = [
        *USED,
        cpu(13, "2026-01-31T00:00:00Z", "-7200"),
        *[call(position, "2026-01-31T00:00:00Z") for position in range(14, 24)],
    ]
    asked = Asked(
        period=FEBRUARY, basis=TAXED, billed=as_billed([first]), position=23, issue_on=MARCH_1
    )
    drafts = drafted(late, asked)
    invoice = issue(the_invoice(drafts), "INV-2", MARCH_1)
    (drawn,) = drafts.credit_notes
    note = issue(drawn, "CN-1", MARCH_1)
    of_january = [
        one.money.minor
        for document in (first, invoice, note)
        for line in document.lines
        if line.key.period.start < FEBRUARY.start or document is first
        for one in line.taxes
    ]
    # 11.54 + 0.50 - 0.09 = 11.95 at 19 %: 2.2705
    assert sum(of_january) == 227
    assert codes(invoice, TAXED, late, first) == []
    assert codes(note, TAXED, late, first, invoice) == []


def test_a_line_tells_its_part_of_the_tax() -> None:
    """The tree of a line shows its tax, and the whole of which that is a part."""
    invoice = the_invoice(drafted(USED, Asked(basis=TAXED)))
    explained = explain_line(invoice, TAXED, invoice.lines[1])
    told = "VAT DE 19 % (S): 0.10 on 0.54, of 2.19 on 11.54 in the document"
    assert told in explanation_text(explained)
    plain_line = the_invoice(drafted(USED)).lines[1]
    assert "tax" not in explanation_text(
        explain_line(the_invoice(drafted(USED)), BASIS, plain_line)
    )


def test_the_journal_balances() -> None:
    """Each tax goes to an account of its own; revenue is net."""
    books = Books(key=ENTITY.key, zone=ENTITY.zone)
    for basis, income in ((TAXED, "-0.54 USD"), (INCLUSIVE, "-0.45 USD")):
        invoice = issue(the_invoice(drafted(USED, Asked(basis=basis))), "INV-1")
        payer = Account(
            key=AccountKey("acme"), name="Acme", zone="UTC", currency="USD", invoiced=True
        )
        at = instant("2026-02-02T00:00:00Z")
        facts = PostingFacts(effective_at=at, books=books, payer=payer)
        entry = journal_for(invoice, facts, divisions=divide_lines(invoice, facts))
        assert entry is not None
        assert entry_problems(entry) == ()
        moved = {leg.account: str(leg.money) for leg in entry.postings}
        assert moved["receivable:acme"] == str(invoice.total)
        assert moved["tax:VAT:DE"] == str(-invoice.tax)
        assert moved["revenue:cpu"] == income


def test_a_draft_taxed_for_another_day() -> None:
    """Taxes are found again for the day of issue; they change where the rate does."""
    drawn = the_invoice(drafted(USED, Asked(basis=TAXED)))
    same = taxed(drawn, TAXED, billed=(), on=date(2026, 2, 3))
    assert isinstance(same, Done)
    assert same.value == replace(drawn, taxed_on=date(2026, 2, 3))


def test_categories_are_kept() -> None:
    """A line that bears nothing still names its category and reason."""
    exempt = replace(RULE, rate=Decimal(0), category=TaxCategory.EXEMPT, reason="Art. 132")
    basis = replace(BASIS, tax=replace(FACTS, rules=(exempt,)))
    invoice = the_invoice(drafted(USED, Asked(basis=basis)))
    (whole,) = invoice.taxes
    assert (whole.applied.category, whole.applied.reason) == (TaxCategory.EXEMPT, "Art. 132")
    assert (str(whole.net), str(whole.money)) == ("11.54 USD", "0.00 USD")


@settings(max_examples=25)
@given(seconds=st.lists(st.integers(1, 30000), min_size=1, max_size=4), inclusive=st.booleans())
def test_late_usage_comes_to_the_same(seconds: list[int], *, inclusive: bool) -> None:
    """Usage that comes late, a month after the other, bears what it would have borne in time."""
    basis = INCLUSIVE if inclusive else TAXED
    basis = replace(
        basis,
        plan=replace(
            PLAN, prices=tuple(one for one in PLAN.prices if not isinstance(one.model, FlatPrice))
        ),
    )
    late = [
        cpu(13 + number, "2026-01-31T00:00:00Z", str(part * 97))
        for number, part in enumerate(seconds)
    ]
    first = issue(the_invoice(drafted(USED, Asked(basis=basis, position=12))), "INV-1")
    asked = Asked(
        period=FEBRUARY, basis=basis, billed=as_billed([first]), position=99, issue_on=MARCH_1
    )
    second = the_invoice(drafted([*USED, *late], asked))
    in_time = the_invoice(drafted([*USED, *late], Asked(basis=basis)))
    assert first.tax + second.tax == in_time.tax
    assert first.total + second.total == in_time.total
