"""Guarantees 2 and 3: arrival does not change a quantity, and parts of a window make the whole."""

import random
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import Misuse, Period, WorkspaceId
from tallystick.metering import (
    Aggregation,
    Event,
    Fold,
    Meter,
    UsageQuery,
    add_folds,
    evidence_of,
    measure_usage,
)
from tests.events import FOLDED, START, at, meter

_SECONDS_MAX = 30  # few instants, so that many events share one
_AGGREGATIONS = pytest.mark.parametrize("aggregation", FOLDED)


def _event(number: int, fields: tuple[int, str, str, int, str]) -> Event:
    second, subject, sequence, value, boot = fields
    return Event(
        workspace="w",
        source="s",
        id=str(number),
        type="t",
        subject=subject,
        used_at=at(second),
        received_at=START,
        sequence=sequence,
        data=f'{{"v":{value},"boot":"{boot}"}}',
        position=number,
    )


_EVENTS = st.lists(
    st.tuples(
        st.integers(0, _SECONDS_MAX),
        st.sampled_from("ab"),
        st.sampled_from(["", "1", "2"]),
        st.integers(0, 9),
        st.sampled_from(["b1", "b1", "b2"]),
    ),
    min_size=2,
    max_size=20,
).map(lambda rows: [_event(number, row) for number, row in enumerate(rows, 1)])

_TILES = st.sets(st.integers(1, _SECONDS_MAX), max_size=4).map(
    lambda borders: tuple(
        Period(start=at(one), end=at(other))
        for one, other in pairwise([0, *sorted(borders), _SECONDS_MAX + 1])
    )
)


def _meter(aggregation: Aggregation) -> Meter:
    if aggregation is Aggregation.TIME_WEIGHTED:
        return meter(aggregation, hold_seconds_max=7)
    return meter(aggregation, epoch="boot" if aggregation is Aggregation.COUNTER else None)


def _folds(
    aggregation: Aggregation, windows: tuple[Period, ...], events: list[Event]
) -> list[Fold]:
    query = UsageQuery(
        workspace=WorkspaceId("w"),
        meter=_meter(aggregation),
        windows=windows,
        spans=None,
        group_by=(),
    )
    return [row.fold for row in measure_usage(query, events)]


@_AGGREGATIONS
@given(events=_EVENTS, windows=_TILES, order=st.randoms(use_true_random=False))
def test_order_of_arrival(
    aggregation: Aggregation,
    events: list[Event],
    windows: tuple[Period, ...],
    order: random.Random,
) -> None:
    """Events that arrive late, early or mixed give the same quantities and the same digest."""
    mixed = [
        msgspec.structs.replace(event, position=position)
        for position, event in enumerate(order.sample(events, len(events)), 1)
    ]
    assert _folds(aggregation, windows, mixed) == _folds(aggregation, windows, events)
    assert evidence_of(mixed).digest == evidence_of(events).digest


@_AGGREGATIONS
@given(events=_EVENTS, windows=_TILES)
def test_parts_make_the_whole(
    aggregation: Aggregation, events: list[Event], windows: tuple[Period, ...]
) -> None:
    """Windows that tile a window add up to it where the aggregation adds, and else are refused."""
    whole_window = Period(start=windows[0].start, end=windows[-1].end)
    (whole,) = _folds(aggregation, (whole_window,), events)
    parts = _folds(aggregation, windows, events)
    if aggregation in {"count", "sum", "time_weighted", "counter"}:
        added = add_folds(parts, _meter(aggregation))
        assert added.quantity == whole.quantity
        assert (added.events, added.gap_seconds) == (whole.events, whole.gap_seconds)
    else:
        with pytest.raises(Misuse, match="do not add"):
            add_folds(parts, _meter(aggregation))
