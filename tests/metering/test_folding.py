"""What holds for folds and evidence, whatever the events."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal, localcontext
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tallystick.kernel import EXACT, Misuse, WorkspaceId, micros
from tallystick.metering import (
    RULES,
    Aggregation,
    Event,
    Fold,
    Peak,
    PeakPer,
    UsageQuery,
    add_folds,
    event_digest,
    evidence_of,
    fold,
    measure_usage,
)
from tests.conformance.usage_strategies import Stream, streams
from tests.events import FOLDED, event, meter, readings, window
from tests.strategies import ZONES

ADDING = [one for one in Aggregation if RULES[one].adds]
OTHERS = [one for one in FOLDED if not RULES[one].adds]


def test_which_quantities_add() -> None:
    """Counts, sums, integrals and increases add; extremes, means and distinct values do not."""
    assert {one.value for one in ADDING} == {"count", "sum", "time_weighted", "counter"}


@given(stream=streams(), cut=st.integers(-39, 39), kind=st.sampled_from(ADDING))
def test_parts_add_up_to_the_whole(stream: Stream, cut: int, kind: Aggregation) -> None:
    """A window cut in two gives the same quantity, events and gap seconds as the whole."""
    measured = meter(kind.value, negative_allowed=kind is Aggregation.SUM)
    if kind is Aggregation.TIME_WEIGHTED:
        measured = replace(measured, hold_seconds_max=7)
    whole, left, right = (
        fold(stream.events, meter=measured, window=window(*ends))
        for ends in ((-40, 40), (-40, cut), (cut, 40))
    )
    added = add_folds([left, right], measured)
    assert replace(added, gaps=0) == replace(whole, gaps=0)


@pytest.mark.parametrize("kind", OTHERS)
def test_others_refuse_to_be_added(kind: Aggregation) -> None:
    """Folds that do not add are refused, not summed to something wrong."""
    one = fold([], meter=meter(kind.value), window=window(0, 1))
    with pytest.raises(Misuse, match="do not add"):
        add_folds([one, one], meter(kind.value))


@given(stream=streams(), data=st.data())
def test_order_of_arrival_does_not_matter(stream: Stream, data: st.DataObject) -> None:
    """Events in any order give the same rows, evidence included."""
    shuffled = data.draw(st.permutations(stream.events))
    for query in stream.queries:
        assert measure_usage(query, shuffled) == measure_usage(query, stream.events)


@given(stream=streams())
def test_level_against_a_naive_model(stream: Stream) -> None:
    """The integral of a level equals the sum of the level at each tenth of a second."""
    events = [one for one in stream.events if micros(one.used_at) % 100_000 == 0]
    assume(events)
    measured = meter("time_weighted", hold_seconds_max=7)
    by_subject = defaultdict(list)
    for one in events:
        by_subject[one.subject].append(one)
    with localcontext(EXACT):
        levels = (_level(own, tenth) for own in by_subject.values() for tenth in range(-100, 200))
        expected = sum(levels, Decimal(0)) / 10
    assert fold(events, meter=measured, window=window(-10, 20)).quantity == expected


def _level(events: list[Event], tenth: int) -> Decimal:
    """Return the level at a tenth of a second: the last readable value, unless 7 s have passed."""
    before = [one for one in events if one.used_at <= window(tenth / 10, 1e9).start]
    read = [
        (one.used_at, one.sequence, one.source, one.id, count.quantity)
        for one in before
        if (count := _value(one)).events
    ]
    if not read:
        return Decimal(0)
    used_at, *_, value = max(read)
    age = (window(tenth / 10, 1e9).start - used_at).total_seconds()
    return value if age < 7 else Decimal(0)


def _value(one: Event) -> Fold:
    return fold([one], meter=meter("sum"), window=window(-1e6, 1e6))


@given(
    values=st.lists(st.integers(0, 20), min_size=1, max_size=60),
    share=st.decimals("0.001", 100, places=3),
)
def test_a_percentile_is_the_least_value_that_covers_its_share(
    values: list[int], share: Decimal
) -> None:
    """It was measured; so many percent of the values are not above it, and of no lesser one."""
    measured = meter("percentile", percentile=share)
    found = fold(
        readings({n: str(value) for n, value in enumerate(values)}),
        meter=measured,
        window=window(0, 100),
    ).quantity
    enough = [
        value
        for value in values
        if sum(one <= value for one in values) * 100 >= share * len(values)
    ]
    assert found == min(enough)


@given(stream=streams(), zone=st.sampled_from(ZONES), per=st.sampled_from(PeakPer))
def test_a_sum_of_peaks_is_the_sum_of_the_greatest_of_each_part(
    stream: Stream, zone: str, per: PeakPer
) -> None:
    """Cutting at local boundaries and taking the greatest of each part gives the same."""
    measured = meter("peak", peak=Peak(per=per))
    whole = window(-90_000.5, 90_000)
    asked = UsageQuery(workspace=WorkspaceId("w"), meter=measured, windows=(whole,), zones=(zone,))
    (row,) = measure_usage(asked, stream.events)
    greatest: dict[object, Decimal] = {}
    for one in stream.events:
        counted = _value(one)
        local = one.used_at.astimezone(ZoneInfo(zone))
        part = {
            PeakPer.QUARTER_HOUR: micros(one.used_at) // 900_000_000,
            PeakPer.HOUR: (local.date(), local.hour),
            PeakPer.DAY: local.date(),
            PeakPer.WEEK: local.isocalendar()[:2],
            PeakPer.MONTH: (local.year, local.month),
        }[per]
        if counted.events:
            greatest[part] = max(greatest.get(part, Decimal(0)), counted.quantity)
    with localcontext(EXACT):
        assert row.fold.quantity == sum(greatest.values(), Decimal(0))


def test_no_digit_is_lost_in_another_context() -> None:
    """A caller's decimal context does not touch a fold."""
    events = readings({1: "12345678901234567890.123456789012345678", 2: "1"})
    with localcontext() as context:
        context.prec = 3
        summed = fold(events, meter=meter("sum"), window=window(0, 9))
        mean = fold(events, meter=meter("avg"), window=window(0, 9))
        level = fold(events, meter=meter("time_weighted"), window=window(0, 2))
    assert summed.quantity == Decimal("12345678901234567891.123456789012345678")
    assert mean.quantity == Decimal("6172839450617283945.561728394506172839")
    assert level.quantity == Decimal("12345678901234567890.123456789012345678")


def test_digest_is_over_netstrings() -> None:
    """A digest is SHA-256 over lengths in bytes and contents, without position and receipt."""
    one = event(1.5, '{"v":"ä"}', source="s", id="7", subject="", sequence="", position=5)
    written = b"1:w,1:s,1:7,1:t,0:,16:1767225601500000,0:,10:" + '{"v":"ä"}'.encode() + b","
    assert event_digest(one) == sha256(written).digest()


def test_evidence_adds() -> None:
    """Digests of parts add up to the whole's, least significant byte first, modulo 2^256."""
    events = [event(n, f'{{"v":{n}}}') for n in range(50)]
    numbers = [int(evidence_of([one]).digest, 16) for one in events]
    assert evidence_of(events).digest == f"{sum(numbers) % 2**256:064x}"
    assert numbers[0] == int.from_bytes(event_digest(events[0]), "little")
    positions = [one.position for one in events]
    whole = evidence_of(events[::-1])
    assert (whole.first_position, whole.last_position) == (min(positions), max(positions))


def test_evidence_tells_a_changed_event() -> None:
    """One changed character anywhere in what is digested changes the evidence."""
    one = event(1, '{"v":1}', sequence="1")
    for changed in (
        {"data": '{"v":2}'},
        {"sequence": "2"},
        {"subject": "vm-2"},
        {"id": "other"},
        {"source": "z"},
        {"type": "z"},
        {"workspace": "z"},
        {"used_at": window(1.000001, 9).start},
    ):
        given_fields = {name: getattr(one, name) for name in one.__struct_fields__} | changed
        assert evidence_of([Event(**given_fields)]).digest != evidence_of([one]).digest
