"""
Numbers that a sender gives to its events: which were seen, and which are missing between.

A sender counts its events in the CloudEvents attribute `sequence`: 1, 2, 3, in any order of
arrival. Between the lowest and the highest number that was seen none may be missing. A missing one
is not believed at once, since several connections overtake each other: what stood at one look is
marked, and the holes below the mark are believed at the first look that is `settle_seconds` later.

    seen 1 to 4 and 7 at noon:   next 8, hole 5..7, not believed
    a look 10 s later:           hole 5..7 is believed
    5 arrives:                   hole 6..7
    6 arrives:                   no hole

Bounded: holes beyond HOLES_MAX are shown as one, which names also numbers that were seen; none is
left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tallystick.app.sources.offsets import Numbering, PartitionState, Span, covered
from tallystick.kernel import counted

HOLES_MAX = 1000
TOO_MANY = f"more than {HOLES_MAX} holes; the last one shown reaches over numbers that were seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderNumbers:
    """
    What a look at a range of the log found of one sender.

    Attributes:
        sender: the attribute `source` of its events.
        spans: the numbers that were seen, ascending.
        events: how many events had a number.
        unnumbered: how many had none, or one that is no whole number below 10^18.
        newest_at: the latest time of an event.
    """

    sender: str
    spans: tuple[Span, ...]
    events: int
    unnumbered: int
    newest_at: datetime


def heard(
    state: PartitionState | None, found: SenderNumbers, *, now: datetime, settle_seconds: int
) -> PartitionState:
    """
    Return how a sender stands after a look.

    Args:
        state: before; None if the sender was never heard.
        found: what is new.
        now: the instant of the look.
        settle_seconds: how long a number may be late before it is missing.
    """
    after = state or PartitionState(partition=found.sender)
    for span in found.spans:
        after = _seen(after, span, now)
    if after.numbering is not None and (state is None or state.numbering is None):
        after = replace(after, numbering=replace(after.numbering, mark=after.next_offset))
    times = [at for at in (after.newest_at, found.newest_at) if at is not None]
    holes, problem = _bounded(after.open)
    if not problem and found.unnumbered:
        problem = f"{counted(found.unnumbered, 'event')} without a number that can be followed"
    new = replace(
        after,
        open=holes,
        messages=after.messages + found.events + found.unnumbered,
        newest_at=max(times),
        problem=problem,
        reported_at=now,
    )
    return looked_at(new, now=now, settle_seconds=settle_seconds)


def looked_at(state: PartitionState, *, now: datetime, settle_seconds: int) -> PartitionState:
    """Return the state after a look that may have found nothing new: holes settle with time."""
    numbering = state.numbering
    if numbering is None or now - numbering.marked_at < timedelta(seconds=settle_seconds):
        return state
    found = [hole for hole in state.open if numbering.settled <= hole.first < numbering.mark]
    moved = replace(numbering, settled=numbering.mark, mark=state.next_offset, marked_at=now)
    return replace(state, numbering=moved, holes_found=state.holes_found + len(found))


def believed(state: PartitionState) -> PartitionState:
    """Return the state as it is shown: without holes that may close by themselves."""
    numbering = state.numbering
    if numbering is None:
        return state
    return replace(state, open=tuple(each for each in state.open if each.first < numbering.settled))


def _seen(state: PartitionState, span: Span, now: datetime) -> PartitionState:
    numbering = state.numbering
    if numbering is None:
        fresh = Numbering(first=span.first, settled=span.first, mark=span.end, marked_at=now)
        return replace(covered(state, span, is_first=True), numbering=fresh)
    opened = state.open
    if span.end < numbering.first:
        opened = (Span(first=span.end, end=numbering.first), *opened)
    after = covered(replace(state, open=opened), span)
    lowest = replace(numbering, first=min(numbering.first, span.first))
    return replace(after, numbering=lowest, holes_found=state.holes_found)


def _bounded(holes: Iterable[Span]) -> tuple[tuple[Span, ...], str]:
    kept = tuple(holes)
    if len(kept) <= HOLES_MAX:
        return kept, ""
    rest = Span(first=kept[HOLES_MAX - 1].first, end=kept[-1].end)
    return (*kept[: HOLES_MAX - 1], rest), TOO_MANY
