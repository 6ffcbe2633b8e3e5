"""Gives up dead letters that wait, with a reason that stays beside them."""

from dataclasses import dataclass

import msgspec

from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.mending.selection import Selection, select_letters
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Outcome, Refused, refuse

REASON_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardLetters:
    """Give up letters; why must be said."""

    selection: Selection
    reason: str


class DiscardReport(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of letters given up; ``more``: others of the selection still wait."""

    discarded: tuple[int, ...]
    more: bool


def discard_letters(
    command: DiscardLetters, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[DiscardReport]:
    """
    Give up letters that wait; those settled before are left as they are.

    Problems:
        forbidden: the caller lacks the scope ``correct``.
        wrong_value: no reason, or a long one.
        Those of `select_letters`, and of an idempotency key.
    """
    unpermitted = missing_scope(caller, Scope.CORRECT)
    if unpermitted is not None:
        return Refused((unpermitted,))
    if not 0 < len(command.reason.strip()) <= REASON_LENGTH_MAX:
        return refuse("wrong_value", f"say why, in 1 to {REASON_LENGTH_MAX} characters", "reason")
    now = clock.now()

    def decide() -> Decided[DiscardReport]:
        selected = select_letters(command.selection, uow)
        if isinstance(selected, Refused):
            return selected
        ids = tuple(letter.id for letter in selected.value.letters)
        uow.dead_letters.discard(ids, at=now, reason=command.reason.strip())
        report = DiscardReport(discarded=ids, more=selected.value.more)
        details = {"discarded": list(ids), "reason": command.reason.strip()}
        return Effect(answer=report, subject="dead_letters", at=now, details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(DiscardReport))
