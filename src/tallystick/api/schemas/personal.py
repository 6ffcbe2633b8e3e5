"""Personal data over the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tallystick.app.personal import (
    Erased,
    EraseValues,
    ErasurePreview,
    PathState,
    Whose,
)
from tallystick.kernel import AccountKey


class WhoseOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose values: exactly one of `account`, `subject` and `value` (any JSON value)."""

    account: str | None = None
    subject: str | None = None
    value: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    event_type: str | None = None


class ErasureOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose values are erased, and why."""

    whose: WhoseOrder
    reason: str


class PathAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    A path that is personal, or was: `declared` is false then.

    `events_as_sent` hold the value as it was sent, since they came before the path was declared.
    """

    event_type: str
    path: str
    declared: bool
    values: int
    subjects: int
    events_as_sent: int


class PersonalRead(msgspec.Struct, frozen=True, kw_only=True):
    """All personal paths, by type and path."""

    items: tuple[PathAnswer, ...]


class ErasedPathAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Values at a path, of which `shared` stay for others, and the events that bear them."""

    event_type: str
    path: str
    values: int
    shared: int
    subjects: int
    events: int
    first_used_at: datetime | None
    last_used_at: datetime | None


class ErasurePreviewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure would take; `held` says why it may not now, and is null where it may."""

    paths: tuple[ErasedPathAnswer, ...]
    letters: int
    left_out: tuple[str, ...]
    held: str | None


class ErasedValues(msgspec.Struct, frozen=True, kw_only=True):
    """How many values were erased at a path."""

    event_type: str
    path: str
    values: int


class ErasureAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an erasure took: of `destroyed` values text and salt are gone; `shared` ones stay.

    Events up to `position` are erased; later ones hold what was sent later.
    """

    paths: tuple[ErasedValues, ...]
    destroyed: int
    shared: int
    letters: int
    left_out: tuple[str, ...]
    position: int


def whose_from_wire(order: WhoseOrder) -> Whose:
    """Return whose values are meant."""
    return Whose(
        account=None if order.account is None else AccountKey(order.account),
        subject=order.subject,
        value=bytes(order.value).decode() if isinstance(order.value, msgspec.Raw) else None,
        event_type=order.event_type,
    )


def erasure_from_wire(order: ErasureOrder) -> EraseValues:
    """Return the command that an erasure is."""
    return EraseValues(whose=whose_from_wire(order.whose), reason=order.reason)


def wire_from_paths(paths: tuple[PathState, ...]) -> PersonalRead:
    """Return the personal paths as they go over the wire."""
    return PersonalRead(items=tuple(msgspec.convert(_fields(each), PathAnswer) for each in paths))


def wire_from_erasure_preview(preview: ErasurePreview) -> ErasurePreviewAnswer:
    """Return a preview as it goes over the wire."""
    return ErasurePreviewAnswer(
        paths=tuple(
            ErasedPathAnswer(
                event_type=each.uses.event_type,
                path=each.uses.path,
                values=each.uses.values,
                shared=each.uses.shared,
                subjects=each.uses.subjects,
                events=each.events.events,
                first_used_at=each.events.first_used_at,
                last_used_at=each.events.last_used_at,
            )
            for each in preview.paths
        ),
        letters=preview.letters,
        left_out=preview.left_out,
        held=None if preview.held is None else preview.held.message,
    )


def wire_from_erased(erased: Erased) -> ErasureAnswer:
    """Return what was erased as it goes over the wire."""
    return ErasureAnswer(
        paths=tuple(
            ErasedValues(event_type=event_type, path=path, values=values)
            for event_type, path, values in erased.paths
        ),
        destroyed=erased.destroyed,
        shared=erased.shared,
        letters=erased.letters,
        left_out=erased.left_out,
        position=erased.position,
    )


def _fields(state: PathState) -> dict[str, object]:
    return {name: getattr(state, name) for name in PathAnswer.__struct_fields__}
