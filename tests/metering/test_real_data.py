"""Real usage gives exactly the known totals, through the folds and through ClickHouse."""

from decimal import Decimal

import pytest

from tallystick.kernel import Period, Quantity, SubjectSpan, WorkspaceId, convert, instant, unit
from tallystick.metering import Event, Meter, UsageQuery, UsageRow, measure_usage
from tests.clickhouse import UsageStore, of_workspace
from tests.events import meter
from tests.metering.real_data import batch_jobs, vm_levels, web_requests

pytestmark = pytest.mark.shared

ALL = Period(start=instant("1970-01-01T00:00:00Z"), end=instant("2030-01-01T00:00:00Z"))
AUGUST = Period(start=instant("2013-08-01T00:00:00Z"), end=instant("2013-09-01T00:00:00Z"))
VMS = meter("time_weighted", None, unit="vm", hold_seconds_max=600)
CORES = meter("time_weighted", "cores", unit="core", hold_seconds_max=600)


def _ask(
    measured: Meter,
    *windows: Period,
    spans: tuple[SubjectSpan, ...] | None = None,
    group_by: tuple[str, ...] = (),
) -> UsageQuery:
    return UsageQuery(
        workspace=WorkspaceId("w"),
        meter=measured,
        windows=windows,
        spans=spans,
        group_by=group_by,
        evidence=not group_by,
    )


def _both_ways(store: UsageStore, events: list[Event], query: UsageQuery) -> list[UsageRow]:
    asked = of_workspace(query, events)
    rows = store.reader.usage(asked)
    assert rows == measure_usage(asked, events)
    return rows


@pytest.fixture(scope="module")
def machines(usage_store: UsageStore) -> tuple[list[Event], tuple[SubjectSpan, ...]]:
    """Store the samples of the virtual machines."""
    events, spans = vm_levels()
    return usage_store.put(events), spans


@pytest.mark.parametrize(
    ("measured", "total", "of_august"),
    [(VMS, 94_849_898, 61_581_797), (CORES, 418_918_384, 275_291_411)],
    ids=["vm", "core"],
)
def test_levels_of_virtual_machines(
    usage_store: UsageStore,
    machines: tuple[list[Event], tuple[SubjectSpan, ...]],
    measured: Meter,
    *,
    total: int,
    of_august: int,
) -> None:
    """Samples of 50 VMs, held 600 s at most, are billed to the second; gaps are reported."""
    events, spans = machines
    whole, august = _both_ways(usage_store, events, _ask(measured, ALL, AUGUST, spans=spans))
    assert [row.fold.quantity for row in (whole, august)] == [total, of_august]
    assert whole.fold.gap_seconds == 26_407_158
    assert whole.fold.gaps == 15_938
    # The last sample of each machine was taken as it stopped, so that nothing follows from it.
    assert whole.fold.events == 276_979 - 50


def test_machines_add_up_to_their_sum(
    usage_store: UsageStore, machines: tuple[list[Event], tuple[SubjectSpan, ...]]
) -> None:
    """The quantities of 50 VMs, each asked for by name, add up to the whole."""
    events, spans = machines
    query = of_workspace(_ask(VMS, ALL, spans=spans, group_by=("subject",)), events)
    rows = usage_store.reader.usage(query)
    assert len(rows) == 50
    assert sum(row.fold.quantity for row in rows) == 94_849_898


def test_requests_and_bytes_of_a_web_server(usage_store: UsageStore) -> None:
    """An access log gives its requests and bytes, in all and for each client."""
    events = usage_store.put(web_requests())
    (sent,) = _both_ways(usage_store, events, _ask(meter("sum", "bytes", unit="byte"), ALL))
    assert sent.fold.quantity == 2_747_282_740
    used = Quantity(value=sent.fold.quantity, unit=unit("byte"))
    price = Decimal("0.09")
    assert convert(used, unit("GB")).value * price == Decimal("0.2472554466")
    per_gib = convert(used, unit("GiB")).value * price
    assert per_gib.quantize(Decimal("1e-10")) == Decimal("0.2302745791")
    clients = _both_ways(usage_store, events, _ask(meter("count"), ALL, group_by=("subject",)))
    assert (len(clients), sum(row.fold.quantity for row in clients)) == (1_753, 10_000)


def test_node_seconds_of_a_batch_system(usage_store: UsageStore) -> None:
    """18,239 jobs used 474,238,015 node-seconds, summed or as levels from start to end."""
    sums, levels = batch_jobs()
    stored = usage_store.put(sums)
    (summed,) = _both_ways(usage_store, stored, _ask(meter("sum", "node_seconds"), ALL))
    assert summed.fold.events == 18_239
    assert summed.fold.quantity == 474_238_015
    stored = usage_store.put(levels)
    held = meter("time_weighted", "nodes", unit="node")
    (integral,) = _both_ways(usage_store, stored, _ask(held, ALL))
    assert integral.fold.quantity == 474_238_015
