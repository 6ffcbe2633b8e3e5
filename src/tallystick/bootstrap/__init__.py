"""Bootstrap: settings to engines to use cases; the only place that wires."""

from tallystick.bootstrap.addresses import (
    APP_ROLE,
    OWNER_ROLE,
    RUNNER_ROLE,
    clickhouse_url,
    postgres_uri,
)
from tallystick.bootstrap.application import Application, open_application
from tallystick.bootstrap.data_directory import DataDirectory, DirectoryUnusable
from tallystick.bootstrap.event_log import LogReader, OwnedLog
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
    "APP_ROLE",
    "LOCAL_KEY_ID",
    "OWNER_ROLE",
    "RUNNER_ROLE",
    "Application",
    "DataDirectory",
    "DirectoryUnusable",
    "LocalAccess",
    "LocalKey",
    "LogReader",
    "OwnedLog",
    "Settings",
    "StartTokens",
    "clickhouse_url",
    "default_data",
    "environment_settings",
    "memory_bytes",
    "new_start_token",
    "open_application",
    "postgres_uri",
    "settings_from",
    "stopping_on_signals",
]
