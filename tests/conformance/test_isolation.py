"""Row level security: no workspace reads or changes another's rows."""

from tests.databases import Database


def test_open(database: Database) -> None:
    """A unit of work sees its own workspace."""
    with database.unit() as uow:
        found = uow.workspaces.current()
    assert found is not None
    assert found.id == "test"
