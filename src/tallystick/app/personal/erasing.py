"""
Erases personal values: text and salt are destroyed, pseudonyms stay.

Nothing in the log, in the projection, in a digest or in a document changes, so nothing has to be
waited for or made up for: it is one transaction of PostgreSQL. Erased once more, nothing is left to
erase, so that the command is its own repeat; its audit holds neither text nor anything by which one
could be guessed.
"""

from dataclasses import dataclass, replace

import msgspec

from tallystick.app.audit import audit_record
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.personal.choose_values import Choice, Whose, choice_of, holding
from tallystick.app.personal.find_letters import letters_of
from tallystick.app.personal.ports import DurableLog
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Problem, Refused

REASON_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseValues:
    """Erase whose values, and why (as the number of the request)."""

    whose: Whose
    reason: str


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an erasure took.

    Attributes:
        paths: where: the types and paths, with how many values each.
        destroyed: distinct values whose text and salt are gone.
        shared: those that stay for other subjects, and cannot be read at these any more.
        letters: dead letters that went.
        left_out: resources of the account that others owned too: nothing of theirs went.
        position: events up to this position are erased; later ones hold what was sent later.
    """

    paths: tuple[tuple[str, str, int], ...]
    destroyed: int
    shared: int
    letters: int
    left_out: tuple[str, ...]
    position: int


def erase_values(
    command: EraseValues, *, caller: Caller, uow: UnitOfWork, log: DurableLog, clock: Clock
) -> Outcome[Erased]:
    """
    Erase values and the dead letters that hold them; it cannot be taken back.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        wrong_value: no reason.
        held: a legal hold covers some of it.
        Those of `choice_of`.
    """
    refused = missing_scope(caller, Scope.ADMIN) or _reason_problem(command.reason)
    if refused is not None:
        return Refused((refused,))
    with uow:
        uow.retention.lock()
        uow.erasures.lock()
        choice = choice_of(command.whose, uow)
        if isinstance(choice, Refused):
            return choice
        held = holding(choice.value.chosen, uow)
        if held is not None:
            return Refused((held,))
        erased = _erase(choice.value, uow, position=log.durable_position())
        _record(command, erased, caller=caller, uow=uow, clock=clock)
        uow.commit()
    return Done(erased)


def _erase(choice: Choice, uow: UnitOfWork, *, position: int) -> Erased:
    chosen = choice.chosen
    groups = uow.erasures.groups(chosen)
    letters = letters_of(uow, chosen)
    values = len(uow.erasures.contents_of(chosen))
    destroyed = uow.erasures.erase(chosen, through=position)
    uow.dead_letters.remove(letters)
    return Erased(
        paths=tuple((group.event_type, group.path, group.values) for group in groups),
        destroyed=destroyed,
        shared=values - destroyed,
        letters=len(letters),
        left_out=choice.left_out,
        position=position,
    )


def _record(
    command: EraseValues, erased: Erased, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> None:
    """Write the audit; of a value it says only that one was named."""
    by_value = command.whose.value is not None
    without_text = replace(command, whose=replace(command.whose, value="" if by_value else None))
    details = {
        "reason": command.reason,
        "by": "value" if by_value else "account" if command.whose.account else "subject",
        "event_type": command.whose.event_type,
        **msgspec.to_builtins(erased),
    }
    subject = str(command.whose.account or command.whose.subject or "a value")
    record = audit_record(
        caller, without_text, subject=f"personal:{subject}", at=clock.now(), details=details
    )
    uow.audit.append(record)


def _reason_problem(reason: str) -> Problem | None:
    if not 0 < len(reason.strip()) <= REASON_LENGTH_MAX:
        message = f"say why, in 1 to {REASON_LENGTH_MAX} characters"
        return Problem(code="wrong_value", message=message, field="reason")
    return None
