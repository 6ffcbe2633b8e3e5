"""
Sealed usage: the rows that a line rests on, kept when the events behind them are removed.

A row is what a question for usage was answered with: the exact fold, and the evidence with the
digest over exactly its events. Rows are kept twice over: for each issued document as of its
position, so that it can be verified, and for each service period as they stood when it was sealed,
so that replay and difference finds there what it would have found among the events. A period that
is sealed changes no more: its time was closed before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tallystick.invoicing.asked import Measured
from tallystick.invoicing.due import Item
from tallystick.kernel import InvoiceId, Period, PriceKey, SubscriptionKey, micros
from tallystick.metering import UsageRow


class ProofLevel(StrEnum):
    """What a verification went back to: the events, or in part rows that were sealed."""

    EVENTS = "events"
    SEALED = "sealed aggregates"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedUsage:
    """
    The usage of one price in one window.

    Attributes:
        document: the issued document that it was sealed for; None: what stands.
        window: the service period as it was measured, half-open.
        rows: one for each group that had anything to report.
        subscription: whose price; None: that of the document, where it has but one.
    """

    document: InvoiceId | None
    price: PriceKey
    window: Period
    rows: tuple[UsageRow, ...]
    subscription: SubscriptionKey | None = None


def sealed_measured(
    items: Iterable[Item], sealed: Sequence[SealedUsage]
) -> tuple[tuple[Measured, ...], tuple[Item, ...]]:
    """
    Return what is sealed of items as the answers to their questions, and the items that are not.

    Only what stands is looked at, and only where the whole period is the one that was sealed.
    """
    standing = {
        (one.price, micros(one.window.start), micros(one.window.end)): one
        for one in sealed
        if one.document is None
    }
    answers: list[Measured] = []
    open_items: list[Item] = []
    for item in items:
        place = (item.price.key, micros(item.period.start), micros(item.period.end))
        found = standing.get(place)
        if found is None:
            open_items.append(item)
        else:
            answers.append(Measured(price=item.price.key, period=item.period, rows=found.rows))
    return tuple(answers), tuple(open_items)


def sealed_windows(
    document: InvoiceId, sealed: Iterable[SealedUsage]
) -> dict[tuple[PriceKey, Period], tuple[UsageRow, ...]]:
    """Return the rows that were sealed for a document, by price and window."""
    return {(one.price, one.window): one.rows for one in sealed if one.document == document}
