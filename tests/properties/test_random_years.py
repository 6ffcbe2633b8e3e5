"""Random years, billed run by run: each line and tax agrees to the cent with a naive model."""

from collections import Counter
from datetime import datetime

from hypothesis import given, settings

from tallystick.invoicing import Invoice
from tests.naive import facts as naive
from tests.naive.invoices import Taxes, bill
from tests.profiles import PROFILE
from tests.properties.years import run_instants, told, years

YEARS = {"dev": 10, "ci": 25, "nightly": 1_000}


@settings(max_examples=YEARS[PROFILE])
@given(years())
def test_every_invoice_is_that_of_the_naive_model(year: naive.Year) -> None:
    """Whatever changes, is used late, amended or taxed: every run makes the model's lines."""
    instants = run_instants(year)
    expected = bill(year, instants)
    contract, taxes, number = told(year), Taxes(year), 0
    for run, at in enumerate(instants):
        contract.learn(run)
        made = contract.contract.bill(at)
        wanted = {key: minor for key, minor in _summed(expected.runs[run]).items() if minor}
        assert _lines(made) == wanted, f"run {run} at {at}"
        for document in made:
            number += 1
            _check_taxes(document, taxes, number)


def _summed(entries: dict[tuple[str, datetime, datetime], int]) -> Counter[tuple[str, datetime]]:
    found: Counter[tuple[str, datetime]] = Counter()
    for (key, start, _), minor in entries.items():
        found[key, start] += minor
    return found


def _lines(documents: list[Invoice]) -> dict[tuple[str, datetime], int]:
    found: Counter[tuple[str, datetime]] = Counter()
    for document in documents:
        for line in document.lines:
            found[str(line.key.price), line.key.period.start] += line.money.minor
    return {key: minor for key, minor in found.items() if minor}


def _check_taxes(document: Invoice, taxes: Taxes, number: int) -> None:
    """The tax of a document is that of the wholes that it charges and corrects."""
    lines = [
        (str(line.key.price), line.key.period.start, line.money.minor) for line in document.lines
    ]
    tax = taxes.of_document(number, lines)
    money = sum(minor for _, _, minor in lines)
    assert document.tax.minor == tax
    assert document.total.minor == money + (0 if taxes.year.tax_inside else tax)
