"""Starts PostgreSQL and the owner for one command, on a directory that nobody serves."""

from collections.abc import Callable
from contextlib import ExitStack

from tallystick.app.clock import SystemClock
from tallystick.bootstrap import DataDirectory, Settings
from tallystick.cli.installation import child_environment, install
from tallystick.cli.output import note
from tallystick.cli.supervisor.leftovers import await_leftovers
from tallystick.cli.supervisor.supervisor import Supervisor
from tallystick.storage.postgres import EmbeddedPostgres


def start_alone(
    settings: Settings,
    directory: DataDirectory,
    stack: ExitStack,
    *,
    is_ready: Callable[[], bool],
) -> None:
    """
    Start what answers for a directory; the stack stops it.

    Raises:
        EngineUnavailable: it cannot be started.
        DirectoryUnusable: another process holds the data directory.
    """
    directory.prepare()
    stack.enter_context(directory.locked())
    await_leftovers(directory.run)
    note("no server runs; starting one for this command")
    environment = child_environment(settings)
    supervisor = Supervisor(run=directory.run, environment=environment, say=note)
    stack.callback(supervisor.stop)
    if settings.postgres_url is None:
        supervisor.start_engine(EmbeddedPostgres(directory.postgres))
    install(settings, SystemClock())
    owner = supervisor.add("owner", ["owner"])
    supervisor.await_ready(owner, is_ready)
