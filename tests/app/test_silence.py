"""Silent resources are found as early as if one asked at each look, by asking seldom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

import msgspec
import pytest

from tallystick.app.metering import UsageQuery, UsageRow
from tallystick.app.pipeline import AskedSilence, RememberedSilence, Silence, SilenceQuery
from tallystick.kernel import WorkspaceId
from tallystick.metering import Dimension, Event, Meter
from tallystick.storage.clickhouse import ClickHouseUsage
from tests.clickhouse import UsageStore, table_of
from tests.events import START, event, meter

THRESHOLD_SECONDS = 120
LOOK_SECONDS = 30
LEVEL = meter("time_weighted", hold_seconds_max=60)
_NUMBERS = count(1)


class CountedUsage(ClickHouseUsage):
    """Counts the questions."""

    questions = 0

    def usage(self, query: UsageQuery) -> list[UsageRow]:
        """Answer one more."""
        self.questions += 1
        return super().usage(query)


@dataclass(kw_only=True)
class Watch:
    """One workspace, looked at by somebody who asks each time and by somebody who remembers."""

    store: UsageStore
    threshold: int | None = THRESHOLD_SECONDS
    workspace: WorkspaceId = field(default_factory=lambda: WorkspaceId(f"silent-{next(_NUMBERS)}"))

    def __post_init__(self) -> None:
        """Begin without memory."""
        self.counted = CountedUsage(self.store.clickhouse, self.store.projection.corrected)
        self.asked = AskedSilence(self.store.reader)
        self.remembered = RememberedSilence(
            self.counted, self.store.projection.arrivals, threshold_seconds=self.threshold
        )

    def put(self, *events: Event) -> None:
        """Load events as they come in."""
        first = self.store.projection.max_position() + 1
        named = [
            msgspec.structs.replace(one, workspace=self.workspace, position=first + place)
            for place, one in enumerate(events)
        ]
        self.store.projection.insert(table_of(named))

    def crossed(self, silence: Silence, seconds: int, *, of: Meter = LEVEL) -> set[str]:
        """Return which resources have been silent for as long as the threshold."""
        query = SilenceQuery(
            workspace=self.workspace,
            meter=of,
            now=START + timedelta(seconds=seconds),
            through=self.store.reader.covered_position(),
        )
        found = silence.resources(query)
        return {one.subject for one in found if float(one.gap_seconds) >= THRESHOLD_SECONDS}

    def looks(self, seconds: int, *, coming: Mapping[int, Sequence[Event]]) -> list[set[str]]:
        """Look for so long, with what comes in meanwhile; both must see the same each time."""
        seen = []
        for now in range(0, seconds, LOOK_SECONDS):
            self.put(*coming[now]) if now in coming else None
            seen.append(self.crossed(self.remembered, now))
            assert seen[-1] == self.crossed(self.asked, now), now
        return seen


@pytest.fixture
def watch(usage_store: UsageStore) -> Watch:
    """Lend a workspace in which nothing happened."""
    return Watch(store=usage_store)


def test_a_crossing_is_seen_at_the_first_look_behind_it(watch: Watch) -> None:
    """A gap grows by a second a second: it is asked for when it can have got there, not before."""
    seen = watch.looks(900, coming={0: [event(0, '{"v": 1}')]})
    assert seen.index({"vm-1"}) * LOOK_SECONDS == 60 + THRESHOLD_SECONDS
    # At 0, at 120 when a gap could be 120 long but is 60, at 180; then less and less often.
    assert watch.counted.questions == 10


def test_what_comes_late_is_seen_at_once(watch: Watch) -> None:
    """An event of an hour ago opens a gap that no clock foretells."""
    day = 86_400
    coming = {
        0: [event(0, '{"v": 1}'), event(0, '{"v": 1}', subject="vm-2")],
        60: [event(60, '{"v": 1}', subject=one) for one in ("vm-1", "vm-2")],
        90: [event(-7200, '{"v": 1}', subject="vm-3")],
        300: [event(-3600, '{"v": 1}', type="else", subject="vm-4")],
    }
    seen = watch.looks(360, coming=coming)
    assert seen[90 // LOOK_SECONDS] == {"vm-3"}
    assert seen[-1] == {"vm-1", "vm-2", "vm-3"}
    assert watch.counted.questions < len(seen)
    assert watch.crossed(watch.remembered, day + 300) == watch.crossed(watch.asked, day + 300)


def test_a_workspace_at_rest_is_hardly_asked(watch: Watch) -> None:
    """Whatever comes of other types; what is not listed may have a gap of the threshold by then."""
    watch.put(event(-40_000, '{"v": 1}'))
    other = {at: [event(at, "{}", type="else")] for at in range(0, 1800, LOOK_SECONDS)}
    assert watch.looks(1800, coming=other) == [{"vm-1"}] * 60
    assert watch.counted.questions == 1800 / THRESHOLD_SECONDS


def test_another_definition_is_another_question(watch: Watch) -> None:
    """A meter that was changed, or a clock that was set back, is asked for anew."""
    watch.put(event(0, '{"v": 1}'))
    patient = replace(LEVEL, hold_seconds_max=86_000)
    assert watch.crossed(watch.remembered, 5000) == {"vm-1"}
    assert watch.crossed(watch.remembered, 5001, of=patient) == set()
    assert watch.crossed(watch.remembered, 5002) == {"vm-1"}
    assert watch.crossed(watch.remembered, 30) == set()


def test_series_of_one_resource_grow_together(watch: Watch) -> None:
    """With dimensions a gap may grow by several seconds a second: it is asked for each minute."""
    parted = replace(LEVEL, dimensions=(Dimension(name="disk", path="disk"),))
    watch.put(*(event(0, f'{{"v": 1, "disk": "{one}"}}') for one in "abcd"))
    for now in range(0, 240, LOOK_SECONDS):
        watch.crossed(watch.remembered, now, of=parted)
    assert watch.counted.questions == 4
    # Four series, each 30 s behind its hold: together as long as the threshold.
    assert watch.crossed(watch.remembered, 90, of=parted) == {"vm-1"}


def test_what_is_not_watched_is_not_asked(usage_store: UsageStore) -> None:
    """Without a threshold nobody is silent for too long."""
    watch = Watch(store=usage_store, threshold=None)
    watch.put(event(0, '{"v": 1}'))
    assert watch.crossed(watch.remembered, 5000) == set()
    assert watch.counted.questions == 0
