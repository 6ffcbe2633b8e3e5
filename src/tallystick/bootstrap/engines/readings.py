"""Values that alert rules watch, read by the owner behind the loader."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol, Self

from tallystick.app.ingest import Loader
from tallystick.app.invoicing import BillingSources
from tallystick.app.keeping import Keeper, each_in_turn
from tallystick.app.readings import ReadingsKeeping, keep_readings
from tallystick.app.unit_of_work import RunnerUnitOfWork, UnitOfWork
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap.engines.news import News
from tallystick.bootstrap.engines.rested import paced
from tallystick.kernel import WorkspaceId
from tallystick.storage.clickhouse import ClickHouse, ClickHouseUses

READ_SECONDS = 1.0
"""From one look at workspaces with new events to the next."""
SWEEP_SECONDS = 20.0
"""From one look at workspaces with rules to the next: they change although nothing comes."""


class Watched(Protocol):
    """The application, as far as readings are concerned."""

    def units(self, workspace: WorkspaceId) -> UnitOfWork: ...

    def runner(self) -> RunnerUnitOfWork: ...

    def at(self, workspace: WorkspaceId) -> Self: ...

    @property
    def clocks(self) -> WorkspaceClocks: ...

    @property
    def billing_sources(self) -> BillingSources: ...

    @property
    def loader(self) -> Loader: ...


def readings_keeper(watched: Watched, clickhouse: ClickHouse) -> Keeper:
    """Return what reads for alert rules, not started; it takes a fifth of a processor at most."""
    news = News(sweep_seconds=SWEEP_SECONDS)
    watched.loader.when_new(news.add)
    keeping = ReadingsKeeping(
        units=watched.units,
        sources=lambda workspace: watched.at(workspace).billing_sources,
        reader=ClickHouseUses(clickhouse),
    )
    everybody = _Everybody(watched)

    def work(going: Callable[[], bool]) -> None:
        each_in_turn(news.take(everybody), partial(keep, going=paced(going)), going=going)

    def keep(workspace: WorkspaceId, *, going: Callable[[], bool]) -> None:
        keep_readings(workspace, at=watched.clocks.now(workspace), keeping=keeping, going=going)

    return Keeper("readings", work, pause_seconds=READ_SECONDS)


class _Everybody:
    """The workspaces with alert rules, and once an hour all that have quotas."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._hour = -1

    def __call__(self) -> Iterable[WorkspaceId]:
        hour = self._watched.clocks.machine.now().hour
        with self._watched.runner() as uow:
            found = {*uow.quota_directory.with_rules()}
            if hour != self._hour:
                found |= {*uow.quota_directory.with_features()}
        self._hour = hour
        return found
