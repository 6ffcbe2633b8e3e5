"""Objects of a bucket count once each, against moto's server."""

import itertools
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import obstore
import pytest
from obstore.store import S3Store

from tests.integrations.collecting import (
    DAY,
    Ledger,
    collector,
    event_line,
    kill_as_soon_as,
    ledger,
    start_collector,
)
from tests.serving import Tenant, free_port
from tests.waiting import wait_until

_NUMBERS = itertools.count()
ENVIRONMENT = {"TALLYSTICK_SOURCE_ID": "me", "TALLYSTICK_SOURCE_KEY": "not the real one"}
SECRETS = {
    "access_key_id": "TALLYSTICK_SOURCE_ID",
    "secret_access_key": "TALLYSTICK_SOURCE_KEY",
}
MAPPING = {
    "format": "csv",
    "source": "csv",
    "type": "row",
    "subject": "{account}",
    "time": {"column": "at"},
    "data": {"amount": {"column": "amount"}},
}
HEAD = "at,account,amount\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket of a server that is not ours."""

    endpoint: str
    name: str
    store: S3Store

    def put(self, name: str, content: bytes) -> None:
        """Write an object."""
        obstore.put(self.store, name, content)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Lend moto's server, a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_until(answers, seconds_max=60, waiting_for="moto")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def bucket(server: str) -> Bucket:
    """Lend a fresh bucket."""
    name = f"usage-{next(_NUMBERS)}"
    assert httpx.put(f"{server}/{name}").is_success
    store = S3Store(
        name,
        endpoint=server,
        access_key_id="me",
        secret_access_key="x",
        client_options={"allow_http": True},
    )
    return Bucket(endpoint=server, name=name, store=store)


@pytest.fixture
def books(tenant: Tenant) -> Ledger:
    """Lend a workspace that counts rows."""
    return ledger(tenant)


def declare(books: Ledger, bucket: Bucket, **more: object) -> None:
    """Declare the bucket as the source `lake`."""
    books.declare(
        kind="s3",
        key="lake",
        bucket=bucket.name,
        endpoint=bucket.endpoint,
        poll_seconds=1,
        secrets=SECRETS,
        **more,
    )


def await_items(books: Ledger, *, done: int, failed: int = 0) -> None:
    """Wait until so many objects are finished."""

    def are_there() -> bool:
        shown = books.source("lake")
        return (shown["items_done"], shown["items_failed"]) == (done, failed)

    wait_until(are_there, seconds_max=60, waiting_for=f"{done} + {failed} objects")


def test_objects_count_as_they_come(books: Ledger, bucket: Bucket, tmp_path: Path) -> None:
    """Objects below the prefix count, those that come later too; others and other names do not."""
    bucket.put("in/2026/a.ndjson", b"".join(map(event_line, range(1, 11))))
    bucket.put("in/readme.txt", b"nothing")
    bucket.put("inside/b.ndjson", event_line(99))
    declare(books, bucket, prefix="in", pattern="*.ndjson")
    with collector(books.tenant, tmp_path, "lake", **ENVIRONMENT):
        await_items(books, done=1)
        bucket.put("in/2025/late.ndjson", event_line(11))
        await_items(books, done=2)
    books.await_rows(11)
    assert books.counted() == (11, 66)


def test_an_object_that_is_written_again(books: Ledger, bucket: Bucket, tmp_path: Path) -> None:
    """The same content again is known; more content counts what is new, where rows have ids."""
    first = b"".join(map(event_line, range(1, 4)))
    bucket.put("a.ndjson", first)
    declare(books, bucket)
    with collector(books.tenant, tmp_path, "lake", **ENVIRONMENT):
        await_items(books, done=1)
    bucket.put("a.ndjson", first)
    bucket.put("b.ndjson", first + event_line(4))
    with collector(books.tenant, tmp_path, "lake", **ENVIRONMENT):
        await_items(books, done=2)
    books.await_rows(4)


def test_a_bad_object_holds_up_no_other(books: Ledger, bucket: Bucket, tmp_path: Path) -> None:
    """What is wrong with an object is shown with its name; the others count."""
    bucket.put("a.csv", f"{HEAD}{DAY},acme,many\n".encode())
    bucket.put("b.csv", f"{HEAD}{DAY},acme,3\n".encode())
    declare(books, bucket, mapping=MAPPING)
    with collector(books.tenant, tmp_path, "lake", **ENVIRONMENT):
        await_items(books, done=1, failed=1)
    books.await_rows(1)
    items = books.tenant.ask("GET", "/v1/sources/lake/items").json()["items"]
    assert [each["status"] for each in items] == ["failed", "done"]
    assert "row 1" in items[0]["problem"]


def test_a_killed_collector_goes_on(books: Ledger, bucket: Bucket, tmp_path: Path) -> None:
    """A collector killed in the middle of an object counts each of its rows exactly once."""
    rows = 200_000
    lines = "".join(f"{DAY},acme,{number}\n" for number in range(1, rows + 1))
    bucket.put("big.csv", (HEAD + lines).encode())
    declare(books, bucket, mapping=MAPPING)
    process = start_collector(books.tenant, tmp_path, "lake", **ENVIRONMENT)
    kill_as_soon_as(process, lambda: books.counted()[0] > 0, waiting_for="the first rows")
    assert books.source("lake")["items_done"] == 0, "killed too late to tell anything"
    with collector(books.tenant, tmp_path, "lake", **ENVIRONMENT):
        await_items(books, done=1)
    books.await_rows(rows)
    assert books.counted() == (rows, rows * (rows + 1) // 2)
