"""
The journal entry of an issued document.

The payer's receivable moves by the total; each price's revenue takes what is earned, and what is
charged for a time that has not passed yet waits as deferred revenue.

    invoice 30.00 on February 1: cpu, January 20.00; base, February 10.00

        receivable:acme         +30.00
        revenue:cpu             -20.00
        deferred_revenue:base   -10.00

Each tax goes to an account of its own, named by the tax and to whom it is owed; revenue is net of
what prices hold of it. 20.00 with 19 % of German VAT on top:

        receivable:acme         +23.80
        revenue:cpu             -20.00
        tax:VAT:DE               -3.80

A credit note is the same with its negative lines.  A document whose lines are all zero moves
nothing and has no entry.
Not here: releasing deferred revenue as time passes, payments.
"""

from datetime import datetime

from tallystick.invoicing.invoice import Invoice
from tallystick.invoicing.line import Line
from tallystick.kernel import EntryId, Money, check, derived_id
from tallystick.ledger import AccountKind, Books, Entry, Posting, balanced, chart_name
from tallystick.tax import AppliedTax


def journal_for(invoice: Invoice, *, effective_at: datetime, books: Books) -> Entry | None:
    """
    Return the balanced entry of an issued document, None if it moves nothing.

    Args:
        invoice: issued, so that the entry names what will never change.
        effective_at: the instant of issue.
        books: those of the document's legal entity; they say in which month it is booked.

    Raises:
        InvariantBroken: the document is a draft, or another entity's.
    """
    check(invoice.number is not None, f"draft {invoice.id} must be issued before it is posted")
    check(invoice.legal_entity == books.key, f"{invoice.id} belongs to {invoice.legal_entity}")
    sums: dict[str, Money] = {}
    receivable = chart_name(AccountKind.RECEIVABLE, invoice.account)
    for line in invoice.lines:
        owed = [(chart_name(_income(line, effective_at), line.key.price), line.net)]
        owed += [(_tax_account(one.applied), one.money) for one in line.taxes]
        for account, money in owed:
            sums[receivable] = sums.get(receivable, _nothing(invoice)) + money
            sums[account] = sums.get(account, _nothing(invoice)) - money
    postings = tuple(
        Posting(account=account, money=money) for account, money in sums.items() if money.minor != 0
    )
    if not postings:
        return None
    return balanced(
        Entry(
            id=EntryId(derived_id("entry", invoice.id)),
            books=books.key,
            effective_at=effective_at,
            posted_in=books.posting_month(effective_at),
            source=invoice.id,
            postings=postings,
        )
    )


def _tax_account(applied: AppliedTax) -> str:
    """Return the account of a tax, such as ``tax:VAT:DE`` or ``tax:QST:CA-QC``."""
    place = "-".join(part for part in (applied.country, applied.region) if part)
    return chart_name(AccountKind.TAX, f"{applied.tax}:{place}")


def _income(line: Line, effective_at: datetime) -> AccountKind:
    if line.key.period.end > effective_at:
        return AccountKind.DEFERRED_REVENUE
    return AccountKind.REVENUE


def _nothing(invoice: Invoice) -> Money:
    return Money(minor=0, currency=invoice.currency)
