"""What the gate answers: one status for each event of a submission."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec


class Status(StrEnum):
    """`accepted` and `duplicate` events are durable and counted once; others are not."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fate of one event; `index` is its place in the submission, from 0."""

    index: int
    status: Status
    id: str = ""
    code: str = ""
    message: str = ""
    path: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why an event was not taken, with its bytes so that it can be mended and sent again."""

    index: int
    source: str
    event_id: str
    type: str
    code: str
    message: str
    path: str
    body: bytes

    @property
    def result(self) -> Result:
        """This rejection as a line of the report."""
        return Result(
            index=self.index,
            status=Status.REJECTED,
            id=self.event_id,
            code=self.code,
            message=self.message,
            path=self.path,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """
    Counts, and a result for each event that was not taken (conflict or rejected), by index.

    `duplicates` are the indexes of events that the log held already: taken, but not new.

    `last_position` is the log position at which everything accepted or duplicate here is durable; a
    question that waits for the projection to cover it sees these events.
    """

    accepted: int
    duplicate: int
    conflict: int
    rejected: int
    duplicates: tuple[int, ...]
    results: tuple[Result, ...]
    last_position: int

    @property
    def taken(self) -> bool:
        """Whether anything was accepted or was here already."""
        return self.accepted + self.duplicate > 0
