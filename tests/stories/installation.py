"""
One whole installation for all stories: PostgreSQL, owner and worker as processes of their own.

Each story works in a workspace of its own and asks through the command line, either as the operator
of the data directory (workspace `live`) or with a key over HTTP, like a customer's engineer would.
"""

import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg
import pytest

from bench.installation import free_port
from tallystick.app.clock import SystemClock
from tallystick.app.command import Caller
from tallystick.app.workspaces import CreateWorkspace, WorkspaceKind, create_workspace
from tallystick.bootstrap import DataDirectory, LocalAccess
from tallystick.bootstrap.engines import APP_ROLE, OWNER_ROLE
from tallystick.cli import main
from tallystick.kernel import Done, WorkspaceId
from tallystick.storage.postgres import (
    EmbeddedPostgres,
    PostgresUnitOfWork,
    ServerSizing,
    migrate,
    open_pool,
)
from tests import plain_http
from tests.databases import quick_place
from tests.waiting import wait_until

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - JSON of many shapes
        """Return the answer that was asked for with ``--json``."""
        return msgspec.json.decode(self.out)


def run_command(*arguments: str | Path) -> Ran:
    """Run one `tallystick` command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Ran(code=code, out=out.getvalue(), err=err.getvalue())


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One workspace of the installation, with a key that may do everything in it."""

    installation: "Installation"
    workspace: str

    @property
    def token(self) -> str:
        """Return the operator's key for this workspace; it changes when the owner restarts."""
        return f"ts_{self.workspace}_local_{self.installation.access.secret}"

    def run(self, *arguments: str | Path) -> Ran:
        """Run a command that asks this workspace."""
        where = ("--url", self.installation.url, "--key", self.token)
        return run_command(*arguments, *where)

    def answer(self, *arguments: str | Path) -> Any:  # noqa: ANN401 - JSON of many shapes
        """Run a command that must succeed and return its JSON answer."""
        ran = self.run(*arguments, "--json")
        assert ran.code == 0, ran.out + ran.err
        return ran.document

    def client(self, key: str = "") -> httpx.Client:
        """Return a client over HTTP, with another key if one is given."""
        headers = {"authorization": f"Bearer {key or self.token}"}
        return plain_http.client(self.installation.url, headers=headers, timeout=120)

    def get(self, path: str, *, key: str = "", **query: str) -> httpx.Response:
        """Ask over HTTP, with another key if one is given."""
        with self.client(key) as client:
            return client.get(path, params=query)

    def post(self, path: str, body: object = None, *, key: str = "") -> httpx.Response:
        """Send a command over HTTP, with another key if one is given."""
        with self.client(key) as client:
            return client.post(path, json=body)

    def apply(self, catalog: Path) -> None:
        """Apply a catalog; all of it must be new."""
        applied = self.answer("apply", "-f", catalog)
        assert (applied["changed"], applied["unchanged"]) == (0, 0), applied

    def bring_in(self, file: Path, mapping: Path | None = None) -> dict[str, Any]:
        """Import a file, wait until it is counted, and return what became of its rows."""
        rules = () if mapping is None else ("--mapping", mapping)
        told: dict[str, Any] = self.answer("import", file, *rules)
        assert not told["problems"], told
        wait_until(
            lambda: self.get("/readyz").json()["projection_position"] >= told["last_position"],
            seconds_max=120,
            waiting_for=f"the projection to cover {file.name}",
        )
        return told

    def bill(self, through: str) -> list[str]:
        """Run billing, which must park nobody, and return the ids of the documents issued."""
        report = self.answer("invoice", "run", "--through", through)
        assert report["parked"] == []
        issued: list[str] = report["issued"]
        return issued

    def invoice(self, invoice: str) -> dict[str, Any]:
        """Return a document."""
        shown: dict[str, Any] = self.answer("invoice", "show", invoice)
        return shown

    def proof(self, invoice: str, folder: Path) -> Path:
        """Export the proof of a document into a folder."""
        target = folder / f"{invoice}.proof"
        self.answer("invoice", "export", invoice, "--proof", "--to", target)
        return target


@dataclass(slots=True, kw_only=True)
class Installation:
    """A server that runs on a data directory, and can be stopped and started again."""

    data: DataDirectory
    port: int
    postgres: EmbeddedPostgres
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return where it serves."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def access(self) -> LocalAccess:
        """Return what a local client reads."""
        return msgspec.json.decode(self.data.token.read_bytes(), type=LocalAccess)

    def start(self) -> None:
        """Start owner and worker and wait until the owner answers."""
        environment = os.environ | {
            "TALLYSTICK_DATA": str(self.data.root),
            "TALLYSTICK_PORT": str(self.port),
            "TALLYSTICK_RATE_LIMIT": "1000000",
            "TALLYSTICK_LOG_LEVEL": "error",
        }
        for name in ("owner", "worker"):
            command = [sys.executable, "-m", "tallystick", name]
            with (self.data.root / f"{name}.log").open("ab") as said:
                self._processes.append(
                    subprocess.Popen(command, env=environment, stdout=said, stderr=said)
                )
        wait_until(self._is_ready, seconds_max=START_SECONDS_MAX, waiting_for="the owner")

    def stop(self) -> None:
        """Stop owner and worker, which must end well."""
        for process in self._processes:
            process.terminate()
        codes = [process.wait(STOP_SECONDS_MAX) for process in self._processes]
        self._processes.clear()
        assert codes == [0, 0], codes

    def kill(self) -> None:
        """End owner and worker without a word."""
        for process in self._processes:
            process.kill()
            process.wait(STOP_SECONDS_MAX)
        self._processes.clear()

    def restart(self) -> None:
        """Stop and start again; what was known before must be known after."""
        self.stop()
        self.start()

    def story(self, workspace: str, *, clock_at: datetime | None = None) -> Story:
        """Create a workspace, as the operator does: a test one where its clock is to stand."""
        caller = Caller(
            workspace=WorkspaceId(workspace), actor="local", scopes=frozenset({"admin"})
        )
        kind = WorkspaceKind.LIVE if clock_at is None else WorkspaceKind.TEST
        wanted = CreateWorkspace(kind=kind, name=workspace, clock_at=clock_at)
        with open_pool(self.postgres.uri(APP_ROLE), connections_max=1) as pool:
            unit = PostgresUnitOfWork(pool, caller.workspace)
            made = create_workspace(wanted, caller=caller, uow=unit, clock=SystemClock())
        assert isinstance(made, Done), made
        return Story(installation=self, workspace=workspace)

    @contextmanager
    def superuser(self) -> Iterator[psycopg.Connection]:
        """Yield a connection to which no policy and no trigger applies, as an intruder's."""
        with psycopg.connect(self.postgres.uri("postgres"), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            yield connection

    def _is_ready(self) -> bool:
        ended = [process.args for process in self._processes if process.poll() is not None]
        assert not ended, (ended, (self.data.root / "owner.log").read_text())
        try:
            return plain_http.get(f"{self.url}/readyz").is_success and self.data.token.exists()
        except httpx.TransportError:
            return False


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """Lend the installation of this session; it runs, and has no workspace yet."""
    root = Path(tempfile.mkdtemp(prefix="tallystick-stories-", dir=quick_place()))
    root.chmod(0o755)
    data = DataDirectory(root=root)
    data.prepare()
    sizing = ServerSizing(memory_mib=256, connections_max=100, durable=False)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, root)
        postgres = stack.enter_context(EmbeddedPostgres(data.postgres, sizing=sizing))
        migrate(postgres.uri(OWNER_ROLE))
        running = Installation(data=data, port=free_port(), postgres=postgres)
        running.start()
        stack.callback(running.stop)
        yield running
