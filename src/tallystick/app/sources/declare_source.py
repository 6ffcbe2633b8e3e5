"""Declares, pauses and removes sources."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tallystick.app.audit import audit_record
from tallystick.app.carrying_out import Decided, Effect, Kept, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.sources.ports import Source
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused, is_key, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareSource:
    """Collect from a source; a declaration of the same key takes the place of the one before."""

    key: str
    kind: str
    document: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseSource:
    """Stop collecting from a source, or go on where it stopped."""

    key: str
    paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSource:
    """Forget a source and how far it was read; its events stay."""

    key: str


def declare_source(
    command: DeclareSource, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[Source]:
    """
    Declare a source; whether the document makes sense was decided by whoever read it.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        source_invalid: the key is none, or the source stands with another kind.
        unknown_source: what this command declared before was removed since.
        Those of an idempotency key.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    if not is_key(command.key) or "/" in command.key:
        message = f"{command.key!r} is not a source's key: letters, digits and . _ : @ -, up to 128"
        return refuse("source_invalid", message, "key")
    now = clock.now()

    def decide() -> Decided[Source]:
        stood = uow.sources.find(command.key, lock=True)
        if stood is not None and stood.kind != command.kind:
            message = f"{command.key!r} is a source of kind {stood.kind}; choose another key"
            return refuse("source_invalid", message, "kind")
        source = Source(
            key=command.key,
            kind=command.kind,
            document=command.document,
            paused=stood is not None and stood.paused,
            changed_at=now,
        )
        uow.sources.save(source)
        return Effect(answer=source, subject=f"source:{source.key}", at=now)

    kept = Kept(
        write=lambda source: source.key.encode(), read=lambda key: _found(uow, key.decode())
    )
    return carried_out(command, decide, caller=caller, uow=uow, kept=kept)


def _found(uow: UnitOfWork, key: str) -> Outcome[Source]:
    source = uow.sources.find(key, lock=True)
    return unknown_source(key) if source is None else Done(source)


def pause_source(
    command: PauseSource, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[Source]:
    """
    Pause or resume a source; one that is so already stays as it is, so it is its own repeat.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        unknown_source: there is no such source.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()
    with uow:
        source = uow.sources.find(command.key, lock=True)
        if source is None:
            return unknown_source(command.key)
        if source.paused == command.paused:
            return Done(source)
        changed = replace(source, paused=command.paused, changed_at=now)
        uow.sources.save(changed)
        uow.audit.append(audit_record(caller, command, subject=f"source:{source.key}", at=now))
        uow.commit()
    return Done(changed)


def remove_source(
    command: RemoveSource, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[Source]:
    """
    Remove a source, and return what it was.

    Declared again it is read from its beginning; what was counted is a duplicate then.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        unknown_source: there is no such source.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()
    with uow:
        source = uow.sources.find(command.key, lock=True)
        if source is None:
            return unknown_source(command.key)
        uow.sources.remove(source.key)
        uow.audit.append(audit_record(caller, command, subject=f"source:{source.key}", at=now))
        uow.commit()
    return Done(source)


def unknown_source(key: str) -> Refused:
    """Return the refusal of a key that no source has."""
    return refuse("unknown_source", f"there is no source {key!r}", "source")
