"""Whether an ordered note is what its order and the documents before it come to."""

from collections.abc import Iterator
from dataclasses import fields, replace

from tallystick.invoicing.claim import Claim
from tallystick.invoicing.line import Line
from tallystick.invoicing.notes.given_back import given_back
from tallystick.invoicing.orders import SaleOrder
from tallystick.kernel import Problem, Refused


def note_problems(claim: Claim) -> Iterator[Problem]:
    """
    Yield what in the lines of an ordered note does not follow from its order; taxes apart.

    Problems:
        undue_line: the order cannot be fulfilled, for the reason given.
        repeated_line, missing_line: other lines than were ordered.
        different_line: a line is another one; ``field`` says in what.
    """
    invoice, order = claim.invoice, claim.basis.order
    reference = invoice.reference
    original = next(
        (one for one in claim.previous if reference and one.id == reference.invoice), None
    )
    if order is None or isinstance(order, SaleOrder) or original is None:
        message = "the note names no order, or no document that it is on"
        yield Problem(code="different_document", message=message, field="reference")
        return
    made = given_back(order, original, history=claim.previous, note=invoice.id)
    if isinstance(made, Refused):
        yield Problem(code="undue_line", message=made.problems[0].message, field="lines")
        return
    if [line.id for line in made.value] != [line.id for line in invoice.lines]:
        message = "the note has other lines than its order gives"
        yield Problem(code="missing_line", message=message, field="lines")
        return
    for index, (said, found) in enumerate(zip(invoice.lines, made.value, strict=True)):
        yield from _line_problems(said, replace(found, taxes=said.taxes), place=f"lines[{index}]")


def _line_problems(said: Line, found: Line, *, place: str) -> Iterator[Problem]:
    for one in fields(Line):
        if getattr(said, one.name) != getattr(found, one.name):
            message = f"{said.key}: {one.name} is not what the order gives"
            code = "different_money" if one.name == "money" else "different_line"
            yield Problem(code=code, message=message, field=f"{place}.{one.name}")
