"""Puts personal values back into events that somebody reads, and says which were erased."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from tallystick.app.personal.ports import KeptText, PersonalUse
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.metering import Event
from tallystick.personal import pseudonyms_in, with_values


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadableEvent:
    """
    An event as people read it.

    Attributes:
        event: with its personal values, as far as they are kept.
        erased: the paths at which a pseudonym stands whose text was erased.
    """

    event: Event
    erased: tuple[str, ...]


def read_back(uow: UnitOfWork, events: Iterable[Event]) -> list[ReadableEvent]:
    """
    Return events with their personal values, in the order given; within a unit of work.

    Only what people read passes here: meters, digests and proofs are made of pseudonyms.
    """
    found = [(event, _uses(event)) for event in events]
    asked = {use for _, uses in found for use in uses}
    texts = uow.personal.texts(asked) if asked else {}
    return [_readable(event, uses, texts) for event, uses in found]


def _uses(event: Event) -> list[PersonalUse]:
    return [
        PersonalUse(subject=event.subject, event_type=event.type, path=path, pseudonym=pseudonym)
        for path, pseudonym in pseudonyms_in(event.data).items()
    ]


def _readable(
    event: Event, uses: list[PersonalUse], texts: dict[PersonalUse, KeptText]
) -> ReadableEvent:
    known = {use.path: texts[use] for use in uses if use in texts}
    kept = {
        path: text.content for path, text in known.items() if event.position > text.erased_through
    }
    return ReadableEvent(
        event=msgspec.structs.replace(event, data=with_values(event.data, kept)),
        erased=tuple(sorted(use.path for use in uses if use.path not in kept)),
    )
