"""Posting: what an issued document moves in the journal."""

from dataclasses import replace

import pytest

from tallystick.invoicing import journal_for
from tallystick.kernel import InvariantBroken, instant
from tallystick.ledger import Books, entry_problems
from tests.invoicing.world import ENTITY, Asked, cpu, drafted, issue, the_invoice, with_contract

AT = instant("2026-02-02T00:00:00Z")
BOOKS = Books(key=ENTITY.key, zone=ENTITY.zone)
USED = [cpu(1, "2026-01-10T00:00:00Z", "43200")]


def test_advance_is_deferred() -> None:
    """A fee for a time not over waits as deferred revenue; once it is over it is earned."""
    invoice = issue(the_invoice(drafted(USED)), "INV-1")
    for at, income in (
        (AT, "deferred_revenue:base"),
        (instant("2026-03-01T00:00:00Z"), "revenue:base"),
    ):
        entry = journal_for(invoice, effective_at=at, books=BOOKS)
        assert entry is not None
        assert entry_problems(entry) == ()
        assert {leg.account: str(leg.money) for leg in entry.postings} == {
            "receivable:acme": "10.54 USD",
            income: "-10.00 USD",
            "revenue:cpu": "-0.54 USD",
        }


def test_nothing_moves_nothing() -> None:
    """A document of zeros has no entry; a draft is not posted."""
    invoice = the_invoice(drafted([], Asked(basis=with_contract(end=AT.replace(day=1)))))
    assert journal_for(issue(invoice, "INV-1"), effective_at=AT, books=BOOKS) is None
    with pytest.raises(InvariantBroken):
        journal_for(replace(invoice, number=None), effective_at=AT, books=BOOKS)
