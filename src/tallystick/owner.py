"""
The owner process: gate, log, projection and HTTP, in one process of its own.

`python -m tallystick.owner` expects a PostgreSQL that runs and is migrated (the supervisor
sees to both). It serves on the configured address and, for local commands, on a Unix socket in the
data directory. SIGTERM and SIGINT end it after what is under way.
"""

import asyncio
import gc
import os
import signal
import sys

import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server

from tallystick.api import RateLimit, create_app, paced
from tallystick.bootstrap import DataDirectory, Settings, settings_from
from tallystick.bootstrap.engines import Application, open_application
from tallystick.kernel import TallystickError
from tallystick.web import page_routes

EXIT_UNAVAILABLE = 3
CONNECTIONS_WAITING_MAX = 2048
GARBAGE_THRESHOLD = 50_000
LETTER_LINKS = RateLimit(per_second=1, burst=5)
"""How often one link of a letter may be used."""


def main() -> None:
    """Run until told to stop."""
    try:
        run_owner(settings_from(os.environ))
    except TallystickError as error:
        sys.stderr.write(f"tallystick: {error}\n")
        raise SystemExit(EXIT_UNAVAILABLE) from error


def run_owner(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    data = DataDirectory(root=settings.data)
    data.prepare()
    with data.locked("log.lock"), open_application(settings) as application:
        uvloop.run(_serve(application, data))


async def _serve(application: Application, data: DataDirectory) -> None:
    settings = application.settings
    stop = asyncio.Event()
    pages = page_routes(application, pace=paced(LETTER_LINKS), stopping=stop)
    app = create_app(application, pages=pages, stopping=stop)
    url = f"http://{settings.host}:{settings.port}"
    data.socket.unlink(missing_ok=True)
    servers = [Server(app, uds=data.socket, interface=Interfaces.ASGINL)]
    if settings.port:
        servers.append(
            Server(
                app,
                address=settings.host,
                port=settings.port,
                interface=Interfaces.ASGINL,
                backlog=CONNECTIONS_WAITING_MAX,
            )
        )
    gc.freeze()  # what was made so far stays; only what requests leave behind is looked through
    gc.set_threshold(GARBAGE_THRESHOLD)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    application.local_key.publish(data, url=url)
    serving = [asyncio.create_task(server.serve()) for server in servers]
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting, *serving], return_when=asyncio.FIRST_COMPLETED)
    for server in servers:
        server.stop()  # type: ignore[no-untyped-call] # granian leaves it untyped
    await asyncio.gather(*serving)
    data.token.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
