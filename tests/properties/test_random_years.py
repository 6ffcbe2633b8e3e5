"""Random years, billed run by run: each line and tax agrees to the cent with a naive model."""

from datetime import datetime

import pytest
from hypothesis import given, settings

from tallystick.invoicing import Invoice
from tests.invoicing.contract import give_back as give_back_of
from tests.invoicing.contract import take_back as void_invoice
from tests.naive import facts as naive
from tests.naive.invoices import (
    Books,
    Paper,
    ParkedError,
    bill,
    give_back,
    left,
    look,
    take_back,
)
from tests.naive.pieces import Key
from tests.naive.taxes import Taxes
from tests.profiles import PROFILE
from tests.properties.told import Told, told
from tests.properties.years import run_instants, years

YEARS = {"dev": 10, "ci": 25, "nightly": 1_000}


@settings(max_examples=YEARS[PROFILE])
@given(years())
def test_every_invoice_is_that_of_the_naive_model(year: naive.Year) -> None:
    """Whatever changes, is used late, amended, taken back or taxed: runs issue the model's."""
    check(year)


def check(year: naive.Year) -> None:
    """Bill a year run by run, and see that each document is that of the naive model."""
    both = _Both(year)
    for run, at in enumerate(run_instants(year)):
        try:
            both.bill(run, at)
        except ParkedError:
            return
        for void in year.voids:
            if void.run == run:
                both.take_back(void, at)
        for credit in year.credits:
            if credit.run == run:
                both.give_back(credit, at)


class _Both:
    """The product's contract and the naive books, document by document."""

    def __init__(self, year: naive.Year) -> None:
        self._year = year
        self._told: Told = told(year)
        self._books = Books(year=year)
        self._taxes = Taxes(year)
        self._papers: dict[str, Paper] = {}
        self._documents: dict[int, Invoice] = {}

    def bill(self, run: int, at: datetime) -> None:
        """Bill both, and compare."""
        self._told.learn(run)
        try:
            wanted = bill(self._year, self._books, run, at)
        except ParkedError:
            with pytest.raises(AssertionError, match="repair_above_line"):
                self._told.contract.bill(at)
            raise
        self._compare(wanted, self._told.contract.bill(at), at)
        if self._year.thresholds:
            self._compare(look(self._year, self._books, run, at), self._told.contract.look(at), at)

    def _compare(self, wanted: list[Paper], made: list[Invoice], at: datetime) -> None:
        shown = [self._shown(one) for one in made]
        expected = [_expected(one) for one in wanted]
        assert sorted(shown, key=repr) == sorted(expected, key=repr), f"at {at}"
        for document in made:
            said = self._shown(document)
            paper = next(one for one in wanted if _expected(one) == said)
            wanted.remove(paper)
            self._take(document, paper)

    def take_back(self, void: naive.Void, at: datetime) -> None:
        """Void an invoice of both, if one is left."""
        standing = self._standing()
        if not standing:
            return
        paper = standing[void.pick % len(standing)]
        note = take_back(self._books, paper, anew=void.anew)
        original = self._documents[paper.number]
        document = void_invoice(self._told.contract, original, anew=void.anew, on=at)
        said, wanted = self._shown(document), _expected(note)
        assert said == wanted
        self._take(document, note)

    def give_back(self, credit: naive.Credit, at: datetime) -> None:
        """Give back a part of a line of both, if something of one is left."""
        standing = self._standing()
        paper = standing[credit.pick % len(standing)] if standing else None
        keys = [key for key in paper.lines if left(self._books, paper, key) > 0] if paper else []
        if paper is None or not keys:
            return
        key = sorted(keys)[credit.line % len(keys)]
        minor = -(-left(self._books, paper, key) * credit.percent // 100)
        note = give_back(self._books, paper, key, minor=minor)
        original = self._documents[paper.number]
        line = next(one for one in original.lines if (one.key.price, one.key.period.start) == key)
        document = give_back_of(self._told.contract, original, line, minor=minor, on=at)
        assert self._shown(document) == _expected(note)
        self._take(document, note)

    def _standing(self) -> list[Paper]:
        """Return the invoices that were not taken back."""
        return [one for one in self._books.papers if one.corrects is None and not one.voided]

    def _take(self, document: Invoice, paper: Paper) -> None:
        self._papers[document.id] = paper
        self._documents[paper.number] = document
        tax = self._taxes.of_document(
            paper.number, paper.lines.items(), anew=paper.replaces is not None
        )
        money = sum(paper.lines.values())
        assert document.tax.minor == tax
        assert document.total.minor == money + (0 if self._year.tax_inside else tax)

    def _shown(self, document: Invoice) -> "tuple[int | None, dict[Key, int]]":
        """Return which document one corrects, and its lines in cents."""
        of = None if document.reference is None else self._papers[document.reference.invoice].number
        lines = {
            (str(line.key.price), line.key.period.start): line.money.minor
            for line in document.lines
        }
        return of, dict(sorted(lines.items()))


def _expected(paper: Paper) -> "tuple[int | None, dict[Key, int]]":
    of = None if paper.corrects is None else paper.corrects.number
    return of, dict(sorted(paper.lines.items()))
