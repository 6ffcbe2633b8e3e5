"""Bootstrap: settings to engines to use cases; the only place that wires."""

from tallystick.bootstrap.data_directory import DataDirectory, DirectoryUnusable
from tallystick.bootstrap.settings import Settings, default_data, memory_bytes, settings_from

__all__ = [
    "DataDirectory",
    "DirectoryUnusable",
    "Settings",
    "default_data",
    "memory_bytes",
    "settings_from",
]
