"""What a caller wants corrected, and what became of each of the events."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

CORRECTIONS_MAX = 10_000
REASON_LENGTH_MAX = 500
CORRECTION_ID_LENGTH_MAX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class EventName:
    """
    An event to be voided.

    Attributes:
        source, id: its identity.
        correction_id: under which the correction is taken once; empty: given by the program.
    """

    source: str
    id: str
    correction_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """
    An event as it should have been sent.

    Attributes:
        event: JSON text of a CloudEvent; its source and id name the event that it replaces.
        correction_id: as in `EventName`.
    """

    event: str
    correction_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidEvents:
    """Say that events never happened."""

    events: tuple[EventName, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendEvents:
    """Say what events should have been; one that was voided counts again."""

    events: tuple[Replacement, ...]
    reason: str


class Corrected(StrEnum):
    """
    What became of a correction.

    ``applied``: it stands in the log; ``unchanged``: the event stands so already, nothing was
    written; ``conflict``: the correction's id was used for something else; ``rejected``: see the
    code.
    """

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    REJECTED = "rejected"


class CorrectionResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fate of one correction; ``index`` is its place in the command, from 0."""

    index: int
    status: Corrected
    source: str = ""
    id: str = ""
    correction_id: str = ""
    position: int = 0
    code: str = ""
    message: str = ""
    path: str = ""


class CorrectionReport(msgspec.Struct, frozen=True, kw_only=True):
    """
    The fate of each correction of a command.

    ``last_position``: a question that waits for it sees what was applied.
    """

    applied: int
    unchanged: int
    refused: int
    last_position: int
    results: tuple[CorrectionResult, ...]


def report_of(results: list[CorrectionResult], *, last_position: int) -> CorrectionReport:
    """Return the report of results, ordered by place."""
    applied = sum(one.status is Corrected.APPLIED for one in results)
    unchanged = sum(one.status is Corrected.UNCHANGED for one in results)
    return CorrectionReport(
        applied=applied,
        unchanged=unchanged,
        refused=len(results) - applied - unchanged,
        last_position=last_position,
        results=tuple(sorted(results, key=lambda one: one.index)),
    )
