"""
How a command is carried out: once, in one order, in one transaction.

1. **May it be?** The use case looks at the caller's scope, and then at what the command tells by
   itself, before anything is opened: a caller who may not send the command learns nothing of what
   was sent before, and waits for nobody.
2. **Was it before?** `carried_out` asks for the remembered answer ahead of all facts, so that a
   rival with the same key waits here, and a repeat is told what the first was told, whatever has
   changed since.
3. **Decide.** The use case's own part: it takes its locks, loads, calls the core and stores, puts
   effects into the outbox, and returns one of four things, see `Decided`.
4. **Audit, remember, commit.** The audit's row is written when all stores have taken what they
   were given; the answer is kept with the effect or not at all; the commit is the last.

A use case is then what it does, and not how it is repeated:

    def decide() -> Decided[Grant]:
        ...                                                 # lock, load, decide, store
        return Effect(answer=grant, subject=f"account:{grant.account}", at=now)

    return carried_out(command, decide, caller=caller, uow=uow, kept=_GRANT)

Commands that ask for their answer and keep it in two transactions, with work between or outside,
use `remembered` and `remember` of ``command.py`` themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

import msgspec

from tallystick.app.audit import audit_record
from tallystick.app.command import Caller, remember, remembered
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect(Generic[T_co]):
    """
    The command took effect; it is audited and remembered.

    Attributes:
        answer: what the caller is told.
        subject: what it acted on, as ``account:acme``.
        at: the instant of recording.
        details: see `audit_record`.
    """

    answer: T_co
    subject: str
    at: datetime
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged(Generic[T_co]):
    """What was wanted stands already: remembered, and not audited."""

    answer: T_co


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview(Generic[T_co]):
    """What the command would come to: nothing is kept, and its key stays free."""

    answer: T_co


Decided: TypeAlias = Effect[T_co] | Unchanged[T_co] | Preview[T_co] | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Generic[T]):
    """
    How an answer is remembered.

    Attributes:
        write: what is kept of the answer.
        read: the answer to a repeat, from what was kept; runs inside of the unit of work.
    """

    write: Callable[[T], bytes]
    read: Callable[[bytes], Outcome[T]]


def as_json(kind: type[T]) -> Kept[T]:
    """
    Return how an answer of a type is remembered whole.

    Example:
        >>> kept = as_json(tuple[int, ...])
        >>> kept.write((1, 2)), kept.read(b"[1,2]")
        (b'[1,2]', Done(value=(1, 2)))
    """
    return Kept(
        write=msgspec.json.encode,
        read=lambda kept: Done(msgspec.json.decode(kept, type=kind)),
    )


NOTHING: Kept[None] = as_json(type(None))
"""Of a command that answers nothing it is remembered that it was carried out."""


def carried_out(
    command: object,
    decide: Callable[[], Decided[T]],
    *,
    caller: Caller,
    uow: UnitOfWork,
    kept: Kept[T],
) -> Outcome[T]:
    """
    Carry a command out once, in one transaction; a repeat is told what the first was told.

    Args:
        command: who may send it and what it says was looked at before.
        decide: runs inside of the unit of work, at most once, after the key is taken.
        caller: under whose key the answer is remembered, and who is named in the audit.
        uow: one that was not entered; left without a commit if the command is refused or tried.
        kept: how its answer is remembered.

    Problems:
        Those of ``remembered``, and then those of ``decide``; nothing is written then.
    """
    with uow:
        told = remembered(uow, caller, command)
        if isinstance(told, Refused):
            return told
        if told.value is not None:
            return kept.read(told.value)
        decided = decide()
        if isinstance(decided, Refused):
            return decided
        if isinstance(decided, Preview):
            return Done(decided.answer)
        if isinstance(decided, Effect):
            subject, at, details = decided.subject, decided.at, decided.details
            uow.audit.append(audit_record(caller, command, subject=subject, at=at, details=details))
        remember(uow, caller, command, kept.write(decided.answer))
        uow.commit()
    return Done(decided.answer)
