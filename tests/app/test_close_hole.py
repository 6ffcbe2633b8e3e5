"""Closing a hole is a command: refused without a hole, done once, audited with its reason."""

from dataclasses import replace

from tallystick.app import Caller
from tallystick.app.sources import (
    CloseHole,
    DeclareSource,
    PartitionReport,
    PartitionState,
    ReportProgress,
    Span,
    close_hole,
    declare_source,
    report_progress,
)
from tallystick.kernel import Done, Outcome
from tests.clock import HandClock
from tests.databases import OTHER_WORKSPACE, WORKSPACE, Database

ADMIN = Caller(
    workspace=WORKSPACE,
    actor="key:test",
    scopes=frozenset({"admin", "ingest"}),
    idempotency_key="once",
)
ORDER = CloseHole(key="orders", partition="orders/0", first=2, end=4, reason="a conflict, given up")
CLOCK = HandClock()


def _with_hole(database: Database) -> None:
    """Declare a source of which offsets 2 to 4 were passed over."""
    caller = replace(ADMIN, idempotency_key=None)
    order = DeclareSource(key="orders", kind="kafka", document={})
    declared = declare_source(order, caller=caller, uow=database.unit(), clock=CLOCK)
    assert isinstance(declared, Done)
    read = (Span(first=0, end=2), Span(first=5, end=9))
    told = ReportProgress(
        source="orders", partitions=(PartitionReport(partition="orders/0", read=read),)
    )
    reported = report_progress(told, caller=caller, uow=database.unit(), clock=CLOCK)
    assert isinstance(reported, Done)


def _closed(
    database: Database, order: CloseHole = ORDER, *, caller: Caller = ADMIN
) -> Outcome[PartitionState]:
    uow = database.unit(caller.workspace)
    return close_hole(order, caller=caller, uow=uow, clock=CLOCK)


def _audited(database: Database) -> list[tuple[str, dict[str, object]]]:
    with database.connection("postgres") as connection:
        rows = connection.execute(
            "SELECT subject, details FROM audit WHERE command = 'CloseHole' ORDER BY id"
        )
        return [(row[0], row[1]) for row in rows]


def test_what_is_explained_is_no_gap_and_audited(database: Database) -> None:
    """The span leaves what is open, once, and the audit says how much was closed, and why."""
    _with_hole(database)
    first, again = _closed(database), _closed(database)
    assert isinstance(first, Done)
    assert first == again
    state = first.value
    assert (state.open, state.explained) == ((Span(first=4, end=5),), (Span(first=2, end=4),))
    ((subject, details),) = _audited(database)
    assert subject == "source:orders"
    assert details == {
        "partition": "orders/0",
        "first": 2,
        "end": 4,
        "closed": 2,
        "reason": "a conflict, given up",
    }


def test_only_a_hole_of_ones_own_is_closed(database: Database) -> None:
    """What was read, what is not there yet, and what is another workspace's is refused."""
    _with_hole(database)
    free = replace(ADMIN, idempotency_key=None)
    cases = [
        (replace(ORDER, first=0, end=2), free, "no_hole"),
        (replace(ORDER, first=9, end=99), free, "no_hole"),
        (replace(ORDER, partition="orders/1"), free, "no_hole"),
        (replace(ORDER, key="else"), free, "unknown_source"),
        (ORDER, replace(free, workspace=OTHER_WORKSPACE), "unknown_source"),
        (ORDER, replace(free, scopes=frozenset({"ingest"})), "forbidden"),
        (replace(ORDER, reason="x" * 501), free, "wrong_value"),
        (replace(ORDER, first=-1), free, "wrong_value"),
    ]
    for order, caller, code in cases:
        refused = _closed(database, order, caller=caller)
        assert not isinstance(refused, Done)
        assert [one.code for one in refused.problems] == [code]
    assert _audited(database) == []
