"""What the use cases of personal data ask of their store."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tallystick.kernel import WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalUse:
    """
    A pseudonym at a path of the events of a type and a subject.

    Attributes:
        subject: of the events; empty where they have none.
    """

    subject: str
    event_type: str
    path: str
    pseudonym: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalValue:
    """A value as `content_of` spells it, with the salt that its pseudonym was made with."""

    pseudonym: str
    salt: bytes
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptText:
    """A text that may be read at a use, of events behind a position; see `PersonalStore.texts`."""

    content: str
    erased_through: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """
    Which uses are meant: those that lie in all of the bounds; None leaves one out.

    Attributes:
        subjects: of the events.
        content: the value, as `content_of` spells it.
        event_type: of the events.
    """

    subjects: tuple[str, ...] | None = None
    content: str | None = None
    event_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UseGroup:
    """
    The uses that stand at one path of one type.

    Attributes:
        values: distinct values.
        shared: those of them that are used elsewhere too, where their text stays.
        subjects: distinct subjects.
    """

    event_type: str
    path: str
    values: int
    shared: int
    subjects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSpan:
    """How many events there are, and between which instants of use; None where there are none."""

    events: int
    first_used_at: datetime | None
    last_used_at: datetime | None


class PersonalEvents(Protocol):
    """The events that count, as far as the projection covers them."""

    def bearing(
        self,
        workspace: WorkspaceId,
        group: UseGroup,
        *,
        subjects: Sequence[str] | None,
        pseudonyms: Sequence[str],
    ) -> EventSpan:
        """Return the events of a group's type that bear one of some pseudonyms at its path."""
        ...

    def as_sent(self, workspace: WorkspaceId, event_type: str, path: str) -> int:
        """Return how many events of a type hold at a path a value that is no pseudonym."""
        ...


class DurableLog(Protocol):
    """The log, asked how far it goes."""

    def durable_position(self) -> int:
        """Return the position of the last durable event."""
        ...


class PersonalStore(Protocol):
    """Personal values of one workspace: their texts, their salts, and where they are used."""

    def share(self) -> None:
        """Wait for an erasure under way, and keep others waiting; values may be noted meanwhile."""
        ...

    def declared(self) -> Mapping[str, tuple[str, ...]]:
        """Return the personal paths by type, of those that have any."""
        ...

    def pseudonyms(self, contents: Collection[str]) -> dict[str, str]:
        """Return the pseudonym of each of these values that is kept."""
        ...

    def keep(self, values: Iterable[PersonalValue]) -> None:
        """Keep values; one that is kept already stays as it is."""
        ...

    def use(self, uses: Mapping[PersonalUse, datetime | None]) -> None:
        """
        Note where kept values are used from now on, and the latest instant of use.

        That is noted to the day: it may be a day earlier than the latest. None: for good.
        """
        ...

    def kept(self, pseudonyms: Collection[str]) -> frozenset[str]:
        """Return the pseudonyms whose text is kept."""
        ...

    def texts(self, uses: Collection[PersonalUse]) -> dict[PersonalUse, KeptText]:
        """Return the texts of uses that stand."""
        ...


class ErasureStore(Protocol):
    """What may be erased of the personal values of one workspace."""

    def lock(self) -> None:
        """Wait for everybody who notes or erases values; keep them waiting."""
        ...

    def groups(self, chosen: Chosen) -> tuple[UseGroup, ...]:
        """Return the uses that stand, by type and path."""
        ...

    def pseudonyms_of(self, chosen: Chosen, group: UseGroup) -> list[str]:
        """Return the distinct pseudonyms of a group, in their order."""
        ...

    def contents_of(self, chosen: Chosen) -> list[str]:
        """Return the distinct values of the uses that stand, each as `content_of` spells it."""
        ...

    def expire(self, event_type: str, *, before: datetime, through: int) -> int:
        """
        End uses of a type that were last noted before an instant, as `erase` does.

        Returns:
            How many values were destroyed.
        """
        ...

    def erase(self, chosen: Chosen, *, through: int) -> int:
        """
        End uses for events up to a position, and destroy text and salt of what is used no more.

        Returns:
            How many values were destroyed.
        """
        ...
