"""
Numbers on events, so that the server notices when one is missing, and what is missing sent again.

A sender's events carry 1, 2, 3 in the CloudEvents attribute `sequence`, padded with zeros: events
of one instant are ordered by it as text. Where a source of kind `sequenced` watches the sender, the
server tells which numbers it lacks; those that the spool still holds are sent again under their
old identities, the others are reported as lost.

The last number is found in the spool, which therefore keeps some of what was sent. One number too
few after a crash is harmless: two events share it, and none is missing.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from tallystick.client.client import Client
from tallystick.client.errors import RequestRefused
from tallystick.client.exchange import Request
from tallystick.client.spool import Event, Spool

DIGITS = 18
RESENT_MAX = 10_000
_STATUS_NOT_FOUND = 404


class MissingSpan(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers from `first` up to, not including, `end`."""

    first: int
    end: int


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """Which numbers of a sender the server lacks, and the declared source that watches them."""

    source: str
    open: tuple[MissingSpan, ...]


@dataclass(slots=True, kw_only=True)
class Numbers:
    """Gives the next number to each event of one sender; `spool` keeps what was sent."""

    spool: Spool
    _last: int | None = field(default=None, init=False)

    def numbered(self, events: Sequence[Event]) -> list[Event]:
        """Return the events with the numbers that come next, in their order."""
        last = self._found_last() if self._last is None else self._last
        made: list[Event] = [
            {**event, "sequence": f"{number:0{DIGITS}d}"}
            for number, event in enumerate(events, last + 1)
        ]
        self._last = last + len(events)
        return made

    def _found_last(self) -> int:
        held = self.spool.held(newest_first=True)
        return next((number for number in map(_number, held) if number is not None), 0)


def mend(client: Client, spool: Spool, sender: str) -> int:
    """
    Send again what the server lacks of a sender's numbers; return how many events were sent.

    At most RESENT_MAX are sent in one call. What the spool no longer holds is reported as lost. If
    nobody watches the sender's numbers nothing is done. Not to be called while other events of the
    sender are on their way: their numbers would be taken for lost.

    Raises:
        ServerUnreachable, RequestRefused: as `Client.send_events`.
    """
    missing = missing_numbers(client, sender)
    if missing is None or not missing.open:
        return 0
    wanted: list[Event] = []
    found: set[int] = set()
    highest = 0
    for event in spool.held():
        number = _number(event)
        if number is None or event.get("source") != sender:
            continue
        highest = max(highest, number)
        if _within(number, missing.open):
            found.add(number)
            if len(wanted) < RESENT_MAX:
                wanted.append(event)
    if wanted:
        client.send_events(wanted)
    _report_lost(client, missing, sender, list(_gone(missing.open, found, below=highest)))
    return len(wanted)


def missing_numbers(client: Client, sender: str) -> Missing | None:
    """Return which numbers the server lacks, None if nobody watches the sender."""
    try:
        answer = client.get("/v1/sequences", sender=sender)
    except RequestRefused as error:
        if error.answer.status == _STATUS_NOT_FOUND:
            return None
        raise
    return msgspec.convert(answer, type=Missing)


def _gone(
    spans: Sequence[MissingSpan], found: Iterable[int], *, below: int
) -> Iterator[MissingSpan]:
    """Yield the parts of spans in which nothing was found, below a number."""
    marks = sorted(found)
    for span in spans:
        first, end = span.first, min(span.end, below)
        for number in marks[bisect_left(marks, first) : bisect_left(marks, end)]:
            if first < number:
                yield MissingSpan(first=first, end=number)
            first = number + 1
        if first < end:
            yield MissingSpan(first=first, end=end)


def _report_lost(
    client: Client, missing: Missing, sender: str, gone: Sequence[MissingSpan]
) -> None:
    if not gone:
        return
    report: Mapping[str, object] = {"partitions": [{"partition": sender, "lost": gone}]}
    client.ask(
        Request(
            method="POST",
            path=f"/v1/sources/{missing.source}/progress",
            body=msgspec.json.encode(report),
            headers={"content-type": "application/json"},
        )
    )


def _within(number: int, spans: Sequence[MissingSpan]) -> bool:
    return any(span.first <= number < span.end for span in spans)


def _number(event: Event) -> int | None:
    text = event.get("sequence")
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() else None
