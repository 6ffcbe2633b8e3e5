"""Runs the processes of an installation."""

from tallystick.cli.supervisor.backoff import Backoff
from tallystick.cli.supervisor.leftovers import await_leftovers
from tallystick.cli.supervisor.lifeline import follow_lifeline
from tallystick.cli.supervisor.port import require_free_port
from tallystick.cli.supervisor.supervisor import Supervisor

__all__ = [
    "Backoff",
    "Supervisor",
    "await_leftovers",
    "follow_lifeline",
    "require_free_port",
]
