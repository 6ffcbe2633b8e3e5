"""Patterns of usage, kept by the owner behind the loader."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from tallystick.app.anomalies import PatternKeeping, keep_patterns
from tallystick.app.ingest import Loader
from tallystick.app.keeping import Keeper, each_in_turn
from tallystick.app.metering import UsageReader
from tallystick.app.unit_of_work import RunnerUnitOfWork, UnitOfWork
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap.engines.every_meter import every_workspace
from tallystick.bootstrap.engines.news import News
from tallystick.bootstrap.engines.rested import Rested
from tallystick.kernel import WorkspaceId

LOOK_SECONDS = 2.0
"""From one look at workspaces with new events to the next."""
SWEEP_SECONDS = 60.0
"""From one look at all workspaces to the next: hours end although nothing comes."""
_COVER_SECONDS = 2.0


class Observed(Protocol):
    """The application, as far as patterns are concerned."""

    def units(self, workspace: WorkspaceId) -> UnitOfWork: ...

    def runner(self) -> RunnerUnitOfWork: ...

    def durable_position(self) -> int: ...

    @property
    def clocks(self) -> WorkspaceClocks: ...

    @property
    def usage(self) -> UsageReader: ...

    @property
    def loader(self) -> Loader: ...


def pattern_keeper(observed: Observed) -> Keeper:
    """Return what finds anomalies, not started; it takes a fifth of a processor at most."""
    news = News(sweep_seconds=SWEEP_SECONDS)
    observed.loader.when_new(news.add)

    def is_complete() -> bool:
        return observed.usage.wait_covered(observed.durable_position(), _COVER_SECONDS)

    keeping = PatternKeeping(units=observed.units, usage=observed.usage, is_complete=is_complete)
    rested = Rested()

    def work(going: Callable[[], bool]) -> None:
        if rested.is_due():
            with rested:
                each_in_turn(news.take(everybody), partial(keep, going=going), going=going)

    def keep(workspace: WorkspaceId, *, going: Callable[[], bool]) -> None:
        at = observed.clocks.now(workspace)
        if not keep_patterns(workspace, at=at, keeping=keeping, going=going):
            news.add([workspace])

    def everybody() -> Iterable[WorkspaceId]:
        return every_workspace(observed.runner)

    return Keeper("patterns", work, pause_seconds=LOOK_SECONDS)
