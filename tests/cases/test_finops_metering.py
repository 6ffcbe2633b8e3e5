"""Metering of machines, gauges and counters as cloud providers document it."""

from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import pairwise

import pytest

from tallystick.invoicing import Asking, billed_quantity, detailed_rows
from tallystick.invoicing.charging import UsageOf, detail_of
from tallystick.kernel import EXACT, WorkspaceId
from tallystick.metering import Event, Meter, UsageQuery
from tallystick.pricing import billable_quantity
from tests.cases.measuring import TENTH_DIGIT, CaseCheck, Measuring, in_unit, measured_book, priced
from tests.cases.priced import price
from tests.clickhouse import UsageStore
from tests.events import event, meter, readings, window
from tests.invoicing.world import BASIS
from tests.notation import CaseBook, Row, numbers
from tests.tally import CaseNotes

FILE = "finops-metering.md"
VM = meter("time_weighted", unit="vm")
VCPU = meter("time_weighted", "vcpu", unit="core")
MEMORY = meter("time_weighted", "memory", unit="GiB")
CPU_SECONDS = meter("counter", unit="second")
PER_VM_HOUR = "0.096"


def lived(start: int | str, stop: int | str) -> list[Event]:
    """Return the start and the stop of a machine as a level of one, then none."""
    return readings({start: "1", stop: "0"})


def gauge(missing: set[int]) -> list[Event]:
    """Return twelve samples an hour, some missing, until the machine ends with the hour."""
    return readings({n * 300: "1" for n in range(13) if n not in missing})


def check_seconds(ask: Measuring, row: Row, *, events: list[Event]) -> None:
    """A machine is billed by the second."""
    used = ask.quantity(VM, events)
    seconds, amount = numbers(row["expected"])[-2:]
    assert used == seconds
    assert priced(used, "vm.second", per="vm.hour", price=PER_VM_HOUR) == amount.quantize(
        TENTH_DIGIT
    )


def check_hours(ask: Measuring, row: Row) -> None:
    """A run is split at the hours, and the parts add up to the whole."""
    hours = [f"{hour}:00:00" for hour in (10, 11, 12, 13)]
    windows = tuple(window(a, b) for a, b in pairwise(hours))
    *parts, whole = ask.rows(
        VM, lived("10:20:00", "12:10:00"), windows=(*windows, window(hours[0], hours[-1]))
    )
    *seconds, total, total_hours = numbers(row["expected"])
    assert [part.fold.quantity for part in parts] == seconds
    assert whole.fold.quantity == total
    assert in_unit(whole.fold.quantity, "vm.second", "vm.hour") == total_hours


def check_resize(ask: Measuring, row: Row) -> None:
    """A resized machine is weighed by the time at each size."""
    hour = window("10:00:00", "11:00:00")
    events = [
        event("09:00:00", '{"vcpu":2,"memory":4}'),
        event("10:20:00", '{"vcpu":4,"memory":8}'),
    ]
    core_hours, gib_hours, cost = numbers(row["expected"])
    per_core, per_gib = numbers(row["given"])[-2:]
    used = ask.quantity(VCPU, events, hour)
    held = ask.quantity(MEMORY, events, hour)
    assert in_unit(used, "core.second", "core.hour") == core_hours
    assert in_unit(held, "GiB.second", "GiB.hour") == gib_hours
    # Both prices on the exact seconds, divided by 3,600 once.
    exact = EXACT.divide(used * per_core + held * per_gib, Decimal(3600))
    assert exact.quantize(TENTH_DIGIT, context=EXACT) == cost


def check_gauge(ask: Measuring, row: Row, *, missing: set[int], hold_seconds_max: int) -> None:
    """
    A missing sample is bridged as far as the meter allows; the rest is a reported gap.

    A sample stands for its own 300 seconds; what the case carries forward comes on top.
    """
    held = meter("time_weighted", unit="vm", hold_seconds_max=hold_seconds_max)
    billed, *gap = [n for n in numbers(row["expected"]) if n >= 300]
    fold = ask.row(held, gauge(missing)).fold
    assert fold.quantity == billed
    assert fold.gap_seconds == (gap[0] if gap else 0)


def billed(ask: Measuring, events: list[Event], document: dict[str, object]) -> Decimal:
    """Return the quantity that a price bills of a machine's events."""
    by = replace(price({"model": "unit", "unit_price": "1"} | document), meter=VM.key)
    window_ = window(0, 7200)
    query = UsageQuery(workspace=WorkspaceId("w"), meter=VM, windows=(window_,))
    asking = Asking(
        rows=lambda one: ask.rows(one.meter, events, windows=one.windows),
        events=lambda _one: events,
    )
    whole, *runs = detailed_rows(by, query, asking)
    usage = UsageOf(group=(), row=whole, parts=tuple(runs))
    detail = detail_of(replace(BASIS, meters=(VM,)), by, usage)
    quantity = billed_quantity(whole.fold.quantity, meter=VM, price=by)
    return billable_quantity(by, quantity, detail=detail)


def check_least(ask: Measuring, row: Row, *, events: list[Event]) -> None:
    """Each start of a machine is billed for its least duration; a stop parts two runs."""
    seconds = billed(ask, events, {"unit": "vm.second", "each_run": {"minimum_seconds": "60"}})
    *_, expected, amount = numbers(row["expected"])
    assert seconds == expected
    assert priced(seconds, "vm.second", per="vm.hour", price=PER_VM_HOUR) == amount


def check_started_hours(ask: Measuring, row: Row) -> None:
    """What a machine ran is billed in started hours; nothing used is nothing billed."""
    hourly: dict[str, object] = {"unit": "vm.second", "each_run": {"step_seconds": "3600"}}
    seconds = [billed(ask, lived(0, end), hourly) for end in (0, 1, 3600, 3601, 61 * 60)]
    assert [in_unit(one, "vm.second", "vm.hour") for one in seconds] == numbers(row["expected"])


def check_counter(ask: Measuring, row: Row) -> None:
    """A fall is a reset: the new value counts whole."""
    values = numbers(row["given"])
    events = readings({n: str(value) for n, value in enumerate(values)})
    assert ask.quantity(CPU_SECONDS, events) == numbers(row["expected"])[0]


def check_wrap(ask: Measuring, row: Row) -> None:
    """A fall is a wrap where the meter declares the counter's width."""
    before, after = numbers(row["given"])[-2:]
    reset, wrapped = numbers(row["expected"])[:2]
    for width, expected in ((0, reset), (32, wrapped)):
        sent = meter("counter", unit="byte", wrap_bits=width)
        assert ask.quantity(sent, readings({1: str(before), 2: str(after)})) == expected


def check_again_and_reversed(ask: Measuring, _row: Row) -> None:
    """The order of arrival changes nothing, and neither does a block that is loaded twice."""
    events = [*gauge({3}), *readings({n * 7: str(n % 5 + n) for n in range(40)}, type="c")]
    meters: list[Meter] = [VM, meter("counter", event_type="c"), meter("latest", event_type="c")]
    for one in meters:
        assert ask.quantity(one, events) == ask.quantity(one, events[::-1])
    stored = ask.store.put(events)
    assert ask.store.put_again(stored) == 0
    first, last = stored[0].position, stored[-1].position
    assert ask.store.projection.count(first, last) == len(events)


STOPPED_AND_STARTED = [
    *lived(0, 70),
    *readings({30: "0"}, sequence="1"),
    event(30, '{"v":1}', sequence="2"),
]
CHECKS: dict[str, CaseCheck] = {
    "M1": partial(check_least, events=lived(0, 45)),
    "M2": partial(check_seconds, events=lived(0, 61)),
    "M3": partial(check_seconds, events=[*lived(0, 70), *readings({30: "1"})]),
    "M4": partial(check_least, events=STOPPED_AND_STARTED),
    "M5": check_started_hours,
    "M6": check_hours,
    "M7": check_resize,
    "M8": partial(check_gauge, missing={4, 5}, hold_seconds_max=300 + 600),
    "M9": partial(check_gauge, missing={4, 5, 6}, hold_seconds_max=300 + 600),
    "M10": partial(check_gauge, missing={4, 5, 6}, hold_seconds_max=300),
    "M11": check_counter,
    "M12": check_wrap,
    "M13": check_again_and_reversed,
}


def book(ask: Measuring) -> CaseBook:
    """Return the checks, to be run with a way to measure."""
    return measured_book(FILE, CHECKS, {}, ask=ask)


def test_every_row_is_accounted_for(usage_store: UsageStore, case_notes: CaseNotes) -> None:
    """Each row of the file is checked, or left out for a reason that holds."""
    assert book(Measuring(usage_store)).problems() == []
    case_notes.left_out(FILE, {})


@pytest.mark.parametrize("case", CHECKS)
def test_row(case: str, usage_store: UsageStore, case_notes: CaseNotes) -> None:
    """The row's quantities come out of the folds and of ClickHouse."""
    book(Measuring(usage_store)).check(case)
    case_notes.passed(FILE, case)
