"""Guarantees 2 and 3: arrival does not change a quantity, and parts of a window make the whole."""

import random
from dataclasses import replace
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import Misuse, Period
from tallystick.metering import (
    RULES,
    Event,
    Fold,
    UsageQuery,
    add_folds,
    evidence_of,
    measure_usage,
)
from tests.conformance.usage_strategies import Stream, streams


def _arrived(events: list[Event], order: random.Random) -> list[Event]:
    """The same events as another day would have brought them: positions in another order."""
    shuffled = order.sample(events, len(events))
    return [msgspec.structs.replace(event, position=n) for n, event in enumerate(shuffled, 1)]


def _folds(query: UsageQuery, events: list[Event]) -> list[tuple[tuple[str, ...], Fold]]:
    return [(row.group, row.fold) for row in measure_usage(query, events)]


@given(stream=streams(), order=st.randoms(use_true_random=False))
def test_order_of_arrival(stream: Stream, order: random.Random) -> None:
    """Events that arrive late, early or mixed give the same quantities and the same digest."""
    other = _arrived(stream.events, order)
    for query in stream.queries:
        assert _folds(query, other) == _folds(query, stream.events)
    assert evidence_of(other).digest == evidence_of(stream.events).digest


def _whole(query: UsageQuery) -> UsageQuery:
    window = Period(start=query.windows[0].start, end=query.windows[-1].end)
    return replace(query, windows=(window,), group_by=(), evidence=False)


@given(stream=streams())
def test_parts_make_the_whole(stream: Stream) -> None:
    """Windows that tile a window add up to it where the aggregation adds, and else are refused."""
    for query in stream.queries:
        if any(one.end != other.start for one, other in pairwise(query.windows)):
            continue  # a question about windows that overlap
        parts = [row.fold for row in measure_usage(replace(query, group_by=()), stream.events)]
        (whole,) = (row.fold for row in measure_usage(_whole(query), stream.events))
        if not RULES[query.meter.aggregation].adds:
            with pytest.raises(Misuse, match="do not add"):
                add_folds(parts, query.meter)
            continue
        added = add_folds(parts, query.meter)
        assert added.quantity == whole.quantity
        assert added.gap_seconds == whole.gap_seconds
        assert (added.events, added.unmeterable) == (whole.events, whole.unmeterable)
