"""Documents that were voided to be billed anew, and those that nothing has taken the place of."""

from collections.abc import Iterable

from tallystick.invoicing.differing.history import Place
from tallystick.invoicing.invoice import Reference
from tallystick.invoicing.line import LineKind
from tallystick.invoicing.orders import Disposition
from tallystick.invoicing.replay import Billed
from tallystick.kernel import InvoiceId


def rebilled_documents(billed: Iterable[Billed]) -> frozenset[InvoiceId]:
    """Return the documents that were voided with the disposition ``rebill``."""
    return frozenset(
        line.corrects
        for line in billed
        if line.disposition is Disposition.REBILL and line.corrects is not None
    )


def reopened_documents(billed: Iterable[Billed]) -> tuple[Billed, ...]:
    """
    Return the first line of each document that is to be billed anew, in the order of issue.

    Of a consolidated one that is the first line of each period and purpose.
    """
    lines = tuple(line for line in billed if line.kind is LineKind.DERIVED)
    open_again = rebilled_documents(lines)
    done = {(line.replaces, line.period.start, line.purpose) for line in lines}
    first = {
        (line.document, line.period.start, line.purpose): line
        for line in reversed(lines)
        if line.document in open_again
    }
    return tuple(line for at, line in reversed(first.items()) if at not in done)


def replaced_at(billed: Iterable[Billed], place: Place) -> Reference | None:
    """Return the voided document in whose place one is drafted, None if there is none."""
    for line in reopened_documents(billed):
        if (line.period.start, line.purpose) == place:
            return line.reference
    return None


def issued_at(billed: Iterable[Billed], place: Place) -> int:
    """Return how many documents of a period and purpose were issued, voided ones included."""
    return len({one.document for one in billed if (one.period.start, one.purpose) == place})
