"""
Kafka clusters for tests: librdkafka's own mock, and a real broker where Java and Maven are.

The mock speaks the protocol on real sockets and is there wherever the client library is. The broker
is Apache Kafka in KRaft mode, from jars that Maven fetches once.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from confluent_kafka import KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.serving import free_port
from tests.waiting import wait_until

VERSION = "3.9.1"
FETCH_SECONDS_MAX = 300
START_SECONDS_MAX = 90
POM = f"""\
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>tests</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
    <version>{VERSION}</version>
  </dependency></dependencies>
</project>
"""
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={logs}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.segment.delete.delay.ms=0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A cluster by its bootstrap servers; `keeper` holds what must stay alive."""

    servers: str
    is_real: bool
    keeper: object = field(repr=False, default=None)

    def producer(self, **settings: str) -> Producer:
        """Return a producer."""
        return Producer({"bootstrap.servers": self.servers, **settings})

    def send(self, topic: str, *values: bytes | None, partition: int = 0) -> None:
        """Send messages and wait until the broker has them."""
        producer = self.producer()
        for value in values:
            producer.produce(topic, value, partition=partition)
        assert producer.flush(30) == 0

    def make_topic(self, topic: str, partitions: int = 1) -> None:
        """Make a topic; the mock makes them by itself, with four partitions, when asked."""
        if not self.is_real:
            self.producer().list_topics(topic, timeout=10)
            return
        admin = AdminClient({"bootstrap.servers": self.servers})
        made = admin.create_topics([NewTopic(topic, num_partitions=partitions)])
        made[topic].result(30)

    def shares(self, group: str) -> list[int]:
        """Return how many partitions each member of a group reads."""
        admin = AdminClient({"bootstrap.servers": self.servers})
        told = admin.describe_consumer_groups([group])[group].result(30)
        return [len(each.assignment.topic_partitions) for each in told.members]

    def delete_before(self, topic: str, offset: int) -> None:
        """Delete the messages below an offset, as retention does."""
        admin = AdminClient({"bootstrap.servers": self.servers})
        for deleted in admin.delete_records([TopicPartition(topic, 0, offset)]).values():
            deleted.result(30)


@contextmanager
def mock_cluster() -> Iterator[Cluster]:
    """Lend librdkafka's mock cluster."""
    keeper = Producer({"test.mock.num.brokers": "1", "bootstrap.servers": "none"})
    (broker,) = keeper.list_topics(timeout=10).brokers.values()
    yield Cluster(servers=f"{broker.host}:{broker.port}", is_real=False, keeper=keeper)


@contextmanager
def real_broker() -> Iterator[Cluster]:
    """Lend a broker of its own; skip the test where there is no Java."""
    jars = _jars()
    folder = Path(tempfile.mkdtemp(prefix="tallystick-kafka-"))
    port, controller = free_port(), free_port()
    properties = folder / "server.properties"
    logs = folder / "logs"
    properties.write_text(PROPERTIES.format(port=port, controller=controller, logs=logs))
    java = ["java", "-Xmx384m", "-cp", f"{jars}/*"]
    subprocess.run(
        [*java, "kafka.tools.StorageTool", "format", "-t", "AAAAAAAAQACAAAAAAAAAAQ", "-c",
         str(properties)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    with (folder / "broker.log").open("wb") as said:
        process = subprocess.Popen(
            [*java, "kafka.Kafka", str(properties)], stdout=said, stderr=said
        )
    cluster = Cluster(servers=f"127.0.0.1:{port}", is_real=True)
    try:
        wait_until(
            lambda: process.poll() is not None or _answers(cluster),
            seconds_max=START_SECONDS_MAX,
            waiting_for="Kafka",
        )
        assert process.poll() is None, (folder / "broker.log").read_text()[-3000:]
        yield cluster
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _answers(cluster: Cluster) -> bool:
    try:
        admin = AdminClient({"bootstrap.servers": cluster.servers, "log_level": "0"})
        return bool(admin.list_topics(timeout=2).brokers)
    except KafkaException:
        return False


def _jars() -> Path:
    """Return the folder of Kafka's jars, which Maven fills at the first use."""
    if not shutil.which("java") or not shutil.which("mvn"):
        pytest.skip("a real Kafka needs java and mvn; the mock cluster was tested instead")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = cache / "tallystick-tests" / f"kafka-{VERSION}"
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pom.xml").write_text(POM)
        fetched = subprocess.run(
            ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=.",
             "-DincludeScope=runtime"],
            cwd=folder,
            capture_output=True,
            timeout=FETCH_SECONDS_MAX,
            check=False,
        )  # fmt: skip
        if fetched.returncode:
            pytest.skip("Maven cannot fetch Kafka's jars; the mock cluster was tested instead")
        (folder / "complete").touch()
    return folder
