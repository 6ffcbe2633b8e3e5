"""What the owner does over and over behind the loader."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from tallystick.app.ingest import Loader, RolledUp, WholeBlocks, keep_rolled_up
from tallystick.app.keeping import Keeper
from tallystick.app.unit_of_work import RunnerUnitOfWork
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap.engines.every_meter import every_workspace, meters_of
from tallystick.bootstrap.engines.news import News
from tallystick.bootstrap.engines.watching import watch_senders
from tallystick.storage.clickhouse import ClickHouse, ClickHouseNumbers, RollUps
from tallystick.storage.postgres import Pool

WATCH_SECONDS = 2.0
"""From one look at the numbers of senders to the next."""
ROLL_UP_SWEEP_SECONDS = 30.0
"""From one look at the meters of all workspaces to the next: new ones count what is not new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What the keepers work on; ``decisions``: connections that look up rows by key alone."""

    clickhouse: ClickHouse
    rollups: RollUps
    loader: Loader
    pool: Pool
    decisions: Pool
    runner: Callable[[], RunnerUnitOfWork]
    rolled_up: RolledUp = field(default_factory=RolledUp)

    def covered(self) -> int:
        """Return the position through which the projection holds every event."""
        return self.loader.covered_position


def keepers(behind: Behind, *, clocks: WorkspaceClocks) -> tuple[Keeper, ...]:
    """Return the keepers, not started: of roll-ups, and of the numbers of senders."""
    watch = watch_senders(
        behind.pool,
        behind.runner,
        reader=ClickHouseNumbers(behind.clickhouse),
        covered=behind.covered,
        clocks=clocks,
    )
    return (_rolling(behind), Keeper("sequences", watch, pause_seconds=WATCH_SECONDS))


def _rolling(behind: Behind) -> Keeper:
    """Return what rolls up: what is new as soon as a block stands whole, all now and then."""
    news = News(sweep_seconds=ROLL_UP_SWEEP_SECONDS)
    events, rolled = behind.rollups.sizes.block_events, behind.rolled_up

    def roll_up(going: Callable[[], bool]) -> None:
        covered = behind.covered()
        if covered // events == rolled.through // events and not news.is_sweep_due():
            rolled.through = covered
            return
        workspaces = news.take(partial(every_workspace, behind.runner))
        keep_rolled_up(
            meters_of(behind.pool, workspaces),
            rollups=behind.rollups,
            covered=behind.covered,
            rolled=rolled,
            going=going,
        )

    rolling = Keeper("roll-ups", roll_up)
    behind.loader.when_new(news.add)
    behind.loader.when_loaded(WholeBlocks(events, rolling.wake).reach)
    return rolling
