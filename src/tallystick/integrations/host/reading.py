"""
One look at this computer, and the events that it becomes.

| type         | data                        | kind                                             |
|--------------|-----------------------------|--------------------------------------------------|
| host.cpu     | cpu_seconds, boot_id        | counter: busy seconds of all cores since boot    |
| host.memory  | used_bytes                  | level: total less available                      |
| host.disk    | used_bytes, path            | level: used on the file system of `path`         |
| host.network | bytes_sent, bytes_received, boot_id | counters over all physical interfaces    |

A reading is named by the boot it belongs to and the milliseconds since that boot, sleep included.
Such a name grows, needs no file to go on where a former run stopped, and cannot meet itself again:
another boot has another id, and two readings of one boot are never taken in the same millisecond.
The four events of a reading add their own ending, because identity is (source, id).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from tallystick.kernel import instant_text, plain

SUBJECT = "this-computer"

Event: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """
    What was seen at one instant.

    Attributes:
        boot_id: names the boot; counters start anew with each.
        sample: milliseconds since boot when the reading was taken; grows within a boot.
        taken_at: the instant, UTC.
        cpu_seconds: seconds that cores were busy since boot, summed over cores, exact.
        memory_used_bytes: memory that could not be had for the asking.
        disk_used_bytes: used on the file system that holds `disk_path`.
        disk_path: which file system was asked.
        bytes_sent: sent over physical interfaces since boot.
        bytes_received: likewise received.
    """

    boot_id: str
    sample: int
    taken_at: datetime
    cpu_seconds: Decimal
    memory_used_bytes: int
    disk_used_bytes: int
    disk_path: str
    bytes_sent: int
    bytes_received: int


def reading_events(reading: Reading, *, source: str, subject: str = SUBJECT) -> tuple[Event, ...]:
    """
    Return the four CloudEvents of a reading; numbers are exact text.

    Example:
        >>> from datetime import UTC
        >>> events = reading_events(
        ...     Reading(
        ...         boot_id="b",
        ...         sample=1500,
        ...         taken_at=datetime(2026, 1, 1, tzinfo=UTC),
        ...         cpu_seconds=Decimal("12.30"),
        ...         memory_used_bytes=1,
        ...         disk_used_bytes=2,
        ...         disk_path="/",
        ...         bytes_sent=3,
        ...         bytes_received=4,
        ...     ),
        ...     source="host/box",
        ... )
        >>> events[0]["id"], events[0]["data"]
        ('b:1500:cpu', {'cpu_seconds': '12.3', 'boot_id': 'b'})
    """
    boot = reading.boot_id
    data_by_kind: dict[str, dict[str, str]] = {
        "cpu": {"cpu_seconds": plain(reading.cpu_seconds), "boot_id": boot},
        "memory": {"used_bytes": str(reading.memory_used_bytes)},
        "disk": {"used_bytes": str(reading.disk_used_bytes), "path": reading.disk_path},
        "network": {
            "bytes_sent": str(reading.bytes_sent),
            "bytes_received": str(reading.bytes_received),
            "boot_id": boot,
        },
    }
    return tuple(
        {
            "specversion": "1.0",
            "id": f"{boot}:{reading.sample}:{kind}",
            "source": source,
            "type": f"host.{kind}",
            "subject": subject,
            "time": instant_text(reading.taken_at),
            "datacontenttype": "application/json",
            "data": data,
        }
        for kind, data in data_by_kind.items()
    )
