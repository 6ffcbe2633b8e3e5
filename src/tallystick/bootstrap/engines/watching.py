"""Watches the numbers of senders, for every declared source of the kind `sequenced`."""

from collections.abc import Callable, Iterator

from tallystick.app.keeping import each_in_turn
from tallystick.app.sources import NumberReader, WatchedSequence, watch_sequence
from tallystick.app.unit_of_work import RunnerUnitOfWork
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.integrations.sources import SequencedSource, definition_from_document
from tallystick.kernel import WorkspaceId
from tallystick.storage.postgres import Pool, PostgresUnitOfWork

KIND = "sequenced"
_PAGE = 100


def watch_senders(
    pool: Pool,
    runner: Callable[[], RunnerUnitOfWork],
    *,
    reader: NumberReader,
    covered: Callable[[], int],
    clocks: WorkspaceClocks,
) -> Callable[[Callable[[], bool]], None]:
    """Return the work of a keeper: look at each source until its looks have caught up."""

    def watch(going: Callable[[], bool]) -> None:
        with runner() as uow:
            workspaces = uow.source_directory.workspaces_with(KIND)

        def catch_up(named: tuple[WorkspaceId, WatchedSequence]) -> None:
            workspace, watched = named
            while going() and watch_sequence(
                watched,
                uow=PostgresUnitOfWork(pool, workspace),
                reader=reader,
                covered=covered(),
                clock=clocks.of(workspace),
            ):
                pass

        for workspace in workspaces:
            sequences = [(workspace, one) for one in _watched(pool, workspace)]
            each_in_turn(sequences, catch_up, going=going)

    return watch


def _watched(pool: Pool, workspace: WorkspaceId) -> Iterator[WatchedSequence]:
    after = ""
    with PostgresUnitOfWork(pool, workspace) as uow:
        while page := uow.sources.page(after=after, limit=_PAGE):
            after = page[-1].key
            for source in page:
                if source.kind != KIND or source.paused:
                    continue
                definition = definition_from_document(source.document)
                if isinstance(definition, SequencedSource):
                    yield WatchedSequence(
                        key=source.key,
                        senders=definition.senders,
                        settle_seconds=definition.settle_seconds,
                    )
