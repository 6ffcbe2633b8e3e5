"""The meters of all workspaces, for what is kept ready for questions."""

from collections.abc import Callable, Iterable, Iterator

from tallystick.app.unit_of_work import RunnerUnitOfWork
from tallystick.kernel import WorkspaceId
from tallystick.metering import Meter
from tallystick.storage.postgres import Pool, PostgresUnitOfWork

_PAGE = 100


def every_meter(
    pool: Pool, runner: Callable[[], RunnerUnitOfWork]
) -> Callable[[], Iterator[tuple[WorkspaceId, Meter]]]:
    """Return what yields every meter of every workspace, as they are declared now."""
    return lambda: meters_of(pool, every_workspace(runner))


def meters_of(pool: Pool, workspaces: Iterable[WorkspaceId]) -> Iterator[tuple[WorkspaceId, Meter]]:
    """Yield every meter of workspaces, as they are declared now."""
    for workspace in workspaces:
        with PostgresUnitOfWork(pool, workspace) as uow:
            meters = uow.catalog.load_meters()
        for meter in meters.values():
            yield workspace, meter


def every_workspace(runner: Callable[[], RunnerUnitOfWork]) -> Iterator[WorkspaceId]:
    """Yield every workspace."""
    after = ""
    while True:
        with runner() as uow:
            page = uow.directory.page(after=after, limit=_PAGE)
        yield from (workspace.id for workspace in page)
        if len(page) < _PAGE:
            return
        after = page[-1].id
