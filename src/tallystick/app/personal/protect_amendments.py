"""
Puts pseudonyms into amendments before anything of them is written, remembered or audited.

The text that a command is known by (its digest in the audit, and under its idempotency key) is the
one with pseudonyms, so that nobody can confirm a guess with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec

from tallystick.app.corrections import AmendEvents, Replacement
from tallystick.app.ingest import PersonalPaths, Scope, parse_carefully
from tallystick.app.personal.commit_values import Salts, ValueUse, commit_values
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.personal import is_pseudonym, values_at, with_values

_DATA = "data."


class _Names(msgspec.Struct):
    type: str
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """An amendment of a command with the values at its personal paths, which begin with `data.`."""

    index: int
    names: _Names
    values: dict[str, str]


def protect_amendments(command: AmendEvents, *, uow: UnitOfWork, salts: Salts) -> AmendEvents:
    """Return a command with pseudonyms in the place of personal values, which are kept by then."""
    with uow:
        found = list(_found(command, uow.personal.declared(), workspace=uow.workspace))
        if not found:
            return command
        uses = [use for each in found for use in _uses(each)]
        names = commit_values(uow, uses, only_seen=(), salts=salts)
        uow.commit()
    events = [*command.events]
    for each in found:
        standing = {path: f'"{names[content]}"' for path, content in each.values.items()}
        text = with_values(events[each.index].event, standing)
        events[each.index] = replace(events[each.index], event=text)
    return replace(command, events=tuple(events))


def _uses(found: _Found) -> list[ValueUse]:
    return [
        ValueUse(
            content=content,
            subject=found.names.subject,
            event_type=found.names.type,
            path=path.removeprefix(_DATA),
            used_at=None,  # what was ever corrected is kept
        )
        for path, content in found.values.items()
    ]


def _found(command: AmendEvents, paths: PersonalPaths, *, workspace: str) -> Iterator[_Found]:
    for index, one in enumerate(command.events if paths else ()):
        names = _names(one, workspace)
        if names is None:
            continue
        values = values_at(one.event, [_DATA + path for path in paths.get(names.type, ())])
        values = {path: text for path, text in values.items() if not is_pseudonym(text[1:-1])}
        if values:
            yield _Found(index=index, names=names, values=values)


def _names(one: Replacement, workspace: str) -> _Names | None:
    """Return the names of an event that can be taken at some time; None for any other text."""
    whenever = Scope(
        workspace=workspace,
        received_at=datetime(1970, 1, 1, tzinfo=UTC),
        earliest=datetime.min.replace(tzinfo=UTC),
        latest=datetime.max.replace(tzinfo=UTC),
        seed=0,
    )
    if parse_carefully([one.event.encode()], whenever).rejections:
        return None
    return msgspec.json.decode(one.event, type=_Names)
