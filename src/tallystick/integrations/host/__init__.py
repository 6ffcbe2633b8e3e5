"""This computer as a metered resource."""

from tallystick.integrations.host.boot import BootClock, boot_id, milliseconds_since_boot
from tallystick.integrations.host.collector import Collector, Delivery, Progress, next_due
from tallystick.integrations.host.reading import Reading, reading_events
from tallystick.integrations.host.sampler import HostSampler
from tallystick.integrations.host.traffic import Traffic, carried_traffic

__all__ = [
    "BootClock",
    "Collector",
    "Delivery",
    "HostSampler",
    "Progress",
    "Reading",
    "Traffic",
    "boot_id",
    "carried_traffic",
    "milliseconds_since_boot",
    "next_due",
    "reading_events",
]
