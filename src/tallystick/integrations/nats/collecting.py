"""The consumer: fetches, delivers, reports, acknowledges."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import nats
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NothingThere
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, RawStreamMsg
from nats.js.errors import NotFoundError

from tallystick.integrations.messages import Delivery, Message, deliver
from tallystick.integrations.nats.sequences import Delivered, Sequences, matches
from tallystick.integrations.sources import Desk, NatsSource, PartitionProgress, ReadSpan
from tallystick.kernel import EngineUnavailable, Misuse

MESSAGES_MAX = 1_000
FETCH_SECONDS = 0.5
ACK_PENDING_MAX = 10_000
PULL_AGAIN_MAX = 200


class NatsUnavailable(EngineUnavailable):
    """NATS does not answer; reading goes on later where it stopped."""


def collect_nats(source: NatsSource, *, desk: Desk, stopping: threading.Event) -> None:
    """
    Read a stream until told to stop.

    Raises:
        EngineUnavailable: the server or NATS cannot be reached.
        Misuse: there is no such stream.
    """
    try:
        asyncio.run(_collect(source, desk, stopping))
    except NotFoundError as error:
        raise Misuse(f"NATS has no stream {source.stream!r}: {error}") from error
    except (NatsError, OSError) as error:
        raise NatsUnavailable(f"NATS: {type(error).__name__} {error}") from error


async def _collect(source: NatsSource, desk: Desk, stopping: threading.Event) -> None:
    secrets = {
        name: desk.surroundings.secret(variable) for name, variable in source.secrets.items()
    }
    connection = await nats.connect(
        list(source.servers),
        name=f"tallystick-{source.key}",
        user=secrets.get("user"),
        password=secrets.get("password"),
        token=secrets.get("token"),
        allow_reconnect=False,
        # Each server twice; the library's sixty would keep silent about a dead one for minutes.
        max_reconnect_attempts=1,
    )
    try:
        reading = _Reading(source=source, desk=desk, stream=connection.jetstream())
        await reading.begin()
        while not stopping.is_set():
            await reading.round()
            await connection.flush()
    finally:
        await connection.close()


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One stream through one durable consumer."""

    source: NatsSource
    desk: Desk
    stream: JetStreamContext
    sequences: Sequences = field(default_factory=lambda: Sequences(stream=0, consumer=0))
    pull: "JetStreamContext.PullSubscription | None" = None

    async def begin(self) -> None:
        """Make the consumer if it is not there, and fetch what it will not deliver again."""
        name, durable = self.source.stream, self.source.durable or f"tallystick-{self.source.key}"
        info = await self.stream.add_consumer(name, self._config(durable))
        self.pull = await self.stream.pull_subscribe_bind(durable=durable, stream=name)
        delivered = info.delivered
        seen = delivered.stream_seq if delivered is not None else 0
        count = delivered.consumer_seq if delivered is not None else 0
        self.sequences = Sequences(stream=seen, consumer=count)
        state = (await self.stream.stream_info(name)).state
        await self._pull_again(first_seq=max(1, state.first_seq), seen=seen)

    async def round(self) -> None:
        """Take what is there, and see that it is durable and reported before it is acknowledged."""
        if self.pull is None:
            raise NatsUnavailable("the consumer was not begun")
        try:
            fetched = await self.pull.fetch(MESSAGES_MAX, timeout=FETCH_SECONDS)
        except NothingThere:
            return
        await self._deliver([_message(each, self.source.stream) for each in fetched], fetched)
        for each in fetched:
            await each.ack()

    async def _deliver(self, messages: Sequence[Message], fetched: Sequence[Msg]) -> None:
        spans = self.sequences.spans(
            Delivered(
                stream=each.metadata.sequence.stream,
                consumer=each.metadata.sequence.consumer,
                times=each.metadata.num_delivered or 1,
            )
            for each in fetched
        )
        await self._report(messages, spans)

    async def _report(self, messages: Sequence[Message], spans: tuple[ReadSpan, ...]) -> None:
        name = self.source.stream

        def run() -> None:
            deliveries = deliver(messages, self.source.event, desk=self.desk)
            delivery = deliveries.get(name) or Delivery(partition=name)
            self.desk.report(msgspec.structs.replace(delivery.progress(), read=spans))

        await asyncio.to_thread(run)

    async def _pull_again(self, *, first_seq: int, seen: int) -> None:
        """Fetch, one by one, what was delivered before and the server does not know."""
        name = self.source.stream
        known = (await asyncio.to_thread(self.desk.known_partitions)).get(name)
        begin = first_seq if known is None else known.next_offset
        holes = [] if known is None else list(known.open)
        if begin <= seen:
            holes.append(ReadSpan(first=begin, end=seen + 1))
        lost = [ReadSpan(first=each.first, end=min(each.end, first_seq)) for each in holes]
        report = PartitionProgress(
            partition=name,
            begin=begin if known is None else None,
            lost=tuple(each for each in lost if each.first < each.end),
        )
        await asyncio.to_thread(self.desk.report, report)
        for hole in holes:
            for first in range(max(hole.first, first_seq), hole.end, PULL_AGAIN_MAX):
                end = min(first + PULL_AGAIN_MAX, hole.end)
                found = [await self._fetched(number) for number in range(first, end)]
                messages = [each for each in found if each is not None]
                await self._report(messages, (ReadSpan(first=first, end=end),))

    async def _fetched(self, number: int) -> Message | None:
        """Return a message of the stream; none if it is not there, or of another subject."""
        try:
            found = await self.stream.get_msg(self.source.stream, number)
        except NotFoundError:
            return None
        wanted = self.source.subjects
        if wanted and not any(matches(found.subject or "", each) for each in wanted):
            return None
        return _stored_message(found, self.source.stream, number)

    def _config(self, durable: str) -> ConsumerConfig:
        subjects = list(self.source.subjects)
        return ConsumerConfig(
            durable_name=durable,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=self.source.ack_wait_seconds,
            max_ack_pending=ACK_PENDING_MAX,
            filter_subject=subjects[0] if len(subjects) == 1 else None,
            filter_subjects=subjects if len(subjects) > 1 else None,
        )


def _message(found: Msg, stream: str) -> Message:
    return Message(
        partition=stream,
        offset=found.metadata.sequence.stream,
        value=found.data,
        headers={name.lower(): value for name, value in (found.headers or {}).items()},
        sent_at=found.metadata.timestamp,
    )


def _stored_message(found: RawStreamMsg, stream: str, number: int) -> Message:
    headers = {str(name).lower(): str(value) for name, value in (found.headers or {}).items()}
    return Message(
        partition=stream,
        offset=number,
        value=found.data,
        headers=headers,
        sent_at=found.time,
    )
