"""What readings become, without asking the system."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tallystick.integrations.host import (
    BootClock,
    Reading,
    Traffic,
    carried_traffic,
    next_due,
    reading_events,
)

READING = Reading(
    boot_id="boot-1",
    sample=1000,
    taken_at=datetime(2026, 1, 1, tzinfo=UTC),
    cpu_seconds=Decimal("1234567.89"),
    memory_used_bytes=2**33,
    disk_used_bytes=2**40,
    disk_path="/",
    bytes_sent=10,
    bytes_received=20,
)


def test_four_events_with_ids_of_their_own() -> None:
    """Each event of a reading, and each reading of a boot, and each boot, has its own ids."""
    readings = [READING, replace(READING, sample=1001), replace(READING, boot_id="boot-2")]
    events = [event for each in readings for event in reading_events(each, source="host/box")]
    assert len({event["id"] for event in events}) == 12
    assert [event["type"] for event in events[:4]] == [
        "host.cpu",
        "host.memory",
        "host.disk",
        "host.network",
    ]
    assert events[0]["data"] == {"cpu_seconds": "1234567.89", "boot_id": "boot-1"}
    assert events[0]["time"] == "2026-01-01T00:00:00.000000Z"


def test_samples_never_repeat_even_within_a_millisecond() -> None:
    """Readings taken faster than the clock ticks still have growing numbers."""
    clock = BootClock()
    samples = [clock.sample() for _ in range(2000)]
    assert samples == sorted(set(samples))


def test_a_later_collector_goes_on_behind_an_earlier_one() -> None:
    """A restart needs no file to continue the numbers."""
    assert BootClock().sample() <= BootClock().sample()


def test_the_grid_leaves_out_what_was_missed() -> None:
    """After a sleep of an hour one reading is due, not 3,600."""
    assert next_due(3_600_500, period=1000) == 3_601_000


COUNTERS = st.dictionaries(
    st.sampled_from(["eth0", "usb0", "wlan0"]),
    st.tuples(st.integers(0, 2**40), st.integers(0, 2**40)),
)


@given(st.lists(COUNTERS, min_size=1))
def test_network_totals_never_fall_within_a_boot(seen: list[dict[str, tuple[int, int]]]) -> None:
    """Interfaces may come, go and start anew; the totals only grow."""
    traffic: Traffic | None = None
    last = (0, 0)
    for counters in seen:
        traffic = carried_traffic(traffic, counters, boot_id="b")
        assert (traffic.sent, traffic.received) >= last
        assert traffic.sent >= last[0]
        assert traffic.received >= last[1]
        last = (traffic.sent, traffic.received)


def test_steady_interfaces_are_simply_added() -> None:
    """With all interfaces in place the total is the plain sum of their counters."""
    first = carried_traffic(None, {"a": (5, 1), "b": (7, 2)}, boot_id="b")
    later = carried_traffic(first, {"a": (6, 4), "b": (9, 2)}, boot_id="b")
    assert (later.sent, later.received) == (15, 6)


def test_another_boot_begins_anew() -> None:
    """Totals of a former boot are not carried into the next."""
    first = carried_traffic(None, {"a": (500, 500)}, boot_id="b1")
    assert carried_traffic(first, {"a": (3, 4)}, boot_id="b2").sent == 3
