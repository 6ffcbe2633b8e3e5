"""
Bootstrap: settings, the data directory, local access; light enough for every command.

What loads the engines' libraries is in `tallystick.bootstrap.engines`.
"""

from tallystick.bootstrap.data_directory import LOG_LOCK, DataDirectory, DirectoryUnusable
from tallystick.bootstrap.local_key import LOCAL_KEY_ID, LocalAccess, LocalKey
from tallystick.bootstrap.settings import (
    Settings,
    default_data,
    environment_settings,
    memory_bytes,
    settings_from,
)
from tallystick.bootstrap.signals import stopping_on_signals
from tallystick.bootstrap.start_token import StartTokens, new_start_token

__all__ = [
    "LOCAL_KEY_ID",
    "LOG_LOCK",
    "DataDirectory",
    "DirectoryUnusable",
    "LocalAccess",
    "LocalKey",
    "Settings",
    "StartTokens",
    "default_data",
    "environment_settings",
    "memory_bytes",
    "new_start_token",
    "settings_from",
    "stopping_on_signals",
]
