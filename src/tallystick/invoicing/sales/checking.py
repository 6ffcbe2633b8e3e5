"""Whether a one-off document is what was ordered."""

from collections.abc import Iterator
from dataclasses import replace

from tallystick.invoicing.claim import Claim
from tallystick.invoicing.orders import SaleOrder
from tallystick.invoicing.sales.lines import sold_lines
from tallystick.kernel import Problem, Refused


def sale_problems(claim: Claim) -> Iterator[Problem]:
    """
    Yield what in the lines of a one-off document does not follow from its order; taxes apart.

    Problems:
        unproven_line: the basis holds no order, or one that cannot be.
        different_line: the lines are others.
    """
    invoice, order = claim.invoice, claim.basis.order
    if not isinstance(order, SaleOrder):
        message = "no order says what was sold"
        yield Problem(code="unproven_line", message=message, field="lines")
        return
    made = sold_lines(order, claim.basis, document=invoice.id, position=invoice.position)
    if isinstance(made, Refused):
        yield Problem(code="unproven_line", message=made.problems[0].message, field="lines")
        return
    if tuple(replace(line, taxes=()) for line in invoice.lines) != made.value:
        message = "the lines are not those that were ordered"
        yield Problem(code="different_line", message=message, field="lines")
