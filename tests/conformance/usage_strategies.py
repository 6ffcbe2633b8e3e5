"""Random streams of events and random questions about them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

import msgspec
from hypothesis import strategies as st

from tallystick.kernel import MeterKey, Period, SubjectSpan, WorkspaceId
from tallystick.metering import (
    SUBJECT,
    Aggregation,
    Dimension,
    Event,
    Filter,
    Meter,
    Peak,
    PeakPer,
    UsageQuery,
)
from tests.events import FOLDED, START, at, span

# Few, so that they collide; a fraction of a second, a border of windows, one instant before it.
_SECONDS = st.one_of(st.integers(-40, 40), st.sampled_from([0.000001, 9.999999, 10.5, 19.999999]))
_SUBJECTS = ("a", "b", "")
_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\x00"), max_size=4
)
_NUMBER_TEXTS = st.one_of(
    st.integers(0, 9).map(str),
    st.sampled_from(
        ["-1", "0", "-0", "1.50", "0.000000000000000001", "99999999999999999999", "4294967295"]
    ),
    st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,19})?", fullmatch=True),
)
_VALUES = st.one_of(
    _NUMBER_TEXTS,
    _NUMBER_TEXTS,
    _NUMBER_TEXTS.map(lambda text: f'"{text}"'),
    _TEXTS.map(lambda text: msgspec.json.encode(text).decode()),
    st.sampled_from(["null", "true", "{}", "[1.0]", "1e3", "-1.5E-2", '"\\u0031"', '{"v":"3 4"}']),
)
_PLACES = st.sampled_from(['"x"', '"y"', "1.0", "1", "null", "[]", '"\\"1\\\\"'])


SHARES = {0: Decimal(50), 32: Decimal("99.9"), 64: Decimal(95)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Events in order of arrival, questions about them, and how many the questions may know."""

    events: list[Event]
    queries: list[UsageQuery]
    known: int


def _event(number: int, fields: tuple[float, str, str, str, str, str]) -> Event:
    seconds, subject, sequence, source, value, place = fields
    members = [f'"v":{value}', f'"p":{{"q":{place}}}', f'"note":"7 {number}, {{"', '"boot":"b1"']
    # The shape differs from event to event, and so does the order of members.
    data = "{" + ",".join(members[number % 3 :] if number % 4 else members[::-1]) + "}"
    return Event(
        workspace="w",
        source=source,
        id=f"{9 - number % 10}-{number}",
        type="t" if number % 11 else "other",
        subject=subject,
        used_at=at(seconds),
        received_at=START,
        sequence=sequence,
        data=data,
        position=number + 1,
    )


def _events() -> st.SearchStrategy[list[Event]]:
    fields = st.tuples(
        _SECONDS,
        st.sampled_from(_SUBJECTS),
        st.sampled_from(["", "", "1", "2"]),
        st.sampled_from(["s", "r"]),
        _VALUES,
        _PLACES,
    )
    return st.lists(fields, min_size=1, max_size=25).map(
        lambda rows: [_event(number, row) for number, row in enumerate(rows)]
    )


def meters() -> st.SearchStrategy[Meter]:
    """Sound meters of every aggregation."""
    return st.builds(
        _meter,
        st.sampled_from(FOLDED),
        st.sampled_from(["v", "v", "v", None, "p.q"]),
        st.booleans(),
        st.booleans(),
        st.tuples(
            st.sampled_from([None, 1, 7, 30]),
            st.sampled_from(["zero", "hold"]),
            st.sampled_from([0, 32, 64]),
            st.sampled_from([None, "p.q", "boot"]),
            st.booleans(),
        ),
    )


def _meter(
    aggregation: Aggregation,
    value: str | None,
    by_place: bool,  # noqa: FBT001 (drawn by hypothesis)
    filtered: bool,  # noqa: FBT001 (as above)
    options: tuple[int | None, str, int, str | None, bool],
) -> Meter:
    hold, policy, bits, epoch, negative = options
    level, counter = aggregation is Aggregation.TIME_WEIGHTED, aggregation is Aggregation.COUNTER
    plain = aggregation not in {Aggregation.COUNT, Aggregation.UNIQUE, Aggregation.COUNTER}
    free = aggregation in {Aggregation.SUM, Aggregation.TIME_WEIGHTED, Aggregation.MAX}
    return Meter(
        key=MeterKey("m"),
        event_type="t",
        aggregation=aggregation,
        value=None if aggregation is Aggregation.COUNT else value if free else value or "v",
        unit="request",
        dimensions=(Dimension(name="place", path="p.q"),) if by_place else (),
        filters=(Filter(path="p.q", op="ne", values=("y",)),) if filtered else (),
        hold_seconds_max=hold if level else None,
        gap_policy="hold" if level and hold and policy == "hold" else "zero",
        epoch=epoch if counter else None,
        wrap_bits=(32 if bits == 32 else 64 if bits else 0) if counter else 0,
        negative_allowed=negative and plain,
        percentile=SHARES[bits] if aggregation is Aggregation.PERCENTILE else None,
        peak=Peak(
            per=PeakPer.HOUR if bits else PeakPer.DAY, take="sum" if policy == "zero" else "average"
        )
        if aggregation is Aggregation.PEAK
        else None,
    )


def _windows() -> st.SearchStrategy[tuple[Period, ...]]:
    borders = st.lists(_SECONDS, min_size=2, max_size=6, unique=True).map(sorted)
    tiles = borders.map(
        lambda marks: tuple(Period(start=at(a), end=at(b)) for a, b in pairwise(marks))
    )
    return st.one_of(tiles, st.tuples(tiles, tiles).map(lambda both: both[0] + both[1]))


def _spans() -> st.SearchStrategy[tuple[SubjectSpan, ...] | None]:
    border = st.one_of(st.none(), _SECONDS)
    one = st.builds(span, st.sampled_from([*_SUBJECTS, "a", "nobody"]), border, border)
    return st.one_of(st.none(), st.lists(one, max_size=5).map(tuple))


def _queries() -> st.SearchStrategy[UsageQuery]:
    return st.builds(
        _query,
        meters(),
        _windows(),
        _spans(),
        st.sampled_from([(), (), (SUBJECT,), ("place",), ("place", SUBJECT)]),
        st.tuples(
            st.one_of(st.none(), _SECONDS.map(at)),
            st.booleans(),
            st.booleans(),
            st.booleans(),
            st.sampled_from(["", "Asia/Kathmandu", "Australia/Lord_Howe"]),
        ),
    )


def _query(
    meter: Meter,
    windows: tuple[Period, ...],
    spans: tuple[SubjectSpan, ...] | None,
    group_by: tuple[str, ...],
    rest: tuple[datetime | None, bool, bool, bool, str],
) -> UsageQuery:
    until, evidence, others, silent, zone = rest
    return UsageQuery(
        workspace=WorkspaceId("w"),
        meter=meter,
        windows=windows,
        spans=spans,
        group_by=tuple(name for name in group_by if name == SUBJECT or meter.dimensions),
        until=until,
        evidence=evidence,
        others=others,
        silent=silent,
        zones=(zone,) if zone else (),
    )


def streams() -> st.SearchStrategy[Stream]:
    """Streams of up to 25 events, each with three questions."""
    return st.builds(
        Stream,
        events=_events(),
        queries=st.lists(_queries(), min_size=3, max_size=3),
        known=st.sampled_from([25, 25, 7, 1]),
    )
