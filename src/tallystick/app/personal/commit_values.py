"""Gives personal values their pseudonyms, and keeps text and salt of those that are new."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tallystick.app.personal.ports import PersonalUse, PersonalValue
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.personal import SALT_BYTES, pseudonym_of

Salts = Callable[[int], bytes]
"""Gives so many bytes that nobody can guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueUse:
    """
    A value, as `content_of` spells it, at a path of the events of a type and a subject.

    Attributes:
        used_at: instant of use of the event; None where the value is kept whatever its age.
    """

    content: str
    subject: str
    event_type: str
    path: str
    used_at: datetime | None


def commit_values(
    uow: UnitOfWork, uses: Collection[ValueUse], *, only_seen: Iterable[str], salts: Salts
) -> dict[str, str]:
    """
    Return the pseudonym of each value, within a unit of work that is open and commits after it.

    Args:
        uow: entered.
        uses: values which are kept from now on, where they are used.
        only_seen: values that are not kept for it; one that nobody keeps gets a pseudonym of which
            nothing remains.
        salts: gives the salts of new values.
    """
    uow.personal.share()
    wanted = {use.content for use in uses}
    seen = set(only_seen)
    found = uow.personal.pseudonyms(wanted | seen)
    new = wanted - found.keys()
    if new:
        uow.personal.keep(_new_value(content, salts) for content in sorted(new))
        # Another transaction may have kept one of them meanwhile: the first pseudonym stays.
        found |= uow.personal.pseudonyms(new)
    if uses:
        uow.personal.use(_latest(uses, found))
    return found | {
        content: _new_value(content, salts).pseudonym for content in seen - found.keys()
    }


def _latest(
    uses: Iterable[ValueUse], found: Mapping[str, str]
) -> dict[PersonalUse, datetime | None]:
    """Return each use once, with its latest instant."""
    latest: dict[PersonalUse, datetime | None] = {}
    for use in uses:
        noted = PersonalUse(
            subject=use.subject,
            event_type=use.event_type,
            path=use.path,
            pseudonym=found[use.content],
        )
        before = latest.get(noted, use.used_at)
        if before is None or use.used_at is None:
            latest[noted] = None
        else:
            latest[noted] = max(before, use.used_at)
    return latest


def _new_value(content: str, salts: Salts) -> PersonalValue:
    salt = salts(SALT_BYTES)
    return PersonalValue(pseudonym=pseudonym_of(content, salt=salt), salt=salt, content=content)
