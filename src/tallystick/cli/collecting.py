"""`tallystick collect`: the collectors, as processes of their own."""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

from cyclopts import App, Parameter
from cyclopts.validators import Number

from tallystick.bootstrap import stopping_on_signals
from tallystick.cli.connection import HERE, Session
from tallystick.cli.output import note
from tallystick.cli.sources import collect_sources
from tallystick.client import (
    Client,
    RequestRefused,
    Retry,
    SendReport,
    ServerUnreachable,
    Spool,
    mend,
)
from tallystick.integrations.host import (
    Collector,
    HostSampler,
    Progress,
    milliseconds_since_boot,
    next_due,
)
from tallystick.kernel import EngineUnavailable, counted

MILLISECONDS = 1000
PERIOD_MS_MIN = 100
TIMEOUT_SECONDS = 10.0
SPOOL = "collector-host"
SENT_BYTES_MAX = 16 * 1024 * 1024
MEND_SECONDS = 30.0

Answer = TypeVar("Answer")

collect_app = App(name="collect", help="Collect usage: from declared sources, or this computer.")


@collect_app.default
def collect(*sources: str, session: Session = HERE) -> None:
    """
    Collect from declared sources until told to stop; from all of them if none is named.

    `up` runs this by itself. Elsewhere a key with the scope ingest will do, if sources are named.

    For example:

        tallystick collect exports orders --url https://billing.example.net --key ts_live_...

    Args:
        sources: Keys of sources, as `tallystick source list` shows them.
        session: Which server is asked, and how its answer is written.
    """
    collect_sources(sources, session)


@collect_app.command
def host(
    *,
    period_ms: Annotated[int, Parameter(validator=Number(gte=PERIOD_MS_MIN))] = MILLISECONDS,
    disk: Path = Path("/"),
    session: Session = HERE,
) -> None:
    """
    Collect what this computer uses: CPU, memory, disk, network; once a second.

    What cannot be sent is kept on disk and sent later, in order. `up` runs this by itself.

    For example:

        tallystick collect host --url https://billing.example.net --key ts_live_...

    Args:
        period_ms: Milliseconds from one reading to the next.
        disk: A path on the file system to be metered.
        session: Which server is asked, and how its answer is written.
    """
    state = session.settings().data / SPOOL
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    sender = _Sender(session)
    collector = Collector(
        sampler=HostSampler(
            state=state / "traffic.json", disk_path=os.fspath(disk), now=lambda: datetime.now(UTC)
        ),
        source=f"host/{socket.gethostname()}",
        spool=Spool(directory=state / "spool", sent_bytes_max=SENT_BYTES_MAX),
        deliver=sender.send,
    )
    stopping = threading.Event()
    with stopping_on_signals(stopping):
        _collect(collector, sender, stopping, period_ms)


class _Sender:
    """Sends with one attempt; the spool does the trying again. A lost server is looked for anew."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._client: Client | None = None

    def send(self, events: Sequence[Mapping[str, object]], /) -> SendReport:
        return self._asked(lambda client: client.send_events(events))

    def mend(self, collector: Collector) -> None:
        """Send again what the server lacks; where it cannot be asked the next look will do."""
        with suppress(ServerUnreachable, RequestRefused):
            sent = self._asked(lambda client: mend(client, collector.spool, collector.source))
            if sent:
                note(f"collector: sent again: {counted(sent, 'event')} that the server lacked")

    def _asked(self, ask: Callable[[Client], Answer]) -> Answer:
        try:
            client = self._client or self._session.client(
                retry=Retry(attempts_max=1), timeout_seconds=TIMEOUT_SECONDS
            )
        except EngineUnavailable as error:
            raise ServerUnreachable(str(error)) from error
        self._client = client
        try:
            return ask(client)
        except (ServerUnreachable, RequestRefused):
            # A server that was started anew has another token for those on this computer.
            self._client = None
            client.close()
            raise


def _collect(
    collector: Collector, sender: _Sender, stopping: threading.Event, period_ms: int
) -> None:
    said = ""
    mended = time.monotonic()
    while True:
        now = milliseconds_since_boot()
        if stopping.wait((next_due(now, period=period_ms) - now) / MILLISECONDS):
            return
        progress = collector.collect()
        said = _told(progress, said)
        if not progress.waiting and time.monotonic() - mended >= MEND_SECONDS:
            mended = time.monotonic()
            sender.mend(collector)


def _told(progress: Progress, said: str) -> str:
    """Say what is new, once; return what was said last."""
    news = progress.problem or ("catching up" if progress.waiting else "")
    if news != said:
        note(f"collector: {news or 'everything sent'}")
    return news
