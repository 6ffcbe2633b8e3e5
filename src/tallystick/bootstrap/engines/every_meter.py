"""The meters of all workspaces, for what is kept ready for questions."""

from collections.abc import Callable, Iterator

from tallystick.app.unit_of_work import RunnerUnitOfWork
from tallystick.kernel import WorkspaceId
from tallystick.metering import Meter
from tallystick.storage.postgres import Pool, PostgresUnitOfWork

_PAGE = 100


def every_meter(
    pool: Pool, runner: Callable[[], RunnerUnitOfWork]
) -> Callable[[], Iterator[tuple[WorkspaceId, Meter]]]:
    """Return what yields every meter of every workspace, as they are declared now."""

    def meters() -> Iterator[tuple[WorkspaceId, Meter]]:
        for workspace in every_workspace(runner):
            with PostgresUnitOfWork(pool, workspace) as uow:
                found = list(_meters(uow))
            for meter in found:
                yield workspace, meter

    return meters


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


def _meters(uow: PostgresUnitOfWork) -> Iterator[Meter]:
    after = ""
    while page := uow.catalog.list_meters(after=after, limit=_PAGE):
        yield from page
        after = page[-1].key
