"""Patterns of usage, kept by the owner behind the loader."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from tallystick.app.anomalies import PatternKeeping, keep_patterns
from tallystick.app.ingest import Loader
from tallystick.app.keeping import Keeper, each_in_turn
from tallystick.app.metering import UsageReader
from tallystick.app.unit_of_work import RunnerUnitOfWork, UnitOfWork
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap.engines.deciding import News
from tallystick.bootstrap.engines.every_meter import every_workspace
from tallystick.kernel import WorkspaceId

LOOK_SECONDS = 2.0
"""From one look at workspaces with new events to the next."""
SWEEP_SECONDS = 60.0
"""From one look at all workspaces to the next: hours end although nothing comes."""
REST_SHARE = 4.0
"""How much longer than a look the rest behind it is at least."""
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
    rested = _Rested()

    def work(going: Callable[[], bool]) -> None:
        if rested.is_due():
            with rested:
                each_in_turn(news.take(everybody), partial(keep, going=going), going=going)

    def keep(workspace: WorkspaceId, *, going: Callable[[], bool]) -> None:
        keep_patterns(workspace, at=observed.clocks.now(workspace), keeping=keeping, going=going)

    def everybody() -> Iterable[WorkspaceId]:
        return every_workspace(observed.runner)

    return Keeper("patterns", work, pause_seconds=LOOK_SECONDS)


class _Rested:
    """Keeps work from following on work at once."""

    def __init__(self) -> None:
        self._began = self._due = 0.0

    def is_due(self) -> bool:
        return time.monotonic() >= self._due

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *_: object) -> None:
        ended = time.monotonic()
        self._due = ended + REST_SHARE * (ended - self._began)
