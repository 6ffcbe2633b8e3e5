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
from decimal import Decimal
from enum import StrEnum

import msgspec

from tallystick.invoicing.due import Item
from tallystick.invoicing.questions import Measured
from tallystick.kernel import InvoiceId, Period, PriceKey, micros
from tallystick.metering import Evidence, Fold, UsageRow


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
    """

    document: InvoiceId | None
    price: PriceKey
    window: Period
    rows: tuple[UsageRow, ...]


class SealedRow(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A row as it is written down; decimals as texts, so that none is rounded."""

    group: tuple[str, ...]
    numerator: str
    denominator: str
    events: int
    unmeterable: int
    gap_seconds: str
    gaps: int
    evidence_events: int
    evidence_digest: str
    first_position: int
    last_position: int


_ROWS = msgspec.json.Decoder(tuple[SealedRow, ...])


def sealed_content(sealed: SealedUsage) -> bytes:
    """Return the canonical text of the rows, in order of group."""
    rows = sorted((_written(row) for row in sealed.rows), key=lambda row: row.group)
    return msgspec.json.encode(rows)


def rows_from_content(content: bytes, window: Period) -> tuple[UsageRow, ...]:
    """Return the rows that `sealed_content` wrote for a window."""
    return tuple(_read(row, window) for row in _ROWS.decode(content))


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


def _written(row: UsageRow) -> SealedRow:
    evidence = row.evidence or Evidence(events=0, digest="", first_position=0, last_position=0)
    return SealedRow(
        group=row.group,
        numerator=str(row.fold.numerator),
        denominator=str(row.fold.denominator),
        events=row.fold.events,
        unmeterable=row.fold.unmeterable,
        gap_seconds=str(row.fold.gap_seconds),
        gaps=row.fold.gaps,
        evidence_events=evidence.events,
        evidence_digest=evidence.digest,
        first_position=evidence.first_position,
        last_position=evidence.last_position,
    )


def _read(row: SealedRow, window: Period) -> UsageRow:
    return UsageRow(
        window=window,
        group=row.group,
        fold=Fold(
            numerator=Decimal(row.numerator),
            denominator=Decimal(row.denominator),
            events=row.events,
            unmeterable=row.unmeterable,
            gap_seconds=Decimal(row.gap_seconds),
            gaps=row.gaps,
        ),
        evidence=Evidence(
            events=row.evidence_events,
            digest=row.evidence_digest,
            first_position=row.first_position,
            last_position=row.last_position,
        ),
    )
