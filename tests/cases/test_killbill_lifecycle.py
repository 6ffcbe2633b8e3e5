"""How contracts begin, pause and end, as Kill Bill's suite and documents say."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from tallystick.catalog import ContractChange
from tallystick.invoicing import Invoice
from tests.invoicing.contract import Contract, day, fee, plan, subscribed
from tests.notation import CaseBook, Check, NotBuilt, Reason, Row
from tests.tally import CaseNotes

FILE = "killbill-lifecycle.md"


def monthly(start: str, amount: str = "249.95") -> Contract:
    """Return a contract by calendar month, with a fee in advance."""
    return subscribed(plan("p", fee(amount)), day(start))


def lines(issued: Sequence[Invoice]) -> list[tuple[str, str, Decimal]]:
    """Return service period and money of each line."""
    return [
        (f"{line.key.period.start:%m-%d}", f"{line.key.period.end:%m-%d}", line.money.decimal)
        for document in issued
        for line in document.lines
    ]


def check_fixed_term(row: Row) -> None:
    """A contract that ends after three months is charged three times, and not when it ends."""
    contract = monthly("2023-01-01")
    contract.end(day("2023-04-01"))
    for start in ("01-01", "02-01", "03-01"):
        ((begins, _, money),) = lines(contract.bill(day(f"2023-{start}")))
        assert (begins, money) == (start, Decimal("249.95"))
        assert start in row["expected"]
    assert "04-01 EXPIRED event, no invoice" in row["expected"]
    assert contract.bill(day("2023-04-01")) == []


def check_paused(row: Row) -> None:
    """The days of a pause are given back when it begins; what follows it is charged with it."""
    contract = monthly("2012-05-01")
    contract.bill(day("2012-05-01"))
    contract.agree(ContractChange(at=day("2012-05-12"), paused=True))
    ((_, _, given_back),) = lines(contract.bill(day("2012-05-12")))
    assert f"\N{MINUS SIGN}{-given_back}" in row["expected"]
    assert contract.bill(day("2012-06-01")) == []
    contract.agree(ContractChange(at=day("2012-06-04"), paused=False))
    ((begins, ends, charged),) = lines(contract.bill(day("2012-06-04")))
    assert f"[{begins}, {ends}) prorated 27/30 = {charged}" in row["expected"]


def check_pending(row: Row) -> None:
    """Before its start a contract is charged nothing; its first invoice is due with the start."""
    assert "no invoice" in row["expected"]
    contract = monthly("2023-05-01")
    assert contract.bill(day("2023-04-30")) == []
    assert lines(contract.bill(day("2023-05-01"))) == [("05-01", "06-01", Decimal("249.95"))]


def check_cancelled_before(row: Row) -> None:
    """A contract that ends when it would have begun is never charged."""
    assert row["expected"] == "no charge ever"
    contract = monthly("2023-05-01")
    contract.end(day("2023-05-01"))
    for at in ("2023-04-01", "2023-05-01", "2023-07-01"):
        assert contract.bill(day(at)) == []


CHECKS: dict[str, Check] = {
    "KBL-015": check_fixed_term,
    "KBL-020": check_paused,
    "KBL-021": check_pending,
    "KBL-022": check_cancelled_before,
}
ADD_ONS = NotBuilt(feature="add-ons that go with another subscription")
BLOCKS = NotBuilt(feature="blocks of single domains, and of whole accounts")
LEFT_OUT: dict[str, Reason] = {
    **{f"KBL-{number:03}": ADD_ONS for number in (1, 2, 3, 4, 5, 16, 17, 18)},
    "KBL-019": NotBuilt(feature="an entitlement that begins before billing does"),
    "KBL-023": BLOCKS,
    "KBL-024": BLOCKS,
}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)


def test_every_row_is_accounted_for(case_notes: CaseNotes) -> None:
    """Each row of the file is checked, or left out for a reason that holds."""
    assert BOOK.problems() == []
    case_notes.left_out(FILE, BOOK.left_out)


@pytest.mark.parametrize("case", CHECKS)
def test_row(case: str, case_notes: CaseNotes) -> None:
    """The row's money comes out of a contract that is billed, and verified, as time goes on."""
    BOOK.check(case)
    case_notes.passed(FILE, case)
