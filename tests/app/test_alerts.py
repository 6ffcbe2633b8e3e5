"""An alert opens once per crossing, closes once, and leaves through the outbox each time."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.app.pipeline import (
    DEFAULT_THRESHOLDS,
    STANDING_MAX,
    Alert,
    AskedSilence,
    Condition,
    Flow,
    Measure,
    PipelineHealth,
    PipelineSources,
    Sender,
    SilentResource,
    Thresholds,
    Watching,
    due_changes,
    measures_of,
    watch_pipeline,
)
from tallystick.app.pipeline.measures import cut_short
from tallystick.app.pipeline.silence import SILENT_MAX
from tallystick.app.uncounted import UncountedSources
from tallystick.bootstrap.engines.alerting import thresholds_of
from tallystick.kernel import MeterKey, Misuse, WorkspaceId
from tallystick.storage.clickhouse import ClickHouseEvents, ClickHouseUncounted
from tests.clickhouse import UsageStore
from tests.clock import NEW_YEAR, HandClock
from tests.databases import OTHER_WORKSPACE, WORKSPACE, Database

CALM = Flow(
    durable=10,
    covered=10,
    lag_seconds=0,
    queued=0,
    accepted=10,
    duplicate=0,
    conflict=0,
    rejected=0,
)
LATE = replace(CALM, lag_seconds=90)


@dataclass(kw_only=True)
class Watched:
    """A workspace whose process says what a test wants."""

    database: Database
    store: UsageStore
    clock: HandClock = field(default_factory=HandClock)
    thresholds: Thresholds = field(default_factory=lambda: DEFAULT_THRESHOLDS)

    def look(
        self, flow: Flow, *, earlier: Flow | None = None, workspace: WorkspaceId = WORKSPACE
    ) -> int:
        """Look once; return how many alerts changed."""
        sources = PipelineSources(
            flow=flow,
            senders=ClickHouseEvents(self.store.clickhouse),
            uncounted=UncountedSources(
                reader=ClickHouseUncounted(self.store.clickhouse),
                usage=self.store.reader,
                clock=self.clock,
            ),
            usage=self.store.reader,
            silence=AskedSilence(self.store.reader),
            clock=self.clock,
        )
        return watch_pipeline(
            workspace,
            uow=self.database.unit(workspace),
            sources=sources,
            watching=Watching(thresholds=self.thresholds, earlier=earlier),
        )

    def alerts(self) -> list[Alert]:
        """Return the alerts, the last first."""
        with self.database.unit() as uow:
            return uow.alerts.page(before=None, limit=50)

    def messages(self) -> list[tuple[str, str]]:
        """Return id and topic of what is in the outbox."""
        with self.database.connection("postgres") as connection:
            rows = connection.execute("SELECT id, topic FROM outbox ORDER BY created_at, id")
            return [(row[0], row[1]) for row in rows]


@pytest.fixture
def watched(database: Database, usage_store: UsageStore) -> Watched:
    """Lend a workspace in which nothing happened."""
    return Watched(database=database, store=usage_store)


def test_once_per_crossing_and_again_after_a_recovery(watched: Watched) -> None:
    """However often it is looked at, each crossing is one fact, one message, each way."""
    assert [watched.look(flow) for flow in (CALM, LATE, LATE, LATE)] == [0, 1, 0, 0]
    watched.clock.forward(seconds=30)
    assert [watched.look(flow) for flow in (CALM, CALM)] == [1, 0]
    assert [watched.look(flow) for flow in (LATE, LATE)] == [1, 0]
    second, first = watched.alerts()
    assert (first.condition, first.value, first.threshold) == (Condition.LAG_SECONDS, 90, 60)
    assert (first.opened_at, first.closed_value) == (NEW_YEAR, 0)
    assert first.closed_at == NEW_YEAR + timedelta(seconds=30)
    assert second.closed_at is None
    assert [topic for _, topic in watched.messages()] == [
        "alert.opened",
        "alert.closed",
        "alert.opened",
    ]
    assert len({name for name, _ in watched.messages()}) == 3


def test_each_workspace_has_its_own(watched: Watched) -> None:
    """Another workspace's alert is neither seen nor taken for one's own."""
    assert watched.look(LATE, workspace=OTHER_WORKSPACE) == 1
    assert watched.alerts() == []
    assert watched.look(LATE) == 1
    with watched.database.runner() as uow:
        assert uow.alert_figures.standing() == {"lag_seconds": 2}


def test_facts_are_not_changed(watched: Watched) -> None:
    """An alert is closed by another fact, never by changing it."""
    watched.look(LATE)
    with (
        watched.database.connection("postgres") as connection,
        pytest.raises(Exception, match="never changed"),
    ):
        connection.execute("UPDATE pipeline_alert SET value = 0")


def test_a_condition_that_is_switched_off_closes(watched: Watched) -> None:
    """Nobody waits for what is not watched any more."""
    watched.look(LATE)
    watched.thresholds = thresholds_of("lag_seconds=off")
    assert watched.look(LATE) == 1
    assert [one.closed_value for one in watched.alerts()] == [90]


def _health(flow: Flow = CALM, **parts: object) -> PipelineHealth:
    empty = PipelineHealth(
        flow=flow,
        letters=(),
        unattributed=0,
        senders=(),
        silent=(),
        holes=(),
        alerts=(),
        differences=None,
        checked_at=NEW_YEAR,
    )
    return replace(empty, **parts)  # type: ignore[arg-type] # a test names fields


def _crossed(health: PipelineHealth, earlier: Flow | None = None) -> list[tuple[str, str, int]]:
    changes = due_changes(measures_of(health, earlier), [], DEFAULT_THRESHOLDS)
    return [(one.condition.value, one.about, one.value) for one in changes.opened]


def _sent(hours: int) -> Sender:
    at = NEW_YEAR - timedelta(hours=hours)
    return Sender(source="east", events=1, newest_used_at=at, newest_received_at=at)


def _silent(seconds: str) -> SilentResource:
    return SilentResource(meter=MeterKey("vm"), subject="vm-1", gap_seconds=seconds, gaps=1)


@pytest.mark.parametrize(
    ("health", "earlier", "crossed"),
    [
        (_health(), None, []),
        (_health(replace(CALM, durable=2_000_010)), None, [("lag_events", "", 2_000_000)]),
        (_health(replace(CALM, queued=300_000)), None, [("queued_events", "", 300_000)]),
        (_health(replace(CALM, accepted=105, rejected=5)), CALM, [("rejected_percent", "", 5)]),
        (_health(replace(CALM, accepted=106, rejected=5)), CALM, []),
        (_health(replace(CALM, accepted=60, rejected=40)), CALM, []),  # of too few
        (_health(replace(CALM, accepted=60, rejected=90)), None, []),  # since when?
        (_health(replace(CALM, duplicate=90, conflict=10)), CALM, [("conflict_percent", "", 10)]),
        (_health(unattributed=1_000), None, [("unattributed_events", "", 1_000)]),
        (_health(differences=1), None, [("reconcile_differences", "", 1)]),
        (_health(senders=(_sent(12),)), None, [("newest_age_seconds", "east", 43_200)]),
        (_health(senders=(_sent(11),)), None, []),
        (_health(silent=(_silent("3600.5"),)), None, [("gap_seconds", "vm vm-1", 3_600)]),
    ],
)
def test_what_crosses(
    health: PipelineHealth, earlier: Flow | None, crossed: list[tuple[str, str, int]]
) -> None:
    """A threshold belongs to what is alerted."""
    assert _crossed(health, earlier) == crossed


def _alert(condition: Condition, about: str = "", opened_at: datetime = NEW_YEAR) -> Alert:
    return Alert(id=1, condition=condition, about=about, value=1, threshold=1, opened_at=opened_at)


def test_silence_is_no_recovery() -> None:
    """A sender that is not heard of stays alerted; a hole that is not listed is filled."""
    age, hole = _alert(Condition.NEWEST_AGE_SECONDS, "east"), _alert(Condition.OPEN_OFFSETS, "k 0")
    changes = due_changes([], [age, hole], DEFAULT_THRESHOLDS)
    assert changes.closed == ((hole, 0),)


def test_a_list_that_is_cut_short_closes_nothing() -> None:
    """The fifty-first silent resource is not well because there are fifty that are worse."""
    alert = _alert(Condition.GAP_SECONDS, "vm vm-99")
    worse = tuple(replace(_silent("7200"), subject=f"vm-{n}") for n in range(SILENT_MAX))
    for named, closed in ((worse, ()), (worse[1:], ((alert, 0),))):
        health = _health(silent=named)
        changes = due_changes(
            measures_of(health, None), [alert], DEFAULT_THRESHOLDS, cut_short=cut_short(health)
        )
        assert changes.closed == closed


def test_alerts_are_bounded(watched: Watched) -> None:
    """However many holes there are: what was not stored is not opened again at each look."""
    measures = [
        Measure(condition=Condition.OPEN_OFFSETS, about=f"k {n}", value=1)
        for n in range(STANDING_MAX + 9)
    ]
    for opened in (STANDING_MAX, 0):
        with watched.database.unit() as uow:
            due = due_changes(measures, uow.alerts.standing(), DEFAULT_THRESHOLDS)
            assert len(due.opened) == opened
            for one in due.opened:
                uow.alerts.open(one, threshold=1, at=NEW_YEAR)
            uow.commit()


@given(values=st.lists(st.integers(0, 3), max_size=30))
def test_openings_and_closings_alternate(values: list[int]) -> None:
    """Over any course, an alert stands exactly while the value is at the threshold or above."""
    standing: list[Alert] = []
    for value in values:
        measure = Measure(condition=Condition.DEAD_LETTERS, value=value)
        changes = due_changes([measure], standing, {Condition.DEAD_LETTERS: 2})
        assert len(changes.opened) + len(changes.closed) <= 1
        if changes.opened:
            standing = [_alert(Condition.DEAD_LETTERS)]
        if changes.closed:
            standing = []
        assert bool(standing) is (value >= 2)


@pytest.mark.parametrize("text", ["lag=3", "lag_seconds", "lag_seconds=0", "lag_seconds=-1"])
def test_a_threshold_that_cannot_be_is_refused(text: str) -> None:
    """What is known, and what can be, is said."""
    with pytest.raises(Misuse, match="TALLYSTICK_ALERTS"):
        thresholds_of(text)
    assert thresholds_of("lag_seconds=5, dead_letters=off")[Condition.LAG_SECONDS] == 5
    assert Condition.DEAD_LETTERS not in thresholds_of("lag_seconds=5, dead_letters=off")
