"""
Dead letters that hold what is to be erased: they keep what was sent, as it was sent.

A letter goes as a whole. Where its body cannot be read, it is looked through as text.
"""

import json
from collections.abc import Collection, Iterator, Mapping

import msgspec

from tallystick.app.dead_letters import RejectedEvent
from tallystick.app.personal.ports import Chosen
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.personal import values_at

_PAGE = 500


class _Sent(msgspec.Struct):
    type: str = ""
    subject: str = ""


def letters_of(uow: UnitOfWork, chosen: Chosen) -> list[int]:
    """Return the numbers of the letters of personal types that hold what is meant."""
    paths = uow.personal.declared()
    contents = [chosen.content] if chosen.content is not None else uow.erasures.contents_of(chosen)
    return [
        number
        for number, event in _letters(uow)
        if _is_of_type(event, chosen, paths)
        and (_is_of_subject(event, chosen.subjects) or _holds(event, contents, paths))
    ]


def _letters(uow: UnitOfWork) -> Iterator[tuple[int, RejectedEvent]]:
    before: int | None = None
    while page := uow.dead_letters.page(before=before, limit=_PAGE):
        yield from ((letter.id, letter.event) for letter in page)
        before = page[-1].id


def _is_of_type(event: RejectedEvent, chosen: Chosen, personal: Collection[str]) -> bool:
    """Tell whether a letter is of a type that is meant; one without a type may be of any."""
    if not event.type:
        return True
    return event.type in personal and chosen.event_type in {None, event.type}


def _is_of_subject(event: RejectedEvent, subjects: Collection[str] | None) -> bool:
    if subjects is None:
        return False
    sent = _read(event.body)
    if sent is not None:
        return sent.subject in subjects
    return any(_stands_in(event.body, json.dumps(subject)) for subject in subjects)


def _holds(
    event: RejectedEvent, contents: Collection[str], paths: Mapping[str, tuple[str, ...]]
) -> bool:
    """Tell whether a value stands at a personal path, or, where it is a text, anywhere."""
    if any(_stands_in(event.body, text) for text in contents if text.startswith('"')):
        return True
    named = [f"data.{path}" for path in paths.get(event.type, ())]
    found = values_at(event.body.decode(errors="replace"), named).values()
    return bool(set(found) & set(contents))


def _stands_in(body: bytes, content: str) -> bool:
    """Tell whether a JSON text stands in a body, spelled with or without escapes."""
    spelled = json.dumps(json.loads(content)).encode()
    return content.encode() in body or spelled in body


def _read(body: bytes) -> _Sent | None:
    try:
        return msgspec.json.decode(body, type=_Sent)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
