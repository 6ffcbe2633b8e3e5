"""Messages to the server: durable events, dead letters, and what is to be reported of both."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from tallystick.client import RequestRefused, line_batch
from tallystick.integrations.messages.message import Message, NotAnEvent, event_texts
from tallystick.integrations.sources import (
    Desk,
    MessageForm,
    PartitionProgress,
    RefusedEvent,
    Unreadable,
)
from tallystick.kernel import Misuse, instant

LINES_MAX = 5_000
PART_BYTES_MAX = 4 * 1024 * 1024
OF_THE_BODY = frozenset({400, 413, 415, 422})


class _Names(msgspec.Struct):
    source: str
    id: str


class _Time(msgspec.Struct):
    time: str = ""


@dataclass(slots=True, kw_only=True)
class Delivery:
    """What became of the messages of one partition."""

    partition: str
    messages: int = 0
    newest_at: datetime | None = None
    unreadable: list[Unreadable] = field(default_factory=list)
    refused: list[RefusedEvent] = field(default_factory=list)
    problem: str = ""

    def progress(self) -> PartitionProgress:
        """Return what is to be reported, still without offsets."""
        return PartitionProgress(
            partition=self.partition,
            messages=self.messages,
            newest_at=self.newest_at,
            unreadable=tuple(self.unreadable),
            refused=tuple(self.refused),
            problem=self.problem,
        )

    def bury(self, message: Message, reason: str) -> None:
        body = message.value or b""
        self.unreadable.append(Unreadable(offset=message.offset, message=reason, body=body))
        self.problem = f"{message.place}: {reason}"[:1000]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """An event, and the message that it came with."""

    text: bytes
    message: Message


def deliver(
    messages: Iterable[Message], form: MessageForm | None, *, desk: Desk
) -> dict[str, Delivery]:
    """
    Send the events of messages, and return what is to be reported by partition.

    Raises:
        ServerUnreachable: some events may be durable; delivering all again is safe.
        RequestRefused: nothing may be sent with this key.
    """
    deliveries: dict[str, Delivery] = {}
    lines: list[_Line] = []
    for message in messages:
        delivery = deliveries.setdefault(message.partition, Delivery(partition=message.partition))
        delivery.messages += 1
        try:
            texts = event_texts(message, form, source=f"source/{desk.source}")
        except NotAnEvent as error:
            delivery.bury(message, str(error))
            continue
        lines += [_Line(text=text, message=message) for text in texts]
    for part in _parts(lines):
        _send(part, deliveries, desk)
    return deliveries


def _parts(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    held: list[_Line] = []
    held_bytes = 0
    for line in lines:
        size = len(line.text)
        if held and (len(held) >= LINES_MAX or held_bytes + size > PART_BYTES_MAX):
            yield held
            held, held_bytes = [], 0
        held.append(line)
        held_bytes += size
    if held:
        yield held


def _send(part: Sequence[_Line], deliveries: dict[str, Delivery], desk: Desk) -> None:
    """Send lines together; where the server refuses their body, find the one that it refuses."""
    try:
        answer = desk.send(line_batch(b"".join(line.text + b"\n" for line in part)))
    except RequestRefused as error:
        if error.answer.status not in OF_THE_BODY:
            raise
        if len(part) == 1:
            message = part[0].message
            deliveries[message.partition].bury(message, str(error))
            return
        middle = len(part) // 2
        _send(part[:middle], deliveries, desk)
        _send(part[middle:], deliveries, desk)
        return
    for result in answer.results:
        if result.status in {"conflict", "rejected"}:
            line = part[result.index]
            message = line.message
            problem = f"{message.place}: {result.status}, {result.code}: {result.message}"
            delivery = deliveries[message.partition]
            delivery.problem = problem[:1000]
            if result.status == "rejected":
                names = msgspec.json.decode(line.text, type=_Names)
                delivery.refused.append(
                    RefusedEvent(offset=message.offset, source=names.source, id=names.id)
                )
    for line in part:
        _note_time(deliveries[line.message.partition], line)


def _note_time(delivery: Delivery, line: _Line) -> None:
    text = msgspec.json.decode(line.text, type=_Time).time
    try:
        at = instant(text) if text else line.message.sent_at
    except Misuse:
        at = line.message.sent_at
    if at is not None and (delivery.newest_at is None or at > delivery.newest_at):
        delivery.newest_at = at
