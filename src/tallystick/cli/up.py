"""`tallystick up`: everything, on this computer, until Ctrl-C."""

import os
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from tallystick.app.catalog import json_from_documents
from tallystick.app.clock import SystemClock
from tallystick.bootstrap import (
    DataDirectory,
    LocalAccess,
    Settings,
    new_start_token,
    settings_from,
    stopping_on_signals,
)
from tallystick.catalog import Documents
from tallystick.cli.connection import DATA_HELP
from tallystick.cli.exits import Refusal
from tallystick.cli.installation import WORKSPACE, child_environment, install
from tallystick.cli.output import note
from tallystick.cli.supervisor import (
    Supervisor,
    await_leftovers,
    require_free_port,
)
from tallystick.client import Client, Endpoint, Request, RequestRefused, Retry
from tallystick.integrations.catalog_files import read_catalog_files
from tallystick.kernel import EngineUnavailable, Refused
from tallystick.storage.postgres import EmbeddedPostgres

SAMPLES = Path(__file__).parent.parent / "samples" / "host"
ASK_SECONDS = 2.0
BILL_HELP = "Issue invoices by themselves as soon as their periods are over."


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What `up` runs beside the engines and the server."""

    sample: Annotated[bool, Parameter(help="Apply the sample catalog at the first start.")] = True
    collect: Annotated[bool, Parameter(help="Meter this computer.")] = True
    sources: Annotated[bool, Parameter(help="Collect from declared sources.")] = True
    bill: Annotated[bool, Parameter(negative=(), help=BILL_HELP)] = False


USUAL = Parts()


def up(
    *,
    port: int | None = None,
    host: str | None = None,
    data: Annotated[Path | None, Parameter(help=DATA_HELP)] = None,
    parts: Parts = USUAL,
) -> None:
    """
    Run everything on this computer until Ctrl-C: engines, server, worker, collectors.

    The first start makes the data directory and an admin key, which is shown once, and applies a
    sample catalog. Later starts go on where the last one stopped.

    For example:

        tallystick up
        tallystick up --port 9090 --data /srv/tallystick --no-sample

    Args:
        port: Port to serve on, instead of TALLYSTICK_PORT or 8080.
        host: Address to serve on, instead of TALLYSTICK_HOST or 127.0.0.1.
        data: The data directory.
        parts: What runs.
    """
    settings = settings_from(os.environ, data=data)
    settings = replace(settings, host=host or settings.host, port=port or settings.port)
    directory = DataDirectory(root=settings.data.resolve())
    settings = replace(settings, data=directory.root)
    directory.prepare()
    with ExitStack() as stack:
        stack.enter_context(directory.locked())
        await_leftovers(directory.run)
        require_free_port(settings.host, settings.port)
        supervisor = Supervisor(
            run=directory.run, environment=child_environment(settings), say=note
        )
        stack.enter_context(stopping_on_signals(supervisor.stopping))
        stack.callback(supervisor.stop)
        _Start(settings=settings, directory=directory, supervisor=supervisor).run(parts)
        supervisor.tend_until_stopped()
        note("stopping")
    note("stopped; start again with the same command to go on")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """The order in which an installation comes up."""

    settings: Settings
    directory: DataDirectory
    supervisor: Supervisor

    def run(self, parts: Parts) -> None:
        if self.settings.postgres_url is None:
            note("starting PostgreSQL")
            self.supervisor.start_engine(EmbeddedPostgres(self.directory.postgres))
        installed = install(self.settings, SystemClock())
        if installed.admin_token is not None:  # now: whatever ends this start, it is kept nowhere
            note(f"\nadmin key, shown this once:  {installed.admin_token}\n")
        note("starting the server")
        owner = self.supervisor.add("owner", ["owner"])
        self.supervisor.await_ready(owner, self._is_ready)
        if self.supervisor.stopping.is_set():
            return
        if installed.is_new and parts.sample:
            self._apply_sample()
        self.supervisor.add("worker", ["worker", "--bill"] if parts.bill else ["worker"])
        if parts.collect:
            self.supervisor.add("collector", ["collect", "host"])
        if parts.sources:
            self.supervisor.add("sources", ["collect"])
        self._tell()

    def _client(self) -> Client:
        once = Retry(attempts_max=1)
        endpoint = Endpoint.local(self.directory.run)
        return Client(endpoint, retry=once, timeout_seconds=ASK_SECONDS)

    def _is_ready(self) -> bool:
        """Ask whether the owner answers; it may still be loading the projection from the log."""
        with suppress(EngineUnavailable, RequestRefused), self._client() as client:
            client.fetch(Request(method="GET", path="/healthz"))
            return True
        return False

    def _apply_sample(self) -> None:
        if not SAMPLES.is_dir():
            return
        outcome = read_catalog_files([SAMPLES])
        if isinstance(outcome, Refused):
            raise Refusal(outcome.problems)
        month = datetime.now(UTC).strftime("%Y-%m-01")
        request = Request(
            method="POST",
            path="/v1/catalog/apply",
            body=json_from_documents(_starting(outcome.value, month)),
            headers={"content-type": "application/json"},
        )
        with Client(Endpoint.local(self.directory.run)) as client:
            client.ask(request)
        note("applied the sample catalog")

    def _tell(self) -> None:
        access = msgspec.json.decode(self.directory.token.read_bytes(), type=LocalAccess)
        start = new_start_token(access.secret, workspace=WORKSPACE, now=datetime.now(UTC))
        note(f"\nTallystick runs on {access.url}")
        note(f"open the live page:  {access.url}/start?token={start}")
        note("Ctrl-C stops it; the data stays in " + str(self.directory.root))


def _starting(documents: Documents, day: str) -> Documents:
    """Return the sample with subscriptions that start on a day, so that no past months are due."""
    subscriptions = [
        {**subscription, "start": day}
        for subscription in documents.lists.get("subscriptions", ())
        if isinstance(subscription, Mapping)
    ]
    return replace(documents, lists={**documents.lists, "subscriptions": subscriptions})
