"""Why a meter counts an event: the same verdict as its fold, part by part."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import Period
from tallystick.metering import Dimension, Filter, FilterOp, fold, match_event
from tests.conformance.usage_scenarios import truth
from tests.events import at, event, meter

WORDS = st.sampled_from(["", "eu", "us", "1", "-1", "true"])
JSON = st.one_of(WORDS, st.integers(-2, 2), st.booleans(), st.none(), st.just([1]))
HOUR = Period(start=at(0), end=at(3600))


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    """Draw a sound filter over one of two paths."""
    op: FilterOp = draw(st.sampled_from(["eq", "ne", "in", "exists"]))
    count = {"eq": 1, "ne": 1, "in": 2, "exists": 0}[op]
    values = tuple(draw(WORDS) for _ in range(count))
    return Filter(path=draw(st.sampled_from(["r", "s"])), op=op, values=values)


@given(
    data=st.dictionaries(st.sampled_from(["v", "r", "s"]), JSON),
    conditions=st.lists(filters(), max_size=3),
    aggregation=st.sampled_from(["sum", "count", "unique"]),
)
def test_the_verdict_is_the_folds(
    data: dict[str, object], conditions: list[Filter], aggregation: str
) -> None:
    """What counts is what the fold counts, and what is unmeterable likewise."""
    of_region = Dimension(name="region", path="r")
    counted = meter(aggregation, filters=tuple(conditions), dimensions=(of_region,))
    one = event(0, msgspec.json.encode(data).decode())
    found = match_event(one, counted)
    folded = fold([one], meter=counted, window=HOUR)
    assert (found.meterable, found.matches and not found.meterable) == (
        folded.events == 1,
        folded.unmeterable == 1,
    )
    assert found.matches == all(check.holds for check in found.filters)
    assert [check.filter for check in found.filters] == conditions


def test_what_stands_in_the_event_is_told() -> None:
    """The text at a filter's path, the value and the dimensions are shown as they were read."""
    counted = meter(
        "sum",
        filters=(Filter(path="status", op="eq", values=("200",)),),
        dimensions=(Dimension(name="region", path="r"),),
    )
    found = match_event(event(0, '{"status":500,"v":1.50,"r":"eu"}'), counted)
    assert (found.filters[0].text, found.filters[0].holds) == ("500", False)
    assert (found.text, str(found.value), found.dimensions) == ("1.50", "1.50", {"region": "eu"})


def test_another_type_is_not_looked_at() -> None:
    """An event of another type has no filters to fail."""
    found = match_event(event(0, type="other"), meter("count"))
    assert (found.of_type, found.matches, found.filters) == (False, False, ())


def test_conditions_say_what_they_came_to() -> None:
    """An expression is true, false, or undecided with its reason; then the event is unmeterable."""
    measured = meter("count", conditions=(truth("data.n > 1"), truth("exists(data.ok)")))
    told = {
        data: match_event(event(1, data), measured)
        for data in ('{"n":2,"ok":1}', '{"n":1,"ok":1}', '{"ok":1}')
    }
    assert [
        ([check.text for check in found.filters], found.matches, found.meterable)
        for found in told.values()
    ] == [
        (["true", "true"], True, True),
        (["false", "true"], False, False),
        (["missing", "true"], True, False),
    ]
