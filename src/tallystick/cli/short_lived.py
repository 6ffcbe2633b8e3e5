"""
A server for one command: started where none runs on the data directory, and stopped behind it.

Commands that only look (`apply --dry-run`, `verify`, `invoice export`) need the engines, not an
installation that runs. The server listens on the directory's Unix socket alone. It holds the
directory's lock, so that nothing else starts meanwhile.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from importlib import import_module
from typing import Any

from tallystick.bootstrap import DataDirectory
from tallystick.cli.connection import Session
from tallystick.client import Client, Endpoint, Request, RequestRefused, Retry
from tallystick.kernel import EngineUnavailable

SOCKET_ONLY = 0


@contextmanager
def some_server(session: Session, *, timeout_seconds: float = 60.0) -> Iterator[Client]:
    """
    Yield a client of the server that runs, or of one that runs for this command alone.

    Raises:
        EngineUnavailable: none runs and none can be started, as there is no data directory yet.
        DirectoryUnusable: another process holds the data directory, and does not answer.
    """
    directory = session.directory()
    installed = (directory.root / "VERSION").exists()
    if session.url or not installed or _answers(directory):
        with session.client(timeout_seconds=timeout_seconds) as client:
            yield client
        return
    with ExitStack() as stack:
        settings = replace(session.settings(), data=directory.root.resolve(), port=SOCKET_ONLY)
        served = DataDirectory(root=settings.data)
        # The engines' libraries take seconds to load; whoever asks a server does not need them.
        starting: Any = import_module("tallystick.cli.supervisor.alone")
        starting.start_alone(settings, served, stack, is_ready=lambda: _answers(served))
        yield stack.enter_context(session.client(timeout_seconds=timeout_seconds))


def _answers(directory: DataDirectory) -> bool:
    with suppress(EngineUnavailable, RequestRefused):
        endpoint = Endpoint.local(directory.run)
        with Client(endpoint, retry=Retry(attempts_max=1), timeout_seconds=5.0) as client:
            client.fetch(Request(method="GET", path="/healthz"))
            return True
    return False
