"""Sources that were declared, asked for again under the same idempotency key."""

from tallystick.app import Caller
from tallystick.app.sources import (
    DeclareSource,
    RemoveSource,
    Source,
    declare_source,
    remove_source,
)
from tallystick.kernel import Done, Outcome, Refused
from tests.clock import HandClock
from tests.databases import WORKSPACE, Database

OWNER = Caller(
    workspace=WORKSPACE, actor="test", scopes=frozenset({"admin"}), idempotency_key="once"
)
ORDERS = DeclareSource(key="orders", kind="kafka", document={})


def declared(database: Database) -> Outcome[Source]:
    """Send the declaration, under the same key each time."""
    return declare_source(ORDERS, caller=OWNER, uow=database.unit(), clock=HandClock())


def test_a_repeat_is_told_how_the_source_stands(database: Database) -> None:
    """The same declaration again has no effect, and says what stands."""
    first = declared(database)
    assert isinstance(first, Done)
    assert declared(database) == first


def test_a_repeat_does_not_bring_a_removed_source_back(database: Database) -> None:
    """A declaration that arrives once more after the removal is told that the source is gone."""
    declared(database)
    remove_source(RemoveSource(key="orders"), caller=OWNER, uow=database.unit(), clock=HandClock())
    late = declared(database)
    assert isinstance(late, Refused)
    assert late.problems[0].code == "unknown_source"
