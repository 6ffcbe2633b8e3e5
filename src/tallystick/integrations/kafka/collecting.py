"""The consumer: polls, delivers, reports, commits."""

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
from confluent_kafka import (
    TIMESTAMP_NOT_AVAILABLE,
    Consumer,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka import Message as Polled

from tallystick.integrations.kafka.track import Step, Track, track_of
from tallystick.integrations.messages import Delivery, Message, deliver
from tallystick.integrations.sources import Desk, KafkaSource, PartitionProgress, Surroundings
from tallystick.kernel import EngineUnavailable, Misuse

MESSAGES_MAX = 5_000
POLL_SECONDS = 0.5
ANSWER_SECONDS_MAX = 15.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PASSING = frozenset(
    {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT}  # noqa: SLF001 - librdkafka's own codes are spelt so
)

Place = tuple[str, int]


class BrokerUnavailable(EngineUnavailable):
    """The cluster does not answer; reading goes on later where it stopped."""


def collect_kafka(source: KafkaSource, *, desk: Desk, stopping: threading.Event) -> None:
    """
    Read topics until told to stop.

    Raises:
        EngineUnavailable: the server or the cluster cannot be reached.
        Misuse: the cluster refuses, or a topic was made anew.
    """
    try:
        consumer = Consumer(consumer_settings(source, desk.surroundings))
    except KafkaException as error:
        raise Misuse(f"Kafka refuses these settings: {error.args[0].str()}") from error
    reading = _Reading(source=source, desk=desk, consumer=consumer)
    try:
        consumer.subscribe(list(source.topics), on_assign=reading.assign, on_revoke=reading.revoke)
        while not stopping.is_set():
            reading.round()
    except KafkaException as error:
        raise BrokerUnavailable(f"Kafka: {error.args[0].str()}") from error
    finally:
        consumer.close()


def consumer_settings(source: KafkaSource, surroundings: Surroundings) -> dict[str, object]:
    """Return librdkafka's settings; what exactness rests on cannot be declared otherwise."""
    secrets = {name: surroundings.secret(variable) for name, variable in source.secrets.items()}
    return {
        "client.id": f"tallystick-{source.key}",
        **source.settings,
        **secrets,
        "bootstrap.servers": source.servers,
        "group.id": source.group or f"tallystick-{source.key}",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "error",
        "isolation.level": "read_committed",
    }


@dataclass(slots=True, kw_only=True)
class _Reading:
    """The partitions that this consumer was given."""

    source: KafkaSource
    desk: Desk
    consumer: Consumer
    tracks: dict[Place, Track] = field(default_factory=dict)

    def assign(self, consumer: Consumer, given: list[TopicPartition]) -> None:
        """Begin each partition where the server says, and tell what the broker no longer holds."""
        known = self.desk.known_partitions()
        found: list[PartitionProgress] = []
        for each in given:
            low, high = consumer.get_watermark_offsets(each, timeout=ANSWER_SECONDS_MAX)
            name = _name((each.topic, each.partition))
            state = known.get(name)
            first = low if self.source.start == "earliest" else high
            position = first if state is None else state.next_offset
            if position > high:
                raise Misuse(_made_anew(name, position, high))
            track, lost = track_of(
                position,
                () if state is None else state.open,
                low=low,
                checks_holes=self.source.holes == "check",
            )
            if state is None:
                found.append(PartitionProgress(partition=name, begin=position))
            elif lost:
                found.append(PartitionProgress(partition=name, lost=lost))
            self.tracks[each.topic, each.partition] = track
            each.offset = track.expected
        if found:
            self.desk.report(*found)
        consumer.assign(given)

    def revoke(self, consumer: Consumer, taken: list[TopicPartition]) -> None:
        """Let partitions go; all that was polled of them is reported and committed already."""
        del consumer
        for each in taken:
            self.tracks.pop((each.topic, each.partition), None)

    def round(self) -> None:
        """Take what is there, and see that it is durable, reported and committed."""
        taken = list(self._taken(self.consumer.consume(MESSAGES_MAX, POLL_SECONDS)))
        deliveries = deliver(taken, self.source.event, desk=self.desk)
        self._report(deliveries)
        self._seek()

    def _taken(self, polled: Iterable[Polled]) -> Iterable[Message]:
        """Yield the messages that are expected; note where another place must be sought."""
        for each in polled:
            place = (each.topic() or "", _number(each.partition()))
            track = self.tracks.get(place)
            error = each.error()
            if track is None or (error is not None and not _is_end(error)):
                _check(error)
                continue
            if track.needs_seek:
                continue
            offset = _number(each.offset())
            step = track.end(offset) if error is not None else track.arrive(offset)
            if step is Step.SEEK:
                track.needs_seek = True
            if step is Step.TAKE:
                yield _message(each, place, offset)

    def _report(self, deliveries: Mapping[str, Delivery]) -> None:
        reports, commits = [], []
        for place, track in self.tracks.items():
            spans = track.read_spans()
            if not spans:
                continue
            name = _name(place)
            delivery = deliveries.get(name) or Delivery(partition=name)
            reports.append(msgspec.structs.replace(delivery.progress(), read=spans))
            commits.append(TopicPartition(*place, track.position))
        if reports:
            self.desk.report(*reports)
            # Whoever is the group's member by now, the server knows what was read.
            with suppress(KafkaException):
                self.consumer.commit(offsets=commits, asynchronous=False)

    def _seek(self) -> None:
        for place, track in self.tracks.items():
            if track.needs_seek:
                track.needs_seek = False
                self.consumer.seek(TopicPartition(*place, track.expected))


def _message(polled: Polled, place: Place, offset: int) -> Message:
    kind, milliseconds = polled.timestamp()
    known = kind != TIMESTAMP_NOT_AVAILABLE
    return Message(
        partition=_name(place),
        offset=offset,
        value=_bytes(polled.value()),
        headers={
            name.lower(): (_bytes(value) or b"").decode("utf-8", "replace")
            for name, value in dict(polled.headers() or ()).items()
        },
        sent_at=EPOCH + timedelta(milliseconds=milliseconds) if known else None,
    )


def _name(place: Place) -> str:
    return f"{place[0]}/{place[1]}"


def _bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


def _number(value: int | None) -> int:
    return -1 if value is None else value


def _is_end(error: KafkaError) -> bool:
    return error.code() == KafkaError._PARTITION_EOF  # noqa: SLF001 - as PASSING


def _check(error: KafkaError | None) -> None:
    """Pass over what may pass by itself; end the collector with the rest."""
    if error is None or error.code() in PASSING or _is_end(error):
        return
    if error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 - as PASSING
        raise BrokerUnavailable(f"the broker no longer holds the next offset: {error.str()}")
    raise BrokerUnavailable(f"Kafka: {error.str()}")


def _made_anew(name: str, position: int, high: int) -> str:
    return (
        f"{name} ends at offset {high}, but was read up to {position} before: the topic was made "
        "anew, or the cluster lost messages; if its messages are new, remove the source and "
        "declare it under another key"
    )
