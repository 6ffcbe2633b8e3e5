"""Whether the manual lines of a regular document are what its contract's orders say."""

from collections.abc import Iterator
from dataclasses import replace

from tallystick.invoicing.claim import Claim
from tallystick.invoicing.line import Line, LineKind
from tallystick.invoicing.manual.lines import entered_line, ordered_as, ordered_key
from tallystick.invoicing.manual.waiting import REGULAR, orders_on, with_settled
from tallystick.invoicing.schedule import as_billed
from tallystick.kernel import Problem


def manual_problems(claim: Claim, line: Line, *, place: str) -> Iterator[Problem]:
    """
    Yield what in a manual line does not follow from an order; taxes apart.

    Problems:
        unproven_line: nobody ordered it.
        undue_line: it stands on a document that is not regular, or was billed before.
        different_line: the order says something else.
    """
    order = ordered_as(claim.basis, line.key)
    if order is None:
        message = f"{line.key}: the line was entered by a person; no order shows what it says"
        yield Problem(code="unproven_line", message=message, field=f"{place}.kind")
        return
    billed = as_billed(claim.previous)
    waiting = orders_on(claim.invoice, claim.basis, billed)
    if claim.invoice.purpose not in REGULAR or order not in waiting:
        message = f"{line.key}: the order was billed before, or waits for a regular document"
        yield Problem(code="undue_line", message=message, field=f"{place}.kind")
    made = with_settled(
        entered_line(
            order,
            line.key,
            claim.basis,
            document=claim.invoice.id,
            position=claim.invoice.position,
        ),
        billed,
    )
    if replace(line, taxes=()) != made:
        message = f"{line.key}: the line is not what was ordered"
        yield Problem(code="different_line", message=message, field=place)


def missing_orders(claim: Claim) -> Iterator[Problem]:
    """
    Yield a problem for each order that waited and stands on no line of a regular document.

    Problems:
        missing_line.
    """
    if claim.invoice.purpose not in REGULAR:
        return
    charged = {line.key for line in claim.invoice.lines if line.kind is LineKind.MANUAL}
    contract = claim.basis.subscription
    for order in orders_on(claim.invoice, claim.basis, as_billed(claim.previous)):
        key = ordered_key(contract.key, order)
        if key not in charged:
            message = f"{key} was ordered and stands on no line"
            yield Problem(code="missing_line", message=message, field="lines")
