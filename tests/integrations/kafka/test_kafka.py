"""Topics count once each message, against librdkafka's mock cluster and a real broker."""

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import OFFSET_INVALID, Consumer, TopicPartition

from tallystick.client import Client, Endpoint, Retry, ServerUnreachable
from tallystick.integrations.kafka import collect_kafka
from tallystick.integrations.sources import Desk, KafkaSource, Surroundings
from tests.client.scripted_server import Answer, scripted_server
from tests.integrations.collecting import (
    DAY,
    Ledger,
    collector,
    event_line,
    kill_as_soon_as,
    ledger,
    start_collector,
)
from tests.integrations.kafka.cluster import Cluster, mock_cluster, real_broker
from tests.serving import Tenant
from tests.waiting import wait_until

_NUMBERS = itertools.count()


@pytest.fixture(scope="module", params=["mock", "broker"])
def kafka(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Lend a cluster of each kind."""
    with mock_cluster() if request.param == "mock" else real_broker() as found:
        yield found


@pytest.fixture
def topic(kafka: Cluster) -> str:
    """Return a fresh topic."""
    name = f"rows{next(_NUMBERS)}"
    kafka.make_topic(name)
    return name


@pytest.fixture
def books(tenant: Tenant) -> Ledger:
    """Lend a workspace that counts rows."""
    return ledger(tenant)


def declare(books: Ledger, kafka: Cluster, topic: str, **more: object) -> None:
    """Declare the topic as the source `orders`."""
    books.declare(
        kind="kafka", key="orders", servers=kafka.servers, topics=[topic], group=topic, **more
    )


def partition(books: Ledger) -> dict[str, Any]:
    """Return how the first partition of the source's topic stands."""
    found: dict[str, Any] = books.source("orders")["partitions"][0]
    return found


def await_offset(books: Ledger, offset: int) -> None:
    """Wait until everything below an offset is reported of each partition that was written to."""
    wait_until(
        lambda: set(books.offsets("orders").values()) - {0} == {offset},
        seconds_max=60,
        waiting_for=f"offset {offset}",
    )


def committed(kafka: Cluster, topic: str) -> int:
    """Return the offset that the consumer group has committed."""
    consumer = Consumer({"bootstrap.servers": kafka.servers, "group.id": topic})
    (found,) = consumer.committed([TopicPartition(topic, 0)], timeout=20)
    consumer.close()
    return int(found.offset)


def test_messages_count_and_are_committed_after(
    books: Ledger, kafka: Cluster, topic: str, tmp_path: Path
) -> None:
    """Each message is counted; only then the group's offset says so, and so does the server."""
    kafka.send(topic, *map(event_line, range(1, 101)))
    declare(books, kafka, topic)
    with collector(books.tenant, tmp_path, "orders"):
        await_offset(books, 100)
        wait_until(lambda: committed(kafka, topic) == 100, seconds_max=30, waiting_for="the commit")
    books.await_rows(100)
    assert books.counted() == (100, 5050)
    shown = books.source("orders")
    assert shown["newest_at"] == DAY
    assert shown["newest_age_seconds"] > 0


def test_nothing_is_acknowledged_before_it_is_durable(
    kafka: Cluster, topic: str, tmp_path: Path
) -> None:
    """While the server does not take the events, nobody is told that their offsets were read."""
    kafka.send(topic, event_line(1))
    source = KafkaSource(key="orders", servers=kafka.servers, topics=(topic,), group=topic)
    unread = Answer(status=200, body=b'{"partitions":[]}')
    with (
        scripted_server(unread, Answer(status=200), Answer(status=503)) as peer,
        Client(Endpoint(url=peer.url, key="k"), retry=Retry(attempts_max=1)) as client,
    ):
        desk = Desk(client=client, source="orders", surroundings=Surroundings(scratch=tmp_path))
        with pytest.raises(ServerUnreachable):
            collect_kafka(source, desk=desk, stopping=threading.Event())
    # How far it was read, where its partitions begin, and then the events.
    paths = [path for _, path, _, _ in peer.requests]
    assert paths == ["/v1/sources/orders", "/v1/sources/orders/progress", "/v1/events"]
    assert committed(kafka, topic) == OFFSET_INVALID


def test_poison_is_buried_with_its_offset(
    books: Ledger, kafka: Cluster, topic: str, tmp_path: Path
) -> None:
    """Messages that are no events stand in the dead letters; those behind them count."""
    poison = [b'{"id":', b"\xff\xfe", b'{"id":"1"}', b"", b"[1]"]
    kafka.send(topic, event_line(1), *poison, event_line(2))
    kafka.send(topic, event_line(3).replace(b"2026-01", b"2999-01"), event_line(4))
    declare(books, kafka, topic)
    with collector(books.tenant, tmp_path, "orders"):
        await_offset(books, 9)
    books.await_rows(3)
    letters = books.dead_letters()
    named = [each["event_id"] for each in letters if each["code"] == "unreadable_message"]
    assert sorted(named) == [f"{topic}/0:{offset}" for offset in range(1, 6)]
    assert "r3" in {each["event_id"] for each in letters}, "what the gate refused is there too"
    assert f"{topic}/0:7" in partition(books)["problem"]
    assert {each["place"] for each in letters if each["event_id"] == "r3"} == {f"{topic}/0:7"}
    assert sorted(each["place"] for each in letters if each["event_id"] != "r3") == sorted(named)


def test_plain_json_becomes_events_by_declaration(
    books: Ledger, kafka: Cluster, topic: str, tmp_path: Path
) -> None:
    """JSON objects count by the declared form; without an id they are named by their offset."""
    kafka.send(topic, *[b'{"amount": %d, "customer": "acme", "at": "%s"}' % (n, DAY.encode())
                          for n in (1, 2, 2)])  # fmt: skip
    form = {"type": "row", "subject": "{customer}", "time": "at"}
    declare(books, kafka, topic, event=form)
    with collector(books.tenant, tmp_path, "orders"):
        await_offset(books, 3)
    books.await_rows(3)
    assert books.counted() == (3, 5)


def test_an_open_hole_is_pulled_again(
    books: Ledger, kafka: Cluster, topic: str, tmp_path: Path
) -> None:
    """Offsets that were passed over are sought, read and counted; then reading goes on."""
    kafka.send(topic, *map(event_line, range(1, 101)))
    declare(books, kafka, topic)
    passed_over = {
        "partitions": [
            {"partition": f"{topic}/0", "begin": 0, "read": [{"first": 0, "end": 10}]},
            {"partition": f"{topic}/0", "read": [{"first": 30, "end": 40}]},
        ]
    }
    answer = books.tenant.ask("POST", "/v1/sources/orders/progress", json=passed_over)
    assert answer.json()["partitions"][0]["open"] == [{"first": 10, "end": 30}]
    with collector(books.tenant, tmp_path, "orders"):
        await_offset(books, 100)
        wait_until(lambda: not partition(books)["open"], seconds_max=30, waiting_for="the hole")
    books.await_rows(80)
    assert books.counted()[1] == 5050 - sum(range(1, 11)) - sum(range(31, 41))
    assert partition(books)["holes_found"] == 1


def test_a_killed_collector_goes_on(
    books: Ledger, kafka: Cluster, topic: str, tmp_path: Path
) -> None:
    """A consumer killed twice in the middle of a topic counts each message exactly once."""
    if not kafka.is_real:
        pytest.skip("the mock cluster waits too long for members that are gone")
    rows = 40_000
    declare(books, kafka, topic, settings={"session.timeout.ms": "6000"})
    kafka.send(topic, *map(event_line, range(1, rows + 1)))
    for _ in range(2):
        before = partition(books)["next_offset"] if books.source("orders")["partitions"] else 0
        process = start_collector(books.tenant, tmp_path, "orders")
        kill_as_soon_as(
            process,
            lambda: any(each > before for each in books.offsets("orders").values()),  # noqa: B023 - asked before the next round
            waiting_for="progress",
        )
        assert partition(books)["next_offset"] < rows, "killed too late to tell anything"
    with collector(books.tenant, tmp_path, "orders"):
        await_offset(books, rows)
    books.await_rows(rows)
    assert books.counted() == (rows, rows * (rows + 1) // 2)


def test_partitions_move_between_consumers(books: Ledger, kafka: Cluster, tmp_path: Path) -> None:
    """A second consumer takes over partitions while the first reads; nothing counts twice."""
    if not kafka.is_real:
        pytest.skip("the mock cluster's groups are too simple to tell")
    topic = f"wide{next(_NUMBERS)}"
    kafka.make_topic(topic, partitions=4)
    declare(books, kafka, topic)
    for number in range(4):
        lines = map(event_line, range(number * 5000 + 1, number * 5000 + 5001))
        kafka.send(topic, *lines, partition=number)
    with collector(books.tenant, tmp_path, "orders"):
        wait_until(lambda: len(books.offsets("orders")) == 4, seconds_max=60, waiting_for="a start")
        with collector(books.tenant, tmp_path, "orders"):
            wait_until(
                lambda: kafka.shares(topic) == [2, 2],
                seconds_max=60,
                waiting_for="the second to take its share",
            )
            for number in range(4):
                lines = map(event_line, range(20_000 + number * 100, 20_000 + number * 100 + 100))
                kafka.send(topic, *lines, partition=number)
            await_offset(books, 5100)
    books.await_rows(20_399)


def test_offsets_that_are_gone_are_lost_and_told(
    books: Ledger, kafka: Cluster, topic: str, tmp_path: Path
) -> None:
    """What the broker deleted before it was read is shown as lost; reading goes on behind it."""
    if not kafka.is_real:
        pytest.skip("the mock cluster deletes nothing")
    kafka.send(topic, *map(event_line, range(1, 101)))
    declare(books, kafka, topic)
    begun = {"partitions": [{"partition": f"{topic}/0", "read": [{"first": 0, "end": 10}]}]}
    books.tenant.ask("POST", "/v1/sources/orders/progress", json=begun)
    kafka.delete_before(topic, 40)
    with collector(books.tenant, tmp_path, "orders"):
        await_offset(books, 100)
    books.await_rows(60)
    assert partition(books)["lost"] == [{"first": 10, "end": 40}]


def test_transactions_leave_holes_that_are_none(
    books: Ledger, kafka: Cluster, topic: str, tmp_path: Path
) -> None:
    """Committed messages count, aborted ones do not, and their markers are no holes."""
    if not kafka.is_real:
        pytest.skip("the mock cluster's transactions leave no markers")
    producer = kafka.producer(**{"transactional.id": topic})
    producer.init_transactions(30)
    for number in range(1, 7):
        producer.begin_transaction()
        producer.produce(topic, event_line(number), partition=0)
        if number % 3:
            producer.commit_transaction(30)
        else:
            producer.flush(30)
            producer.abort_transaction(30)
    kafka.send(topic, event_line(9))
    declare(books, kafka, topic)
    with collector(books.tenant, tmp_path, "orders"):
        await_offset(books, 13)
    books.await_rows(5)
    assert books.counted() == (5, 1 + 2 + 4 + 5 + 9)
    assert partition(books)["open"] == []
