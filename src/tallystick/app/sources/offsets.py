"""
How far a sequence of numbered messages has been read, and what is missing below.

Offsets are whole numbers from 0; a span holds its first offset and not its end. A partition knows
the offset that is next, the spans below it that nobody has read (open), those that cannot be
read any more (lost), and those of either kind that a person has explained.

    next 10; somebody reports 14 to 20:  next 20, open 10..14
    then 10 to 12:                       next 20, open 12..14
    the broker holds nothing below 13:   next 20, open 13..14, lost 12..13

Where a collector was told to begin is the first offset it reports: what lies before is not missing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.kernel import check


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Span:
    """Offsets from `first` up to, not including, `end`; never empty."""

    first: int
    end: int

    def __post_init__(self) -> None:
        """Refuse what is empty or begins below zero."""
        check(0 <= self.first < self.end, f"{self.first} to {self.end} is no span of offsets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """
    What is remembered of numbers that a sender gave to its events by itself (see `sequences`).

    Attributes:
        first: the lowest number seen; what lies below is not missing.
        settled: holes that begin below this number are believed.
        mark: the first number that nobody had seen at `marked_at`; the next `settled`.
        marked_at: when the mark was set.
    """

    first: int
    settled: int
    mark: int
    marked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionState:
    """
    How far one partition has been read.

    Attributes:
        partition: its name, as `orders/0`.
        next_offset: the first offset that nobody has reported; all below are read, open or lost.
        open: spans below `next_offset` that are still to be read, ascending.
        lost: spans that the other side no longer holds, ascending.
        explained: spans that were open or lost until a person said why nothing is missing there.
        holes_found: how many holes have ever opened.
        messages: messages reported, repeats included.
        newest_at: the latest time of an event that came from here; None if none did.
        problem: what is wrong just now, empty if nothing is.
        reported_at: the instant of the last report.
        numbering: of a sender whose events are numbered, None of anything else.
    """

    partition: str
    next_offset: int = 0
    open: tuple[Span, ...] = ()
    lost: tuple[Span, ...] = ()
    explained: tuple[Span, ...] = ()
    holes_found: int = 0
    messages: int = 0
    newest_at: datetime | None = None
    problem: str = ""
    reported_at: datetime | None = None
    numbering: Numbering | None = None

    def is_read(self, offset: int) -> bool:
        """Say whether an offset was reported before (or is lost)."""
        within = any(span.first <= offset < span.end for span in self.open)
        return offset < self.next_offset and not within


def covered(state: PartitionState, span: Span, *, is_first: bool = False) -> PartitionState:
    """
    Return the state after the messages of a span were read.

    Args:
        state: before.
        span: what was read; a begin behind `next_offset` opens a hole.
        is_first: the partition was never reported before, so nothing lies before the span.

    Example:
        >>> state = covered(PartitionState(partition="p", next_offset=10), Span(first=14, end=20))
        >>> state.next_offset, state.open
        (20, (Span(first=10, end=14),))
        >>> covered(state, Span(first=9, end=12)).open
        (Span(first=12, end=14),)
    """
    opened = skipped(state, span.first) if not is_first else state
    return replace(
        opened,
        next_offset=max(state.next_offset, span.end),
        open=_without(opened.open, span),
        lost=_without(opened.lost, span),
        explained=_without(opened.explained, span),
    )


def skipped(state: PartitionState, offset: int) -> PartitionState:
    """Return the state when reading goes on at an offset: what lies between is an open hole."""
    if offset <= state.next_offset:
        return state
    hole = Span(first=state.next_offset, end=offset)
    return replace(
        state,
        next_offset=offset,
        open=(*state.open, hole),
        holes_found=state.holes_found + 1,
    )


def lost(state: PartitionState, span: Span) -> PartitionState:
    """Return the state when the other side no longer holds a span; what was read stays read."""
    opened = skipped(state, span.end)
    gone = _within(opened.open, span)
    return replace(
        opened,
        open=_without(opened.open, span),
        lost=tuple(sorted({*opened.lost, *gone})),
    )


def explained(state: PartitionState, span: Span) -> PartitionState:
    """
    Return the state after a person explained a span: what is open or lost of it is so no more.

    What was read stays read; an event that comes after all is read, and needs no explanation.

    Example:
        >>> state = covered(PartitionState(partition="p", next_offset=3), Span(first=7, end=9))
        >>> state.open, explained(state, Span(first=5, end=8)).open
        ((Span(first=3, end=7),), (Span(first=3, end=5),))
        >>> explained(state, Span(first=5, end=8)).explained
        (Span(first=5, end=7),)
    """
    told = (*_within(state.open, span), *_within(state.lost, span))
    return replace(
        state,
        open=_without(state.open, span),
        lost=_without(state.lost, span),
        explained=tuple(sorted({*state.explained, *told})),
    )


def _within(spans: Iterable[Span], cut: Span) -> tuple[Span, ...]:
    return tuple(
        Span(first=max(span.first, cut.first), end=min(span.end, cut.end))
        for span in spans
        if max(span.first, cut.first) < min(span.end, cut.end)
    )


def _without(spans: Iterable[Span], cut: Span) -> tuple[Span, ...]:
    left: list[Span] = []
    for span in spans:
        if span.first < min(span.end, cut.first):
            left.append(Span(first=span.first, end=min(span.end, cut.first)))
        if max(span.first, cut.end) < span.end:
            left.append(Span(first=max(span.first, cut.end), end=span.end))
    return tuple(left)
