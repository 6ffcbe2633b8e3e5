"""
What the server says about a batch of events, and the sum over many batches.

Each event of a batch has its own result: `accepted`, `duplicate` (known already, counted once),
`conflict` (known with other content, not counted) or `rejected` (stands in the dead letters). A sum
keeps the counts of all, and the first of those that were not counted, with their place in what was
sent.
"""

from dataclasses import dataclass, replace
from typing import Self

import msgspec

EXAMPLES_MAX = 100


class EventAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one event that was not simply accepted."""

    index: int
    status: str
    code: str = ""
    message: str = ""
    path: str = ""
    source: str = ""
    id: str = ""


class BatchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    The body of an answer to `POST /v1/events`.

    `last_position` is the place in the log behind which every accepted event of the batch stands.
    """

    accepted: int = 0
    duplicate: int = 0
    conflict: int = 0
    rejected: int = 0
    last_position: int | None = None
    results: tuple[EventAnswer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReport:
    """
    The sum over batches sent in order.

    Attributes:
        accepted: events that are on the server's disk now and were not before.
        duplicate: events that were there already.
        conflict: events whose identity is taken by other content; not counted.
        rejected: events that the server cannot take; not counted.
        last_position: place in the log up to which usage must be counted to include all of these.
        not_counted: the first hundred conflicts and rejections, `index` being the place in what was
            sent, from 0.
    """

    accepted: int = 0
    duplicate: int = 0
    conflict: int = 0
    rejected: int = 0
    last_position: int = 0
    not_counted: tuple[EventAnswer, ...] = ()

    @property
    def events(self) -> int:
        """How many events were answered."""
        return self.accepted + self.duplicate + self.conflict + self.rejected

    def with_batch(self, answer: BatchAnswer) -> Self:
        """Return the sum with one more batch, which was sent after those before."""
        room = EXAMPLES_MAX - len(self.not_counted)
        bad = [each for each in answer.results if each.status in {"conflict", "rejected"}][:room]
        shifted = tuple(
            msgspec.structs.replace(each, index=each.index + self.events) for each in bad
        )
        return replace(
            self,
            accepted=self.accepted + answer.accepted,
            duplicate=self.duplicate + answer.duplicate,
            conflict=self.conflict + answer.conflict,
            rejected=self.rejected + answer.rejected,
            last_position=max(self.last_position, answer.last_position or 0),
            not_counted=self.not_counted + shifted,
        )
