"""The keeper that follows the numbers of senders comes to each source, wherever it is declared."""

from collections.abc import Sequence

from tallystick.app.sources import SenderNumbers, Source
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap.engines.watching import watch_senders
from tallystick.kernel import WorkspaceId
from tests.clock import NEW_YEAR, HandClock
from tests.databases import OTHER_WORKSPACE, WORKSPACE, Database

PLACES = ((WORKSPACE, "a"), (WORKSPACE, "b"), (OTHER_WORKSPACE, "a"))


class Nothing:
    """Finds no number in any range, and tells how often it looked."""

    def __init__(self) -> None:
        self.looks = 0

    def numbers(
        self, workspace: WorkspaceId, senders: Sequence[str], *, after: int, through: int
    ) -> tuple[list[SenderNumbers], int]:
        """Look at three positions."""
        del workspace, senders
        self.looks += 1
        return [], min(through, after + 3)


def _declare(database: Database, workspace: WorkspaceId, key: str, *, paused: bool = False) -> None:
    document = {"kind": "sequenced", "key": key, "senders": ["host/*"]}
    with database.unit(workspace) as uow:
        uow.sources.save(
            Source(key=key, kind="sequenced", document=document, changed_at=NEW_YEAR, paused=paused)
        )
        uow.commit()


def test_each_source_is_caught_up_in_one_round(database: Database) -> None:
    """Several looks, several sources of a workspace, several workspaces; not those that rest."""
    for workspace, key in PLACES:
        _declare(database, workspace, key)
    _declare(database, OTHER_WORKSPACE, "resting", paused=True)
    reader = Nothing()
    clocks = WorkspaceClocks(database.runner, machine=HandClock())
    watch = watch_senders(
        database.pool, database.runner, reader=reader, covered=lambda: 7, clocks=clocks
    )
    watch(lambda: True)
    for workspace, key in PLACES:
        with database.unit(workspace) as uow:
            assert uow.sequences.read_through(key) == 7
    assert reader.looks == 3 * len(PLACES)


def test_only_workspaces_with_such_a_source_are_asked(database: Database) -> None:
    """The question is one for all workspaces, however many there are."""
    _declare(database, WORKSPACE, "a", paused=True)
    _declare(database, OTHER_WORKSPACE, "a")
    _declare(database, OTHER_WORKSPACE, "b")
    with database.runner() as uow:
        assert uow.source_directory.workspaces_with("sequenced") == [OTHER_WORKSPACE]
        assert uow.source_directory.workspaces_with("kafka") == []
