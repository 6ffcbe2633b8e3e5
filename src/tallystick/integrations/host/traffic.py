"""
Bytes over the network as counters that never fall by accident.

The system counts for each interface, and an interface may go (a modem is unplugged) or come back at
zero. Their plain sum would then fall, and a meter would take the fall for a restart of the counter
and bill everything again. So the bytes of an interface that is gone, or that began anew, are
carried in the total:

    eth0 100 + usb0 50 = 150;  usb0 goes: eth0 110 -> 160;  usb0 is back with 5: -> 165

Virtual interfaces (bridges, containers, tunnels, loopback) are left out, for their bytes pass a
physical one as well. Where no interface is physical, as in a container, all but loopback count.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import msgspec

Counters: TypeAlias = Mapping[str, tuple[int, int]]

NETWORK_DEVICES = Path("/sys/class/net")
LOOPBACKS = frozenset({"lo", "lo0"})


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """
    Totals of one boot, and the counters of each interface when they were last seen.

    `counters` maps an interface to bytes sent and received.
    """

    boot_id: str
    sent: int = 0
    received: int = 0
    counters: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)


def carried_traffic(before: Traffic | None, counters: Counters, *, boot_id: str) -> Traffic:
    """
    Return the totals after new counters were read.

    Example:
        >>> first = carried_traffic(None, {"eth0": (100, 1), "usb0": (50, 1)}, boot_id="b")
        >>> gone = carried_traffic(first, {"eth0": (110, 1)}, boot_id="b")
        >>> carried_traffic(gone, {"eth0": (110, 1), "usb0": (5, 0)}, boot_id="b").sent
        165
    """
    known = before if before is not None and before.boot_id == boot_id else Traffic(boot_id=boot_id)
    sent, received = known.sent, known.received
    for name, (now_sent, now_received) in counters.items():
        was_sent, was_received = known.counters.get(name, (0, 0))
        sent += _increase(was_sent, now_sent)
        received += _increase(was_received, now_received)
    return Traffic(boot_id=boot_id, sent=sent, received=received, counters=dict(counters))


def metered_interfaces(counters: Counters, devices: Path = NETWORK_DEVICES) -> Counters:
    """Return the counters of the physical interfaces, or of all but loopback if none is."""
    outside = {name: value for name, value in counters.items() if name not in LOOPBACKS}
    physical = {
        name: value for name, value in outside.items() if (devices / name / "device").exists()
    }
    return physical or outside


def _increase(before: int, now: int) -> int:
    return now - before if now >= before else now
