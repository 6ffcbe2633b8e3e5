"""
The taxes of a document: found for each line, levied on its wholes, compared by a verification.

A line is new, or corrects what a document before it charged for the same price and period.  What
is corrected bears the taxes that it bore, whatever the rules have become; it is taxed together with
everything that document charged, as that stands now:

    January's document     cpu 10.01, calls 4.00 at 19 %    14.01 x 0.19 = 2.6619 -> 2.66
    a credit note later    cpu -0.02                        13.99 x 0.19 = 2.6581 -> 2.66, 0.00 back

The day that decides is `tax_point`, with the day of issue ``on``; that one for what was sold once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeAlias

from tallystick.catalog import ManualKind, ManualLine
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.converting import rests_on, tax_point
from tallystick.invoicing.invoice import Invoice, Purpose
from tallystick.invoicing.line import Line, LineKey, LineKind
from tallystick.invoicing.manual.lines import ordered_as
from tallystick.invoicing.orders import Disposition, SaleOrder, SoldLine
from tallystick.invoicing.replay import Billed
from tallystick.kernel import (
    AccountKey,
    Done,
    InvoiceId,
    Outcome,
    PriceKey,
    Refused,
    SubscriptionKey,
)
from tallystick.tax import AppliedTax, TaxableLine, TaxedLine, levy, taxes_for

_Place: TypeAlias = tuple[SubscriptionKey, PriceKey, datetime]
# What two payers are charged for one place are two wholes.
_Paid: TypeAlias = tuple[AccountKey | None, SubscriptionKey, PriceKey, datetime]


def taxed(
    invoice: Invoice, basis: Basis, *, billed: Iterable[Billed], on: date | None
) -> Outcome[Invoice]:
    """
    Return a document with its taxes; as it is where neither it nor what it corrects bears any.

    Args:
        invoice: a draft, or an issued document that is made again.
        basis: its contract facts; of a consolidated document those of all its contracts.
        billed: the lines issued before it, of its contracts and of those with which they shared
            documents; where its own are among them, those from there on are left out.
        on: the day of issue; None: where nothing bears a tax.

    Problems:
        no_country, no_tax_rule: see `taxes_for`; with the price concerned.
    """
    before = _before(invoice, billed)
    if all(one.tax is None for one in basis.contracts) and not any(line.taxes for line in before):
        return Done(_untaxed(invoice))
    books = _Books.of(before)
    lines: list[TaxableLine] = []
    for line in invoice.lines:
        paid = _paid(invoice.account, line.key)
        found = _taxes_of(line, paid, basis.of(line.key.subscription), books, on)
        if isinstance(found, Refused):
            return Refused(
                tuple(
                    replace(one, message=f"{line.key.price}: {one.message}")
                    for one in found.problems
                )
            )
        whole = books.wholes.get(paid, invoice.id)
        lines.append(TaxableLine(whole=whole, money=line.money, taxes=found.value))
    if not any(line.taxes for line in lines):
        return Done(_untaxed(invoice))
    levied = levy(lines, books.lines)
    return Done(
        replace(
            invoice,
            lines=tuple(
                replace(line, taxes=taxes)
                for line, taxes in zip(invoice.lines, levied, strict=True)
            ),
            taxed_on=on,
        )
    )


def _untaxed(invoice: Invoice) -> Invoice:
    """Return a document without any tax, whatever it says."""
    if invoice.taxed_on is None and not any(line.taxes for line in invoice.lines):
        return invoice
    lines = tuple(replace(line, taxes=()) for line in invoice.lines)
    return replace(invoice, lines=lines, taxed_on=None)


def documents_before(
    invoice: Invoice,
    billed: Iterable[Billed],
    *,
    by_hand: Iterable[LineKey] = (),
    beside: Iterable[LineKey] = (),
) -> tuple[InvoiceId, ...]:
    """
    Return the documents that a document follows from, in the order of issue.

    Those that billed what persons ordered of its contract (``by_hand``) are among them, and those
    that gave its rate to a key ``beside`` its own (`converted_beside`).
    They settled keys of it before, or of the document that it was ordered on or replaces, or gave
    them their exchange rate; where it bears taxes, they also charged or corrected something of the
    wholes that it corrects.
    """
    before = _before(invoice, billed)
    ordered = invoice.purpose in {Purpose.VOID, Purpose.CREDIT}
    named = {
        one.invoice for one in (invoice.reference if ordered else None, invoice.replaces) if one
    }
    keys = {key.identity for key in (*(line.key for line in invoice.lines), *by_hand)}
    keys |= {line.key.identity for line in before if line.document in named}
    converted = [line.key for line in invoice.lines if line.conversion is not None]
    converted += beside
    now, lines = _with_wholes(before)
    own = (now.get(_paid(invoice.account, line.key)) for line in invoice.lines)
    wholes = set(own) if invoice.taxes else set()
    return tuple(
        dict.fromkeys(
            line.document
            for line, whole in lines
            if line.key.identity in keys or whole in wholes or rests_on(line, converted)
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Books:
    """
    What stood before a document: who charged a place first, with which taxes, and all lines.

    ``days``: when a place was first charged, to whomever.
    """

    wholes: dict[_Paid, InvoiceId]
    taxes: dict[_Paid, tuple[AppliedTax, ...]]
    lines: tuple[TaxedLine, ...]
    days: dict[_Place, date]

    @classmethod
    def of(cls, before: Sequence[Billed]) -> "_Books":
        wholes, lines = _with_wholes(before)
        taxes: dict[_Paid, tuple[AppliedTax, ...]] = {}
        days: dict[_Place, date] = {}
        for line, whole in lines:
            place = _paid(line.payer, line.key)
            if whole == line.document and whole == wholes.get(place):
                taxes.setdefault(place, tuple(one.applied for one in line.taxes))
            if line.reference is not None:
                days.setdefault(place[1:], line.reference.issued_on)
        return cls(
            wholes=wholes,
            taxes=taxes,
            lines=tuple(
                TaxedLine(whole=whole, money=line.money, taxes=line.taxes) for line, whole in lines
            ),
            days=days,
        )


def _before(invoice: Invoice, billed: Iterable[Billed]) -> Sequence[Billed]:
    found: list[Billed] = []
    for line in billed:
        if line.document == invoice.id:
            break
        found.append(line)
    return found


def _with_wholes(
    before: Iterable[Billed],
) -> tuple[dict[_Paid, InvoiceId], list[tuple[Billed, InvoiceId]]]:
    """
    Return who charged a price and period first, and each line with who did when it was issued.

    Where that document was voided to be billed anew nobody has; the next one is a new whole.
    """
    wholes: dict[_Paid, InvoiceId] = {}
    opened: dict[_Paid, InvoiceId] = {}
    lines: list[tuple[Billed, InvoiceId]] = []
    for line in before:
        place = _paid(line.payer, line.key)
        if opened.get(place, line.document) != line.document:
            del wholes[place], opened[place]
        whole = wholes.setdefault(place, line.document)
        lines.append((line, whole))
        if line.disposition is Disposition.REBILL and line.corrects == whole:
            opened[place] = line.document
    return {place: of for place, of in wholes.items() if place not in opened}, lines


def _paid(payer: AccountKey | None, key: LineKey) -> _Paid:
    return (payer, key.subscription, key.price, key.period.start)


def _taxes_of(
    line: Line, paid: _Paid, basis: Basis, books: _Books, on: date | None
) -> Outcome[tuple[AppliedTax, ...]]:
    known = books.taxes.get(paid)
    price = basis.price_of(line.key)
    if known is not None:
        return Done(known)
    if basis.tax is None or on is None:
        return Done(())
    if line.kind is LineKind.MANUAL:
        return _taxes_by_hand(line, basis, on)
    if price is None:
        return Done(())
    # What another payer was charged before, this one is by his own rules, as of that day.
    point = tax_point(basis, price, line.key.period, issue_on=books.days.get(paid[1:], on))
    return taxes_for(basis.tax, price.tax_category, on=point)


def _taxes_by_hand(line: Line, basis: Basis, on: date) -> Outcome[tuple[AppliedTax, ...]]:
    """Return what a line bears that a person ordered: by its category, on the day of issue."""
    ordered: SoldLine | ManualLine | None = ordered_as(basis, line.key)
    if isinstance(basis.order, SaleOrder):
        ordered = next((one for one in basis.order.lines if one.code == line.key.price), None)
    if basis.tax is None or ordered is None or _is_tax(ordered):
        return Done(())
    return taxes_for(basis.tax, ordered.tax_category, on=on)


def _is_tax(ordered: SoldLine | ManualLine) -> bool:
    """Tell whether a line is a tax itself, which bears none."""
    return isinstance(ordered, ManualLine) and ordered.kind is ManualKind.TAX
