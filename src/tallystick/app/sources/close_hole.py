"""A person says why nothing is missing where offsets or numbers of a source are."""

from dataclasses import dataclass

from tallystick.app.carrying_out import Decided, Effect, Kept, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.sources.declare_source import unknown_source
from tallystick.app.sources.offsets import PartitionState, Span, explained
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused, refuse

REASON_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseHole:
    """
    Close the holes and losses of a partition within a span of offsets.

    Attributes:
        key: of the source.
        partition: its name; of numbered events the sender.
        first, end: offsets from the first up to, not including, the end.
        reason: why, for the audit.
    """

    key: str
    partition: str
    first: int
    end: int
    reason: str


def close_hole(
    command: CloseHole, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[PartitionState]:
    """
    Close what is open or lost within a span, for good, and return how the partition stands.

    It is for numbers that never come: the event was refused and given up, was a conflict, or was
    never made. It is no gap from then on, and raises no alert; if its event comes all the same it
    counts like any other. A source that is declared otherwise is read anew, and so are its holes.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        wrong_value: the span is empty, or the reason is, or is too long.
        unknown_source: there is no such source.
        no_hole: nothing is open or lost there.
    """
    problem = _problem(command, caller)
    if problem is not None:
        return problem
    now, span = clock.now(), Span(first=command.first, end=command.end)

    def decide() -> Decided[PartitionState]:
        before = _held(command, uow)
        if isinstance(before, Refused):
            return before
        after = explained(before.value, span)
        if after == before.value:
            return _no_hole(command)
        uow.sources.save_partitions(command.key, [after])
        details = {
            "partition": command.partition,
            "first": command.first,
            "end": command.end,
            "closed": _missing(before.value) - _missing(after),
            "reason": command.reason,
        }
        return Effect(answer=after, subject=f"source:{command.key}", at=now, details=details)

    kept = Kept(write=lambda _: command.key.encode(), read=lambda _: _held(command, uow))
    return carried_out(command, decide, caller=caller, uow=uow, kept=kept)


def _held(command: CloseHole, uow: UnitOfWork) -> Outcome[PartitionState]:
    """Return how the partition stands; its source is held."""
    source = uow.sources.find(command.key, lock=True)
    if source is None:
        return unknown_source(command.key)
    stood = {each.partition: each for each in uow.sources.partitions(source.key)}
    found = stood.get(command.partition)
    return _no_hole(command) if found is None else Done(found)


def _no_hole(command: CloseHole) -> Refused:
    where = f"in {command.partition!r} from {command.first} up to {command.end}"
    return refuse("no_hole", f"nothing is open or lost {where}", "first")


def _problem(command: CloseHole, caller: Caller) -> Refused | None:
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    if not 0 <= command.first < command.end:
        return refuse("wrong_value", "a span has at least one offset, from 0 on", "end")
    if not command.reason.strip() or len(command.reason) > REASON_LENGTH_MAX:
        message = f"say why, in 1 to {REASON_LENGTH_MAX} characters"
        return refuse("wrong_value", message, "reason")
    return None


def _missing(state: PartitionState) -> int:
    return sum(span.end - span.first for span in (*state.open, *state.lost))
