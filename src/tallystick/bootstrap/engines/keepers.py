"""What the owner does over and over behind the loader."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tallystick.app.ingest import Loader, RolledUp, WholeBlocks, keep_rolled_up
from tallystick.app.keeping import Keeper
from tallystick.app.unit_of_work import RunnerUnitOfWork
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap.engines.every_meter import every_meter
from tallystick.bootstrap.engines.watching import watch_senders
from tallystick.storage.clickhouse import ClickHouse, ClickHouseNumbers, RollUps
from tallystick.storage.postgres import Pool

WATCH_SECONDS = 2.0
"""From one look at the numbers of senders to the next."""


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
    meters = every_meter(behind.pool, behind.runner)
    watch = watch_senders(
        behind.pool,
        behind.runner,
        reader=ClickHouseNumbers(behind.clickhouse),
        covered=behind.covered,
        clocks=clocks,
    )

    def roll_up(going: Callable[[], bool]) -> None:
        keep_rolled_up(
            meters(),
            rollups=behind.rollups,
            covered=behind.covered,
            rolled=behind.rolled_up,
            going=going,
        )

    rolling = Keeper("roll-ups", roll_up)
    whole = WholeBlocks(behind.rollups.sizes.block_events, rolling.wake)
    behind.loader.when_loaded(whole.reach)
    return (
        rolling,
        Keeper("sequences", watch, pause_seconds=WATCH_SECONDS),
    )
