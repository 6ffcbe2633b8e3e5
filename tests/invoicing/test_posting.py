"""Posting: what an issued document moves in the journal."""

from dataclasses import replace
from datetime import datetime

import pytest

from tallystick.accounts import Account
from tallystick.invoicing import (
    Deferral,
    Invoice,
    PostingFacts,
    deferrals_of,
    divide_lines,
    journal_for,
)
from tallystick.kernel import AccountKey, InvariantBroken, instant
from tallystick.ledger import Books, Entry, entry_problems
from tests.invoicing.world import ENTITY, Asked, cpu, drafted, issue, the_invoice, with_contract

AT = instant("2026-02-02T00:00:00Z")
MARCH = instant("2026-03-01T00:00:00Z")
BOOKS = Books(key=ENTITY.key, zone=ENTITY.zone)
USED = [cpu(1, "2026-01-10T00:00:00Z", "43200")]


def facts(at: datetime = AT, *deferred: Deferral) -> PostingFacts:
    """Return what posting rests on."""
    payer = Account(key=AccountKey("acme"), name="Acme", zone="UTC", currency="USD", invoiced=True)
    return PostingFacts(effective_at=at, books=BOOKS, payer=payer, deferred=deferred)


def posted(invoice: Invoice, rests_on: PostingFacts) -> Entry | None:
    """Return the entry of a document."""
    return journal_for(invoice, rests_on, divisions=divide_lines(invoice, rests_on))


def moved(entry: Entry | None) -> dict[str, str]:
    """Return what an entry moves, which must balance."""
    assert entry is not None
    assert entry_problems(entry) == ()
    return {leg.account: str(leg.money) for leg in entry.postings}


def test_advance_is_deferred() -> None:
    """A fee for a time not over waits as deferred revenue; once it is over it is earned."""
    invoice = issue(the_invoice(drafted(USED)), "INV-1")
    for at, income in ((AT, "deferred_revenue:base"), (MARCH, "revenue:base")):
        assert moved(posted(invoice, facts(at))) == {
            "receivable:acme": "10.54 USD",
            income: "-10.00 USD",
            "revenue:cpu": "-0.54 USD",
        }


def test_what_waits_is_noted_by_month() -> None:
    """February's fee waits for February; the line's key says of which service."""
    invoice = issue(the_invoice(drafted(USED)), "INV-1")
    (deferral,) = deferrals_of(invoice, divide_lines(invoice, facts()))
    assert (deferral.key.price, str(deferral.month), str(deferral.money)) == (
        "base",
        "2026-02",
        "10.00 USD",
    )


def test_a_credit_takes_what_waits_first() -> None:
    """Of 10.00 credited on a fee of which 4.00 wait, 6.00 of what was earned are undone."""
    invoice = issue(the_invoice(drafted(USED)), "INV-1")
    (waiting,) = deferrals_of(invoice, divide_lines(invoice, facts()))
    fee = next(line for line in invoice.lines if line.key.price == "base")
    note = replace(invoice, lines=(replace(fee, money=-fee.money),))
    left = replace(waiting, money=replace(waiting.money, minor=400))
    assert moved(posted(note, facts(AT, left))) == {
        "receivable:acme": "-10.00 USD",
        "deferred_revenue:base": "4.00 USD",
        "revenue:base": "6.00 USD",
    }


def test_nothing_moves_nothing() -> None:
    """A document of zeros has no entry; neither a draft nor another entity's is posted."""
    invoice = issue(
        the_invoice(drafted([], Asked(basis=with_contract(end=AT.replace(day=1))))), "INV-1"
    )
    assert posted(invoice, facts()) is None
    for wrong in (replace(invoice, number=None), replace(invoice, legal_entity="other")):
        with pytest.raises(InvariantBroken):
            posted(wrong, facts())
