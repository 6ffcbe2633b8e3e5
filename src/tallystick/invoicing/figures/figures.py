"""The figures behind a document's charts; they follow from facts up to the document's position."""

from dataclasses import dataclass
from datetime import date

from tallystick.invoicing.figures.by_day import UsageByDay
from tallystick.kernel import Money

PAST_MAX = 12
"""So many documents stand beside each other, the one that it is about included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDocument:
    """An issued document as a later one shows it: a credit note's total is below 0."""

    number: str
    issued_on: date
    total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """
    What the charts of one document show.

    Attributes:
        usage: of its heaviest metered lines, in the order of their weight.
        past: documents of the same issuer, payer and currency that were issued before it, in the
            order of issue; those that came later are not among them, so that this stays as it is.
    """

    usage: tuple[UsageByDay, ...] = ()
    past: tuple[PastDocument, ...] = ()
