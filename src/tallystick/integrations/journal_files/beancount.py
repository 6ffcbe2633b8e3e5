"""
The journal as a plain-text ledger that beancount loads.

Each export opens the accounts that occur in it for the first time, so that the exports of a name,
one after the other, are one ledger; the first alone is one too. A chart name ``kind:owner`` becomes
an account under one of beancount's roots:

    receivable:acme          Assets:Receivable:Acme
    deferred_revenue:base    Liabilities:DeferredRevenue:Base
    revenue:cpu-hours        Income:Revenue:Cpu-hours
    revenue:gpu_hours        Income:Revenue:Gpu-x5f-hours

Different names stay different: beancount's names are made of letters, digits and hyphens and begin
with a capital or a digit. A first small letter is written large; a first capital stays where a
capital follows (``VAT``), and is written by its number otherwise (``0-y41-cme`` for ``Acme``), as
is a small letter that a capital follows. Any other sign is ``-x2e-``, by its number too, and so is
a hyphen before ``x`` or ``y``.

Source: the syntax of beancount 3 (its language reference).
"""

import re

from tallystick.app.ledger import ExportedEntries
from tallystick.integrations.journal_files.booking_day import booking_day
from tallystick.kernel import instant_text
from tallystick.ledger import AccountKind, Books, Entry

OPENED = "1970-01-01"
_ROOTS = {
    AccountKind.RECEIVABLE: "Assets:Receivable",
    AccountKind.CASH: "Assets:Cash",
    AccountKind.CURRENCY_POSITION: "Assets:CurrencyPosition",
    AccountKind.WRITE_OFF: "Expenses:WriteOff",
    AccountKind.REVENUE: "Income:Revenue",
    AccountKind.BREAKAGE: "Income:Breakage",
    AccountKind.EXCHANGE_DIFFERENCE: "Income:ExchangeDifference",
    AccountKind.DEFERRED_REVENUE: "Liabilities:DeferredRevenue",
    AccountKind.TAX: "Liabilities:Tax",
    AccountKind.CUSTOMER_CREDIT: "Liabilities:CustomerCredit",
    AccountKind.PREPAID_CREDIT: "Liabilities:PrepaidCredit",
}
_ESCAPED = re.compile(r"[^A-Za-z0-9-]|-(?=[xy])")


def beancount_account(name: str) -> str:
    """
    Return the account of a chart name; other names give other accounts.

    Example:
        >>> beancount_account("tax:VAT:DE"), beancount_account("revenue:a.b")
        ('Liabilities:Tax:VAT:DE', 'Income:Revenue:A-x2e-b')
    """
    kind, _, owner = name.partition(":")
    parts = [_ROOTS[AccountKind(kind)], *(_component(part) for part in owner.split(":"))]
    return ":".join(parts)


def beancount_text(exported: ExportedEntries) -> str:
    """Return the file of an export."""
    export = exported.export
    lines = [f"; {export.books}, export {export.number} of {export.name}", ""]
    if export.number == 1:
        lines += [f'option "title" "{_quoted(export.books)}"', ""]
    moved = {leg.account for posted in exported.entries for leg in posted.entry.postings}
    lines += [f"{OPENED} open {beancount_account(name)}" for name in sorted(moved - exported.known)]
    for posted in exported.entries:
        lines += ["", *_transaction(posted.entry, exported.books, position=posted.position)]
    return "\n".join(lines) + "\n"


def _transaction(entry: Entry, books: Books, *, position: int) -> list[str]:
    lines = [
        f'{booking_day(entry, books)} * "{_quoted(entry.source)}"',
        f'  entry: "{entry.id}"',
        f"  position: {position}",
        f'  effective_at: "{instant_text(entry.effective_at)}"',
    ]
    return lines + [
        f"  {beancount_account(leg.account)}  {leg.money.decimal:f} {leg.money.currency.code}"
        for leg in entry.postings
    ]


def _component(text: str) -> str:
    first, second = text[:1], text[1:2]
    large_follows = second.isascii() and second.isupper()
    if first.isascii() and first.islower() and not large_follows:
        begin = first.upper()
    elif first.isascii() and (first.isdigit() or (first.isupper() and large_follows)):
        begin = first
    else:
        begin = f"0-y{ord(first):x}-" if first else "0-y-"
    return begin + _ESCAPED.sub(lambda match: f"-x{ord(match[0]):x}-", text[1:])


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
