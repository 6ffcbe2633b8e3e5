"""
What each part of a command asks for, checked by itself: which event, and what it should have said.

An amendment passes the checks of any event. Without a time it keeps the time of the event that it
replaces.
"""

from dataclasses import dataclass

import msgspec

from tallystick.app.corrections.orders import (
    CORRECTION_ID_LENGTH_MAX,
    AmendEvents,
    Corrected,
    CorrectionResult,
    Replacement,
    VoidEvents,
)
from tallystick.app.ingest import Scope, parse_carefully
from tallystick.kernel import micros
from tallystick.metering import Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """
    One correction that can be looked up.

    Attributes:
        replacement: None to void.
        timed: whether the replacement says its own time.
    """

    index: int
    source: str
    id: str
    correction_id: str
    replacement: Content | None = None
    timed: bool = True


def wanted_of(
    command: VoidEvents | AmendEvents, scope: Scope
) -> tuple[list[Wanted], list[CorrectionResult]]:
    """Return the corrections that a command asks for, and the refusals of the others."""
    if isinstance(command, VoidEvents):
        read = [
            Wanted(index=index, source=one.source, id=one.id, correction_id=one.correction_id)
            for index, one in enumerate(command.events)
        ]
        return _without_repeats(read, [])
    wanted: list[Wanted] = []
    refused: list[CorrectionResult] = []
    for index, one in enumerate(command.events):
        found = _amendment(index, one, scope)
        if isinstance(found, Wanted):
            wanted.append(found)
        else:
            refused.append(found)
    return _without_repeats(wanted, refused)


def _amendment(index: int, asked: Replacement, scope: Scope) -> Wanted | CorrectionResult:
    parsed = parse_carefully([asked.event.encode()], scope)
    if parsed.rejections:
        (why,) = parsed.rejections
        return CorrectionResult(
            index=index,
            status=Corrected.REJECTED,
            source=why.source,
            id=why.event_id,
            code=why.code,
            message=why.message,
            path=why.path,
        )
    (row,) = parsed.batch.to_pylist()
    return Wanted(
        index=index,
        source=row["source"],
        id=row["id"],
        correction_id=asked.correction_id,
        replacement=Content(
            type=row["type"],
            subject=row["subject"],
            used_at=micros(row["used_at"]),
            sequence=row["sequence"],
            data=row["data"],
        ),
        timed=bool(msgspec.json.decode(asked.event, type=_Timed).time),
    )


class _Timed(msgspec.Struct):
    time: str = ""


def _without_repeats(
    wanted: list[Wanted], refused: list[CorrectionResult]
) -> tuple[list[Wanted], list[CorrectionResult]]:
    """Take each event once: which of two corrections at once should be last is not said."""
    kept: dict[tuple[str, str], Wanted] = {}
    for one in wanted:
        if len(one.correction_id) > CORRECTION_ID_LENGTH_MAX:
            message = f"a correction's id has at most {CORRECTION_ID_LENGTH_MAX} characters"
            refused.append(refusal(one, "too_long", message, path="correction_id"))
        elif (one.source, one.id) in kept:
            message = "this event is corrected twice in one command; send one after the other"
            refused.append(refusal(one, "repeated", message))
        else:
            kept[one.source, one.id] = one
    return list(kept.values()), refused


def refusal(one: Wanted, code: str, message: str, *, path: str = "") -> CorrectionResult:
    """Return that a correction was not taken, and why."""
    return CorrectionResult(
        index=one.index,
        status=Corrected.REJECTED,
        source=one.source,
        id=one.id,
        correction_id=one.correction_id,
        code=code,
        message=message,
        path=path,
    )
