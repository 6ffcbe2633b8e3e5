"""Credit notes as Lago's public suite observed them: tax is that of the corrected whole."""

from decimal import Decimal
from fractions import Fraction

from tallystick.catalog import TaxCategory
from tallystick.kernel import (
    EXACT,
    Amount,
    Done,
    InvoiceId,
    Money,
    Refused,
    currency,
    settle,
)
from tallystick.payments import forfeit
from tallystick.subscriptions import prorate
from tallystick.tax import AppliedTax, LineTax, TaxableLine, TaxedLine, levy
from tests.notation import CaseBook, Check, Reason, Row, first_number, numbers
from tests.payments.till import Till
from tests.tally import row_tests

FILE = "lago-credit-notes.md"
EUR = currency("EUR")


def vat(rate: str) -> AppliedTax:
    """Return a tax of a rate in percent."""
    return AppliedTax(tax="VAT", country="FR", category=TaxCategory.STANDARD, rate=Decimal(rate))


def cents(minor: int) -> Money:
    """Return so many cents."""
    return Money(minor=minor, currency=EUR)


class Books:
    """One invoice and the notes on it, as cents net with a rate each."""

    def __init__(self) -> None:
        self.issued: list[TaxedLine] = []

    def add(self, *lines: tuple[int, str]) -> tuple[int, int]:
        """Issue lines, negative on a note; return net and tax as the document says them."""
        asked = [
            TaxableLine(whole="invoice", money=cents(minor), taxes=(vat(rate),))
            for minor, rate in lines
        ]
        levied: tuple[tuple[LineTax, ...], ...] = levy(asked, self.issued)
        self.issued += [
            TaxedLine(whole=line.whole, money=line.money, taxes=taxes)
            for line, taxes in zip(asked, levied, strict=True)
        ]
        tax = sum(one.money.minor for taxes in levied for one in taxes)
        return sum(minor for minor, _ in lines), tax

    @property
    def gross(self) -> int:
        """Return what the invoice and its notes come to together."""
        return sum(line.money.minor + line.taxes[0].money.minor for line in self.issued)


def shown(row: Row, column: str) -> int:
    """Return the first whole number of a cell, in cents."""
    return int(row.number(column))


def unused(fee: int, rate: str, share: Fraction) -> Check:
    """A fee paid in advance and ended early: what is given back is whole after minus before."""

    def check(row: Row) -> None:
        books = Books()
        books.add((fee, rate))
        kept = settle(prorate(cents(fee).amount, share)).minor
        net, tax = books.add((kept - fee, rate))
        said = (shown(row, "item"), shown(row, "tax"), shown(row, "total"))
        assert (-net, -tax, -net - tax) == said

    return check


def check_partial(row: Row) -> None:
    """A note for a part of a fee of 76900."""
    books = Books()
    books.add((76900, "20"))
    net, tax = books.add((-72686, "20"))
    assert (-net, -tax, -net - tax) == (
        shown(row, "item"), shown(row, "tax"), shown(row, "total"),
    )  # fmt: skip


def check_rest(row: Row) -> None:
    """The second note takes the rest: all together is nothing."""
    books = Books()
    books.add((76900, "20"))
    books.add((-72686, "20"))
    net, tax = books.add((-4214, "20"))
    assert (-net, -tax, -net - tax) == (
        shown(row, "item"), shown(row, "tax"), shown(row, "total"),
    )  # fmt: skip
    assert books.gross == 0


def check_two_rates(row: Row) -> None:
    """Net lines of two rates, the second after its coupon; a note for both gives all back."""
    books = Books()
    lines = ((17900, "10"), (39900 - 25000, "20"))
    net, tax = books.add(*lines)
    said = (shown(row, "excl."), shown(row, "tax"), shown(row, "total"))
    assert (net, tax, net + tax) == said
    back, tax_back = books.add(*((-minor, rate) for minor, rate in lines))
    assert (-back, -tax_back, books.gross) == (said[0], said[1], 0)


def check_part_of_discounted(row: Row) -> None:
    """A note for a part of a discounted fee takes its share of the coupon with it."""
    books = Books()
    books.add((17900, "10"), (39900 - 25000, "20"))
    share = settle(prorate(cents(25000).amount, Fraction(26260, 39900))).minor
    net, tax = books.add((share - 26260, "20"))
    said = tuple(shown(row, name) for name in ("coupon share", "excl.", "tax", "total"))
    assert (share, -net, -tax, -net - tax) == said


FEES = (99290, 299770, 3130, 6460, 3130, 1999)


def check_many_fees(row: Row) -> None:
    """Ten percent of the fees after a coupon of 2000."""
    books = Books()
    net, tax = books.add((sum(FEES) - 2000, "10"))
    assert [2000, tax, net + tax] == numbers(row["expected"])


def check_shares(row: Row) -> None:
    """Each fee's exact share of the coupon of 1000, to five places, applied twice."""
    whole = Decimal(sum(FEES))
    for fee, said in zip(FEES, numbers(row["expected"]), strict=False):
        share = EXACT.divide(EXACT.multiply(Decimal(1000), Decimal(fee)), whole)
        assert 2 * share.quantize(Decimal("0.00001")) == said


def check_exact_note(row: Row) -> None:
    """A note of 100 on five fees by exact mathematics: 498 and 50, not the peer's 547."""
    exact = Decimal(500) - EXACT.divide(Decimal(2000 * 500), Decimal(sum(FEES)))
    net = settle(Amount(value=exact.scaleb(-2), currency=EUR)).minor
    _, tax = Books().add((net, "10"))
    assert f"{net} + {tax} = {net + tax}" in row["expected"]


def check_bound(row: Row) -> None:
    """All notes of an invoice together never give back more than it charged."""
    assert "≤ invoice total" in row["rule"]
    books = Books()
    books.add((10001, "20"), (333, "20"), (7, "20"))
    for part in (3333, 3334, 3334):
        books.add((-part, "20"))
        assert books.gross >= 0
    books.add((-333, "20"), (-7, "20"))
    assert books.gross == 0


def discounted_and_paid(minor: int) -> Till:
    """Return a payer of the partially discounted invoice who has paid so much of it."""
    till = Till(EUR)
    till.charge("invoice", sum(Books().add((17900, "10"), (39900 - 25000, "20"))))
    till.pay(minor)
    return till


def check_refundable(row: Row) -> None:
    """Of a note on an invoice that was paid in part no more goes back than was paid."""
    till = discounted_and_paid(1200)
    till.note("note", "invoice", -11767)
    most = int(first_number(row["total"]))
    assert isinstance(till.refund(most + 1), Refused)
    assert isinstance(till.refund(most), Done)


def check_refunded_once(row: Row) -> None:
    """What was refunded before is not refunded again, however much is given back."""
    assert "actually paid" in row["rule"]
    till = discounted_and_paid(20000)
    till.note("note", "invoice", -37570)
    assert isinstance(till.refund(15000), Done)
    assert isinstance(till.refund(5001), Refused)
    assert isinstance(till.refund(5000), Done)
    assert till.stands == (0, 0)


def check_applied_once(row: Row) -> None:
    """A note pays as far as its balance reaches; a second invoice finds what is left."""
    assert "same balance" in row["rule"]
    till = discounted_and_paid(37570)
    till.note("note", "invoice", -11767)
    till.charge("second", 10000)
    till.charge("third", 10000)
    assert till.stands == (20000 - 11767, 0)


def check_forfeited(row: Row) -> None:
    """A balance that is given up is nothing, and what the note paid stays paid."""
    assert "zero" in row["rule"]
    till = discounted_and_paid(37570)
    till.note("note", "invoice", -11767)
    till.charge("second", 10000)
    moves = forfeit(till.standing, "note")
    assert isinstance(moves, Done)
    assert [one.money.minor for one in moves.value] == [1767]
    till.standing = till.standing.after(moves.value)
    assert till.stands == (0, 0)
    assert till.standing.document(InvoiceId("second")).due.minor == 0


CHECKS: dict[str, Check] = {
    "CN-001": unused(3100, "20", Fraction(15, 31)),
    "CN-002": unused(6200, "20", Fraction(15, 31)),
    "CN-003": unused(20000, "25", Fraction(1, 30)),
    "CN-004": unused(16000, "25", Fraction(1, 30)),
    "CN-005": unused(2999, "23.33", Fraction(1, 7)),
    "CN-006": check_partial,
    "CN-007": check_rest,
    "CN-020": check_two_rates,
    "CN-021": check_two_rates,
    "CN-022": check_part_of_discounted,
    "CN-030": check_many_fees,
    "CN-031": check_shares,
    "CN-032": check_exact_note,
    "CN-023": check_refundable,
    "CN-060": check_bound,
    "CN-061": check_refunded_once,
    "CN-062": check_applied_once,
    "CN-063": check_forfeited,
}
LEFT_OUT: dict[str, Reason] = {}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
