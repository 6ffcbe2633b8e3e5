"""
Follows the numbers of senders through the projection, behind the append and behind the loader.

Each source of kind `sequenced` remembers the log position through which it was looked at. A look
reads the numbers of a bounded range behind it, and keeps what it found and the new position in one
transaction; so after any crash each event is looked at once. A declaration that was changed begins
anew at position 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.sources.ports import SenderSequence
from tallystick.app.sources.sequences import SenderNumbers, believed, heard, looked_at
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused, WorkspaceId, refuse

POSITIONS_PER_LOOK = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedSequence:
    """
    A declared source whose senders number their events.

    Attributes:
        key: of the source.
        senders: patterns of the attribute `source`; an asterisk stands for any text.
        settle_seconds: how long a number may be late before it is missing.
    """

    key: str
    senders: tuple[str, ...]
    settle_seconds: int


class NumberReader(Protocol):
    """Reads numbers of events from the projection."""

    def numbers(
        self, workspace: WorkspaceId, senders: Sequence[str], *, after: int, through: int
    ) -> tuple[list[SenderNumbers], int]:
        """
        Return what was found behind a position, and through which position it was looked.

        That is at most `through`, and less where numbers are so broken up that they would not fit.
        """
        ...


def watch_sequence(
    watched: WatchedSequence, *, uow: UnitOfWork, reader: NumberReader, covered: int, clock: Clock
) -> int:
    """Look once at a source; return how many log positions were looked at."""
    with uow:
        after = uow.sequences.read_through(watched.key)
    through = min(covered, after + POSITIONS_PER_LOOK)
    found: list[SenderNumbers] = []
    if through > after:
        found, through = reader.numbers(
            uow.workspace, watched.senders, after=after, through=through
        )
    now = clock.now()
    with uow:
        source = uow.sources.find(watched.key, lock=True)
        if source is None or source.paused or uow.sequences.read_through(watched.key) != after:
            return 0
        if after == 0:
            uow.sequences.forget(watched.key)
        known = {each.partition: each for each in uow.sources.partitions(watched.key)}
        settle = watched.settle_seconds
        changed = {
            each.sender: heard(known.get(each.sender), each, now=now, settle_seconds=settle)
            for each in found
        }
        for state in known.values():
            later = looked_at(state, now=now, settle_seconds=settle)
            if state.partition not in changed and later != state:
                changed[state.partition] = later
        if changed:
            uow.sources.save_partitions(watched.key, changed.values())
        if through > after:
            uow.sequences.save_read_through(watched.key, through)
        uow.commit()
    return max(0, through - after)


def find_sequence(sender: str, *, caller: Caller, uow: UnitOfWork) -> Outcome[SenderSequence]:
    """
    Return which numbers of a sender are missing, for the sender to send them again.

    Problems:
        forbidden: the caller does not hold the scope ``ingest``.
        unknown_source: no declared source watches the numbers of this sender, or none was seen.
    """
    unpermitted = missing_scope(caller, Scope.INGEST)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        found = uow.sequences.of_sender(sender)
    if found is None:
        message = f"no declared source watches the numbers of {sender!r}, or it has sent none"
        return refuse("unknown_source", message, "sender")
    return Done(SenderSequence(source=found.source, state=believed(found.state)))
