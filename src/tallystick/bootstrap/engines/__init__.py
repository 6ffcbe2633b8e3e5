"""The engines wired to the use cases; importing it loads all of their libraries."""

from tallystick.bootstrap.engines.addresses import (
    APP_ROLE,
    OWNER_ROLE,
    RUNNER_ROLE,
    clickhouse_url,
    postgres_uri,
)
from tallystick.bootstrap.engines.application import Application, open_application
from tallystick.bootstrap.engines.event_log import LogReader, OwnedLog
from tallystick.bootstrap.engines.every_meter import every_workspace
from tallystick.bootstrap.engines.links import letter_links
from tallystick.bootstrap.engines.warm_up import warm_up

__all__ = [
    "APP_ROLE",
    "OWNER_ROLE",
    "RUNNER_ROLE",
    "Application",
    "LogReader",
    "OwnedLog",
    "clickhouse_url",
    "every_workspace",
    "letter_links",
    "open_application",
    "postgres_uri",
    "warm_up",
]
