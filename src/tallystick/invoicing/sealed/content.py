"""Sealed rows as text: the same rows are the same bytes, so that a digest stands for them."""

from decimal import Decimal

import msgspec

from tallystick.invoicing.sealed.usage import SealedUsage
from tallystick.kernel import Period
from tallystick.metering import Evidence, Fold, UsageRow


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
