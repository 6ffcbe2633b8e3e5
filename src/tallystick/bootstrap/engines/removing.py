"""
Wires the removal of usage, and sees to it that nothing looks on while it is half done.

A removal takes content out of the log first and out of ClickHouse after it. In between the two
differ, so that a comparison of them waits, or is waited for; and PostgreSQL's backup and that of
the log must not part.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tallystick.app.keeping import Keeper
from tallystick.app.retention import RemovalParts, RetentionSources, resume_removals
from tallystick.app.unit_of_work import RunnerUnitOfWork
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap.data_directory import LOG_LOCK, DataDirectory, DirectoryUnusable
from tallystick.bootstrap.engines.every_meter import every_workspace
from tallystick.bootstrap.engines.reconciling import Reconciled
from tallystick.kernel import EngineUnavailable, WorkspaceId
from tallystick.storage.clickhouse import ClickHouseRemoval
from tallystick.storage.postgres import Pool, PostgresUnitOfWork


class Removing:
    """
    The one place of this process from where usage is removed.

    Args:
        sources: what content of a workspace is removed from, with the clock that tells its age.
        directory: holds the lock that a backup takes too.
        pool: for the units of work of a workspace.
        runner: for those that list the workspaces.
    """

    def __init__(
        self,
        sources: Callable[[WorkspaceId], RetentionSources],
        *,
        directory: DataDirectory,
        pool: Pool,
        runner: Callable[[], RunnerUnitOfWork],
    ) -> None:
        self.sources = sources
        self._directory = directory
        self._pool = pool
        self._runner = runner
        self._turn = threading.RLock()
        self._looked = False

    def parts(self, workspace: WorkspaceId) -> RemovalParts:
        """Return what a removal in a workspace needs."""
        return RemovalParts(
            units=lambda: PostgresUnitOfWork(self._pool, workspace),
            sources=self.sources(workspace),
            pause=self._alone,
        )

    @contextmanager
    def compared(self) -> Iterator[None]:
        """
        Hold removals back while log and projection are compared; what was broken off is done first.

        Raises:
            EngineUnavailable: something was broken off and cannot be carried out now.
        """
        with self._turn:
            self._resume(lambda: True)
            yield

    def keeper(self) -> Keeper:
        """Return what takes up, once after the start, removals that were broken off."""
        return Keeper("removals", self._resume_once)

    def _resume_once(self, going: Callable[[], bool]) -> None:
        if not self._looked:
            self._resume(going)
            self._looked = going()

    def _resume(self, going: Callable[[], bool]) -> None:
        for workspace in every_workspace(self._runner):
            if not going():
                return
            resume_removals(self.parts(workspace))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """
        Keep backups from being taken, and comparisons from being made, for as long.

        Raises:
            EngineUnavailable: one is, or usage is being removed already.
        """
        with ExitStack() as stack:
            if not self._turn.acquire(blocking=False):
                message = "a comparison with the log or another removal is under way; try later"
                raise EngineUnavailable(message)
            stack.callback(self._turn.release)
            try:
                stack.enter_context(self._directory.locked(LOG_LOCK))
            except DirectoryUnusable as error:
                message = "a backup or another removal is under way; try again when it ended"
                raise EngineUnavailable(message) from error
            yield


def open_removing(
    reconciled: Reconciled, *, directory: DataDirectory, clocks: WorkspaceClocks
) -> Removing:
    """Return from where usage is removed: from all that is compared."""
    behind = reconciled.behind
    removal = ClickHouseRemoval(behind.clickhouse, reconciled.projection.corrected, behind.rollups)

    def sources(workspace: WorkspaceId) -> RetentionSources:
        billing = reconciled.billing(clocks.of(workspace))
        return RetentionSources(log=reconciled.log, projection=removal, billing=billing)

    return Removing(sources, directory=directory, pool=behind.pool, runner=behind.runner)
