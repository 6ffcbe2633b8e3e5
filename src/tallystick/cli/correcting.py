"""`tallystick void` and `tallystick amend`: say that events were wrong."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec
from cyclopts import Parameter

from tallystick.cli.connection import HERE, Item, Session
from tallystick.cli.exits import Exit, Refusal
from tallystick.cli.output import item_table, note
from tallystick.kernel import Problem

COLUMNS = ("status", "source", "id", "position#", "message")
AT_ONCE = 1_000


def void(
    source: str,
    ids: list[str],
    /,
    *,
    reason: str,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> Exit:
    """
    Say that events never happened. Nothing is removed; what was counted before can still be asked.

    For example:

        tallystick void gateway/eu-1 7c1a 7c1b --reason "a test of ours"

    Args:
        source: Who sent the events.
        ids: Their ids.
        reason: Why, for the audit.
        dry_run: Show what would be sent; send nothing.
        session: Which server is asked, and how its answer is written.
    """
    named = [{"source": source, "id": each} for each in ids]
    if dry_run:
        session.answer(named, item_table("", named, ("source", "id")))
        return Exit.OK
    return _send(session, "/v1/events/void", named, reason)


def amend(
    file: Path,
    /,
    *,
    reason: str,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> Exit:
    """
    Say what events should have been; one that was voided counts again.

    The file holds the events as they should have been sent, one CloudEvent a line; source and id
    name the event that each replaces.

    For example:

        tallystick amend mended.ndjson --reason "counted in bits" --dry-run
        tallystick amend mended.ndjson --reason "counted in bits"

    Args:
        file: NDJSON of events.
        reason: Why, for the audit.
        dry_run: Show what would be sent; send nothing.
        session: Which server is asked, and how its answer is written.
    """
    events = _events(file)
    if dry_run:
        session.answer(events, item_table("", events, ("source", "id", "type", "subject", "time")))
        return Exit.OK
    return _send(session, "/v1/events/amend", [{"event": each} for each in events], reason)


def _events(file: Path) -> list[Item]:
    try:
        lines = [line for line in file.read_bytes().splitlines() if line.strip()]
        return [_event(line) for line in lines]
    except (OSError, msgspec.DecodeError) as error:
        message = f"{file} cannot be read: {error}"
        raise Refusal([Problem(code="unreadable", message=message)]) from error


def _event(line: bytes) -> Item:
    """Return an event whose data is kept byte by byte: no digit of a number may be lost."""
    members = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    return {
        name: value if name == "data" else msgspec.json.decode(value)
        for name, value in members.items()
    }


def _send(session: Session, path: str, events: Sequence[Mapping[str, object]], reason: str) -> Exit:
    """Send the corrections, so many at a time, and tell what became of each."""
    results: list[dict[str, Any]] = []
    sums = {"applied": 0, "unchanged": 0, "refused": 0}
    with session.client() as client:
        for start in range(0, len(events), AT_ONCE):
            part = events[start : start + AT_ONCE]
            answer = cast(dict[str, Any], client.post(path, {"events": part, "reason": reason}))
            sums = {name: count + int(answer[name]) for name, count in sums.items()}
            results += [one | {"index": one["index"] + start} for one in answer["results"]]
    told = ", ".join(f"{count} {name}" for name, count in sums.items())
    session.answer(sums | {"results": results}, item_table("", results, COLUMNS), told)
    if sums["refused"]:
        note("what was refused was not corrected")
    return Exit.REFUSED if sums["refused"] else Exit.OK
