"""
The lines of a note that a person ordered on a document.

    void      every line of the document, each with all that is left of it
    credit    some lines, by amount or by quantity; or an amount spread over all lines by what is
              left of them, largest remainder

    of 20.00 for 8 hours, 3 hours are given back     20.00 x 3/8 = 7.50
    2 more, later                                    20.00 x 5/8 - 7.50 = 5.00

A void settles keys: replay and difference sees that they came to nothing.  A credit is a manual
line: it changes what is owed, and not what the keys were settled to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import TypeAlias

from tallystick.invoicing.invoice import Invoice
from tallystick.invoicing.line import Line, LineKind, line_id
from tallystick.invoicing.notes.left import left_of, notes_on
from tallystick.invoicing.orders import CreditedLine, CreditOrder, VoidOrder
from tallystick.kernel import (
    EXACT,
    Amount,
    Done,
    InvoiceId,
    Misuse,
    Money,
    Outcome,
    Refused,
    parse_decimal,
    refuse,
    settle,
    take,
)

Given: TypeAlias = CreditOrder | VoidOrder
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Original:
    """A document, the documents that name its keys, and the id of the note to be made."""

    document: Invoice
    history: Sequence[Invoice]
    note: InvoiceId

    @property
    def nothing(self) -> Money:
        return Money(minor=0, currency=self.document.currency)

    def left(self, line: Line) -> Money:
        return left_of(self.document, line, self.history)


def given_back(
    order: CreditOrder | VoidOrder,
    document: Invoice,
    *,
    history: Sequence[Invoice],
    note: InvoiceId,
) -> Outcome[tuple[Line, ...]]:
    """
    Return the lines of a note, in the order of the document's lines; their money is negative.

    Args:
        order: what was ordered.
        document: an issued document.
        history: every issued document that names one of the document's keys, itself included, in
            the order of issue.
        note: the id of the note.

    Problems:
        unknown_line: the document has no line of this id, or the order names it twice.
        nothing_left: all of it was given back before.
        wrong_amount: not a number above 0 of the currency, or both amount and quantity are given.
        above_what_is_left: more than what is left of the line or document.
    """
    original = _Original(document=document, history=history, note=note)
    if not isinstance(order, CreditOrder):
        return Done(tuple(_taken_back(original, line) for line in document.lines))
    if order.lines and order.amount:
        return refuse("wrong_amount", "give an amount of the document, or its lines", "amount")
    if order.lines:
        return _of_lines(order, original)
    return _of_document(order, original)


def _taken_back(original: _Original, line: Line) -> Line:
    left = original.left(line)
    return replace(
        line,
        id=line_id(original.note, line.key),
        charge=None,
        exact=original.nothing.amount,
        settled_before=left,
        money=-left,
        measurement=None,
        taxes=(),
    )


def _of_document(order: CreditOrder, original: _Original) -> Outcome[tuple[Line, ...]]:
    """Return a part of each line of which something is left, all together the amount."""
    left = {line.id: original.left(line) for line in original.document.lines}
    open_lines = [line for line in original.document.lines if left[line.id].minor > 0]
    whole = sum((left[line.id] for line in open_lines), original.nothing)
    wanted = _amount(order.amount, whole, "amount") if order.amount else Done(whole)
    if isinstance(wanted, Refused):
        return wanted
    refused = _bounded(wanted.value, whole, str(original.document.number))
    if refused is not None:
        return refused
    parts = take(wanted.value, [left[line.id] for line in open_lines])
    return Done(
        tuple(
            _credited(original, line, part)
            for line, part in zip(open_lines, parts, strict=True)
            if part.minor
        )
    )


def _of_lines(order: CreditOrder, original: _Original) -> Outcome[tuple[Line, ...]]:
    wanted = {one.line: one for one in order.lines}
    unknown = wanted.keys() - {line.id for line in original.document.lines}
    if unknown or len(wanted) < len(order.lines):
        named = ", ".join(sorted(unknown)) or "one line twice"
        return refuse("unknown_line", f"{original.document.number} does not have {named}", "lines")
    lines = []
    for line in original.document.lines:
        if line.id in wanted:
            made = _of_line(wanted[line.id], line, original)
            if isinstance(made, Refused):
                return made
            lines.append(made.value)
    return Done(tuple(lines))


def _of_line(one: CreditedLine, line: Line, original: _Original) -> Outcome[Line]:
    left = original.left(line)
    if one.amount and one.quantity:
        return refuse("wrong_amount", "give back an amount or a quantity, not both", "lines")
    found: Outcome[tuple[Decimal, Money]] = Done((_ONE, left))
    if one.quantity:
        found = _by_quantity(one, line, original)
    elif one.amount:
        amount = _amount(one.amount, left, "lines")
        found = amount if isinstance(amount, Refused) else Done((_ONE, amount.value))
    if isinstance(found, Refused):
        return found
    quantity, money = found.value
    refused = _bounded(money, left, f"line {line.id}")
    if refused is not None:
        return refused
    unit = line.unit if one.quantity else ""
    return Done(replace(_credited(original, line, money), quantity=quantity, unit=unit))


def _by_quantity(
    one: CreditedLine, line: Line, original: _Original
) -> Outcome[tuple[Decimal, Money]]:
    """Return the quantity, and its part of the line's money: of all given back, less before."""
    quantity = _number(one.quantity)
    if quantity is None or line.quantity <= 0:
        message = f"{one.quantity[:40]!r} is no quantity above 0 of line {line.id}"
        return refuse("wrong_amount", message, "lines")
    before = _quantity_before(line, original)
    whole = EXACT.add(before, quantity)
    if whole > line.quantity:
        message = f"of the {line.quantity:f} of line {line.id}, {before:f} were given back before"
        return refuse("above_what_is_left", message, "lines")
    return Done((quantity, _part(line, whole) - _part(line, before)))


def _quantity_before(line: Line, original: _Original) -> Decimal:
    """
    Return how much of a line's quantity notes gave back before.

    A note by amount counts one of nothing. Of a line without a unit one of it looks alike: it is
    taken for an amount, unless it is just what the next one costs.
    """
    before = Decimal(0)
    notes = notes_on(original.document.id, original.history)
    for one in chain.from_iterable(note.lines for note in notes):
        if one.kind is not LineKind.MANUAL or one.key.identity != line.key.identity:
            continue
        whole = EXACT.add(before, one.quantity)
        is_piece = bool(line.unit) or one.quantity != _ONE
        if one.unit == line.unit and (
            is_piece or _part(line, whole) - _part(line, before) == -one.money
        ):
            before = whole
    return before


def _part(line: Line, quantity: Decimal) -> Money:
    """Return the part of a line's money that a part of its quantity bears, settled."""
    exact = Fraction(line.money.decimal) * Fraction(quantity) / Fraction(line.quantity)
    value = EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return settle(Amount(value=value, currency=line.money.currency))


def _credited(original: _Original, line: Line, part: Money) -> Line:
    """Return a manual line that gives back a part of a line."""
    return replace(
        line,
        id=line_id(original.note, line.key),
        kind=LineKind.MANUAL,
        quantity=_ONE,
        unit="",
        charge=None,
        exact=(-part).amount,
        settled_before=original.nothing,
        money=-part,
        share=Fraction(1),
        measurement=None,
        taxes=(),
    )


def _amount(text: str, of: Money, field: str) -> Outcome[Money]:
    """Return an amount that a person wrote, in whole minor units."""
    value = _number(text)
    if value is not None:
        money = settle(Amount(value=value, currency=of.currency))
        if money.decimal == value:
            return Done(money)
    message = f"{text[:40]!r} is no amount of {of.currency.code} above 0"
    return refuse("wrong_amount", message, field)


def _number(text: str) -> Decimal | None:
    """Return a number above 0 that a person wrote, None for anything else."""
    try:
        value = parse_decimal(text)
    except Misuse:
        return None
    return value if value > 0 else None


def _bounded(wanted: Money, left: Money, of: str) -> Refused | None:
    """Return why so much cannot be given back, None if it can."""
    if left.minor <= 0:
        return refuse("nothing_left", f"nothing is left of {of}", "amount")
    if wanted.minor <= 0 or left < wanted:
        message = f"{wanted} cannot be given back of {of}: {left} is left"
        return refuse("above_what_is_left", message, "amount")
    return None
