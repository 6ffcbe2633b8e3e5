"""Streams of NATS JetStream count once each message, against the real server."""

import asyncio
import itertools
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client as NatsClient
from nats.errors import Error as NatsError
from nats.js.api import ConsumerConfig

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
PASSWORD = "not the real one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A stream of a NATS server, with subjects `NAME.>`."""

    url: str
    name: str

    def send(
        self, *values: bytes, subject: str = "rows", headers: dict[str, str] | None = None
    ) -> None:
        """Publish messages and wait until the stream has them."""

        async def publish() -> None:
            connection = await _connected(self.url)
            stream = connection.jetstream()
            for value in values:
                await stream.publish(f"{self.name}.{subject}", value, headers=headers)
            await connection.close()

        asyncio.run(publish())

    def skip(self, durable: str, count: int) -> None:
        """Acknowledge messages in the name of a consumer, without counting them."""

        async def acknowledge() -> None:
            connection = await _connected(self.url)
            stream = connection.jetstream()
            await stream.add_consumer(self.name, ConsumerConfig(durable_name=durable))
            pull = await stream.pull_subscribe_bind(durable=durable, stream=self.name)
            for message in await pull.fetch(count, timeout=5):
                await message.ack_sync()
            await connection.close()

        asyncio.run(acknowledge())

    def unacknowledged(self, durable: str) -> int:
        """Return how many messages the consumer has or will get, and has not acknowledged."""

        async def ask() -> int:
            connection = await _connected(self.url)
            info = await connection.jetstream().consumer_info(self.name, durable)
            await connection.close()
            return (info.num_pending or 0) + (info.num_ack_pending or 0)

        return asyncio.run(ask())


async def _connected(url: str) -> NatsClient:
    return await nats.connect(url, user="me", password=PASSWORD, allow_reconnect=False)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Lend a NATS server that asks for a password."""
    program = shutil.which("nats-server")
    if program is None:
        pytest.skip("needs nats-server (Debian: apt install nats-server)")
    folder, port = tmp_path_factory.mktemp("nats"), free_port()
    command = [program, "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(folder)]
    command += ["--user", "me", "--pass", PASSWORD]
    url = f"nats://127.0.0.1:{port}"
    with (folder / "log").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)

    def answers() -> bool:
        async def ask() -> None:
            connection = await _connected(url)
            await connection.jetstream().account_info()
            await connection.close()

        try:
            asyncio.run(ask())
        except (NatsError, OSError):
            return False
        return True

    try:
        wait_until(answers, seconds_max=30, waiting_for="NATS")
        yield url
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def stream(server: str) -> Stream:
    """Lend a fresh stream."""
    name = f"usage{next(_NUMBERS)}"

    async def make() -> None:
        connection = await _connected(server)
        await connection.jetstream().add_stream(name=name, subjects=[f"{name}.>"])
        await connection.close()

    asyncio.run(make())
    return Stream(url=server, name=name)


@pytest.fixture
def books(tenant: Tenant) -> Ledger:
    """Lend a workspace that counts rows."""
    return ledger(tenant)


ENVIRONMENT = {"TALLYSTICK_SOURCE_ME": "me", "TALLYSTICK_SOURCE_PASSWORD": PASSWORD}


def declare(books: Ledger, stream: Stream, **more: object) -> None:
    """Declare the stream as the source `usage`."""
    secrets = {"user": "TALLYSTICK_SOURCE_ME", "password": "TALLYSTICK_SOURCE_PASSWORD"}
    books.declare(
        kind="nats",
        key="usage",
        servers=[stream.url],
        stream=stream.name,
        ack_wait_seconds=2,
        secrets=secrets,
        **more,
    )


def await_sequence(books: Ledger, stream: Stream, sequence: int) -> None:
    """Wait until everything through a number of the stream is reported, without a hole."""

    def is_read() -> bool:
        (found,) = books.source("usage")["partitions"] or [{"next_offset": 0, "open": []}]
        return found["next_offset"] == sequence + 1 and not found["open"]

    wait_until(is_read, seconds_max=60, waiting_for=f"number {sequence} of {stream.name}")


def test_messages_count_and_are_acknowledged_after(
    books: Ledger, stream: Stream, tmp_path: Path
) -> None:
    """Each message is counted, reported and then acknowledged; those of other subjects are not."""
    stream.send(*map(event_line, range(1, 51)))
    stream.send(b"noise", subject="other")
    stream.send(*map(event_line, range(51, 101)))
    declare(books, stream, subjects=[f"{stream.name}.rows"])
    with collector(books.tenant, tmp_path, "usage", **ENVIRONMENT):
        await_sequence(books, stream, 101)
        wait_until(
            lambda: stream.unacknowledged("tallystick-usage") == 0,
            seconds_max=30,
            waiting_for="the acknowledgements",
        )
    books.await_rows(100)
    assert books.counted() == (100, 5050)
    assert books.dead_letters() == []


def test_poison_is_buried_with_its_number(books: Ledger, stream: Stream, tmp_path: Path) -> None:
    """Messages that are no events stand in the dead letters and are acknowledged."""
    stream.send(event_line(1), b"{", b'{"id":"1"}', event_line(2))
    head = {"ce-id": "b1", "ce-source": "s", "ce-type": "row", "ce-specversion": "1.0"}
    binary = {**head, "ce-subject": "acme", "ce-time": DAY, "content-type": "application/json"}
    stream.send(b'{"amount": 4}', headers=binary)
    declare(books, stream)
    with collector(books.tenant, tmp_path, "usage", **ENVIRONMENT):
        await_sequence(books, stream, 5)
    books.await_rows(3)
    assert books.counted() == (3, 7)
    named = sorted(each["event_id"] for each in books.dead_letters())
    assert named == [f"{stream.name}:2", f"{stream.name}:3"]


def test_what_was_acknowledged_uncounted_is_pulled_again(
    books: Ledger, stream: Stream, tmp_path: Path
) -> None:
    """Messages that NATS takes for done and the server does not know are fetched at the start."""
    stream.send(*map(event_line, range(1, 41)))
    stream.skip("tallystick-usage", 30)
    declare(books, stream, durable="tallystick-usage")
    with collector(books.tenant, tmp_path, "usage", **ENVIRONMENT):
        await_sequence(books, stream, 40)
    books.await_rows(40)


def test_a_killed_collector_goes_on(books: Ledger, stream: Stream, tmp_path: Path) -> None:
    """A consumer killed in the middle of a stream counts each message exactly once after all."""
    rows = 12_000
    stream.send(*map(event_line, range(1, rows + 1)))
    declare(books, stream)
    process = start_collector(books.tenant, tmp_path, "usage", **ENVIRONMENT)
    kill_as_soon_as(
        process,
        lambda: any(each > 1 for each in books.offsets("usage").values()),
        waiting_for="progress",
    )
    assert books.offsets("usage")[stream.name] <= rows, "killed too late to tell anything"
    with collector(books.tenant, tmp_path, "usage", **ENVIRONMENT):
        await_sequence(books, stream, rows)
    books.await_rows(rows)
    assert books.counted() == (rows, rows * (rows + 1) // 2)


def test_no_secret_is_shown(books: Ledger, stream: Stream, tmp_path: Path) -> None:
    """Neither the server's answers nor what the collector says hold the password."""
    declare(books, stream)
    books.declare(kind="nats", key="away", servers=["nats://127.0.0.1:1"], stream="s",
                  secrets={"password": "TALLYSTICK_SOURCE_PASSWORD"})  # fmt: skip
    log = tmp_path / "collector.log"
    with collector(books.tenant, tmp_path, "usage", "away", **ENVIRONMENT):
        wait_until(
            lambda: "tried again" in log.read_text(), seconds_max=240, waiting_for="a failure"
        )
    shown = log.read_text() + books.tenant.ask("GET", "/v1/sources").text
    assert PASSWORD not in shown
