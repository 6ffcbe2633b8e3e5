"""Facts that reach a billed key: recorded after it was billed, they account for a difference."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from tallystick.invoicing.asked import sharers
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.due import item_of
from tallystick.invoicing.line import LineKey
from tallystick.kernel import Period, SubjectSpan
from tallystick.metering import Reach


def reached_after(
    basis: Basis,
    key: LineKey,
    reaches: Iterable[Reach],
    *,
    position: int,
    since: datetime | None = None,
) -> bool:
    """
    Tell whether a fact recorded after a position may have changed the quantity of a key.

    It does where it speaks of the meter of the key's price and of a subject that is the
    subscriber's, in a part of the key's period in which it is; or of a time ``since`` an instant
    before it, where what was used then fills the key's tiers; or of another contract that fills
    them.
    """
    price = basis.price_of(key)
    if price is None or price.meter is None:
        return False
    period = key.period if since is None else Period(start=since, end=key.period.end)
    counts = [(period, basis.spans), *_together(basis, key)]
    return any(
        reach.position > position
        and reach.meter == price.meter
        and any(_touches(spans, period, reach) for period, spans in counts)
        for reach in reaches
    )


def _together(basis: Basis, key: LineKey) -> Iterator[tuple[Period, Sequence[SubjectSpan]]]:
    """Yield when and whose usage fills the tiers that a key shares with others."""
    item = item_of(basis, key.price, key.period)
    for one in () if item is None else sharers(basis, item):
        yield from ((piece, one.spans) for piece in one.pieces)


def _touches(spans: Iterable[SubjectSpan], period: Period, reach: Reach) -> bool:
    end = period.end if reach.end is None else min(reach.end, period.end)
    start = max(reach.start, period.start)
    if start >= end:
        return False
    part = Period(start=start, end=end)
    return any(
        span.subject == reach.subject
        and (span.start is None or span.start < part.end)
        and (span.end is None or span.end > part.start)
        for span in spans
    )
