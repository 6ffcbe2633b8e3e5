"""
The journal entry of an issued document.

The payer's receivable moves by the total; each price's revenue takes what is earned, and what is
charged for a service that still runs waits as deferred revenue (`deferral`).

    invoice 30.00 on February 1: cpu, January 20.00; base, February 10.00

        receivable:acme         +30.00
        revenue:cpu             -20.00
        deferred_revenue:base   -10.00

Each tax goes to an account of its own, named by the tax and to whom it is owed; revenue is net of
what prices hold of it. 20.00 with 19 % of German VAT on top:

        receivable:acme         +23.80
        revenue:cpu             -20.00
        tax:VAT:DE               -3.80

A line that a person ordered books to ``revenue:goodwill sorry``, a tax entered by hand to
``tax:by hand:sales``, and what is given up to ``write_off`` of the payer.

A credit note is the same with its negative lines.  A document whose lines are all zero moves
nothing and has no entry.
Not here: releasing deferred revenue as time passes (`ledger.recognition`), payments.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from tallystick.catalog import ManualKind
from tallystick.invoicing.booked.deferral import PostingFacts
from tallystick.invoicing.invoice import Invoice
from tallystick.invoicing.line import Line
from tallystick.kernel import EntryId, Money, check, derived_id
from tallystick.ledger import AccountKind, Books, Division, Entry, Posting, balanced, chart_name
from tallystick.tax import AppliedTax

CREDIT_CODE = "prepaid"
"""A line ``prepaid GRANT`` sells credit: its money is owed, not earned."""


def journal_for(
    invoice: Invoice, facts: PostingFacts, *, divisions: Mapping[str, Division]
) -> Entry | None:
    """
    Return the balanced entry of an issued document, None if it moves nothing.

    Args:
        invoice: issued, so that the entry names what will never change.
        facts: when it counts, and in whose books.
        divisions: how each line is earned, by line id (`divide_lines`).

    Raises:
        InvariantBroken: the document is a draft, or another entity's.
    """
    check(invoice.number is not None, f"draft {invoice.id} must be issued before it is posted")
    books = facts.books
    check(invoice.legal_entity == books.key, f"{invoice.id} belongs to {invoice.legal_entity}")
    moved: list[tuple[str, Money]] = []
    receivable = chart_name(AccountKind.RECEIVABLE, invoice.account)
    for line in invoice.lines:
        for account, money in _owed(line, invoice, divisions):
            moved += [(receivable, money), (account, -money)]
    postings = _summed(moved) or _summed_by_side(moved)
    if not postings:
        return None
    return balanced(
        Entry(
            id=EntryId(derived_id("entry", invoice.id)),
            books=books.key,
            effective_at=facts.effective_at,
            posted_in=books.posting_month(facts.effective_at),
            source=invoice.id,
            postings=postings,
        )
    )


def write_off_entry(invoice: Invoice, money: Money, *, books: Books, at: datetime) -> Entry:
    """
    Return the balanced entry that gives up what is left of a document, as a loss by its payer.

    Args:
        invoice: issued.
        money: what is left of it, taxes included.
        books: those of its legal entity.
        at: when it is given up.

    Raises:
        InvariantBroken: the document is a draft, or another entity's.
    """
    check(invoice.number is not None, f"nothing is owed for draft {invoice.id}")
    check(invoice.legal_entity == books.key, f"{invoice.id} belongs to {invoice.legal_entity}")
    receivable = chart_name(AccountKind.RECEIVABLE, invoice.account)
    loss = chart_name(AccountKind.WRITE_OFF, invoice.account)
    return balanced(
        Entry(
            id=EntryId(derived_id("entry", invoice.id, "write_off")),
            books=books.key,
            effective_at=at,
            posted_in=books.posting_month(at),
            source=invoice.id,
            postings=(
                Posting(account=loss, money=money),
                Posting(account=receivable, money=-money),
            ),
        )
    )


def _owed(
    line: Line, invoice: Invoice, divisions: Mapping[str, Division]
) -> Iterator[tuple[str, Money]]:
    """Yield what a line earns at once and later, and what it owes in taxes, by chart account."""
    division = divisions.get(line.id)
    if division is not None:
        yield _account_of(line, invoice), division.now
        yield chart_name(AccountKind.DEFERRED_REVENUE, line.key.price), division.deferred
    for tax in line.taxes:
        yield _tax_account(tax.applied), tax.money


def _account_of(line: Line, invoice: Invoice) -> str:
    """Return where money goes that does not wait: income, but for sold credit and by hand."""
    kind, _, code = line.key.price.partition(" ")
    if kind == ManualKind.WRITE_OFF:
        return chart_name(AccountKind.WRITE_OFF, invoice.account)
    if kind == CREDIT_CODE:
        return chart_name(AccountKind.PREPAID_CREDIT, invoice.account)
    if kind == ManualKind.TAX:
        return chart_name(AccountKind.TAX, f"by hand:{code}")
    return chart_name(AccountKind.REVENUE, line.key.price)


def _tax_account(applied: AppliedTax) -> str:
    """Return the account of a tax, such as ``tax:VAT:DE`` or ``tax:QST:CA-QC``."""
    place = "-".join(part for part in (applied.country, applied.region) if part)
    return chart_name(AccountKind.TAX, f"{applied.tax}:{place}")


def _summed(moved: Iterable[tuple[str, Money]]) -> tuple[Posting, ...]:
    """Return a posting for each account that is moved by something."""
    sums: dict[str, Money] = {}
    for account, money in moved:
        sums[account] = sums[account] + money if account in sums else money
    return tuple(
        Posting(account=account, money=money) for account, money in sums.items() if money.minor != 0
    )


def _summed_by_side(moved: Iterable[tuple[str, Money]]) -> tuple[Posting, ...]:
    """
    Return postings that keep debits and credits of an account apart.

    Lines that add up to nothing on every account still happened: what they defer needs an entry.
    """
    listed = list(moved)
    debits = _summed((account, money) for account, money in listed if money.minor > 0)
    return debits + _summed((account, money) for account, money in listed if money.minor < 0)
