"""What applying a catalog did, over the wire."""

from __future__ import annotations

from typing import Any

import msgspec

from tallystick.app.catalog import AppliedCatalog
from tallystick.catalog import Action, Change


class FieldChangeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A field, by its path in the document; null stands for absent."""

    field: str
    before: Any
    after: Any


class ChangeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one declared object; `of` is the list in which it stands."""

    of: str
    key: str
    version: int | None
    action: Action
    fields: tuple[FieldChangeAnswer, ...]


class AppliedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, or with `dry_run` would be done."""

    dry_run: bool
    created: int
    changed: int
    unchanged: int
    changes: tuple[ChangeAnswer, ...]


def wire_from_applied(applied: AppliedCatalog) -> AppliedAnswer:
    """Return what was applied as it goes over the wire."""
    return AppliedAnswer(
        dry_run=applied.dry_run,
        created=applied.created,
        changed=applied.changed,
        unchanged=applied.unchanged,
        changes=tuple(_change(change) for change in applied.changes),
    )


def _change(change: Change) -> ChangeAnswer:
    return ChangeAnswer(
        of=change.of,
        key=change.key,
        version=change.version,
        action=change.action,
        fields=tuple(
            FieldChangeAnswer(field=each.field, before=each.before, after=each.after)
            for each in change.fields
        ),
    )
