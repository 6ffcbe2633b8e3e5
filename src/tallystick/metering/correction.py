"""
Corrections: facts in the log which say that an event was wrong, or that a set of events counts.

A correction is a row of the log like an event, under a reserved type, so that one position orders
everything that was ever known. Nothing is changed or removed; what stands *as of* a position is
what follows from the rows up to it, in log order:

| type                         | what it says                                                     |
|------------------------------|------------------------------------------------------------------|
| `tallystick.event.voided`    | the event never happened                                         |
| `tallystick.event.amended`   | the event was as written here; one that was voided counts again  |
| `tallystick.held.<n>.<type>` | an event of type `<type>` in backfill `<n>`, held back           |
| `tallystick.backfill.opened` | a backfill begins; this row's position is its number `<n>`       |
| `tallystick.backfill.closed` | the events of the backfill count from here on                    |
| `tallystick.backfill.reverted` | they count no more, amended ones included                      |

    position   row                        standing as of 1   as of 2   as of 3   as of 4
    1          a: 5 GB                    a: 5 (1)
    2          void a                                        nothing
    3          amend a: 7 GB                                           a: 7 (3)
    4          amend a: 6 GB                                                     a: 6 (4)

An amended event has the identity of the first and the position of its correction, so that "recorded
after" keeps its meaning. A correction names its target by the position of the event that it was
first: the identity (workspace, source, id) has one for ever.

Not here: who may correct, and what was billed on it (`app/corrections`).
"""

from collections.abc import Iterable

import msgspec

from tallystick.kernel import from_micros
from tallystick.metering.event import RESERVED_TYPES, Event

CORRECTIONS = "tallystick:corrections"
BACKFILLS = "tallystick:backfills"
VOIDED = "tallystick.event.voided"
AMENDED = "tallystick.event.amended"
OPENED = "tallystick.backfill.opened"
CLOSED = "tallystick.backfill.closed"
REVERTED = "tallystick.backfill.reverted"
_HELD = "tallystick.held."
REMOVED = (1 << 63) - 1
"""The backfill that holds events whose content was removed: it is never opened nor closed."""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What an event says beside its identity; ``used_at`` in microseconds since 1970."""

    type: str
    subject: str
    used_at: int
    sequence: str
    data: str


class Correction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    What a row of the types ``voided`` and ``amended`` says.

    Attributes:
        target: position at which the log holds the event as it was first sent.
        source, id: the event's identity, for people.
        actor: who corrected.
        reason: why, in words.
        backfill: number of the backfill that the event came with; 0 for none.
        replacement: what the event should have said; None voids it.
    """

    target: int
    source: str
    id: str
    actor: str
    reason: str = ""
    backfill: int = 0
    replacement: Content | None = None

    @property
    def type(self) -> str:
        """Return the type of the row."""
        return VOIDED if self.replacement is None else AMENDED

    def replaced(self, row: Event) -> Event | None:
        """Return the event that counts from its row on; None where it voids."""
        if self.replacement is None:
            return None
        return Event(
            workspace=row.workspace,
            source=self.source,
            id=self.id,
            type=self.replacement.type,
            subject=self.replacement.subject,
            used_at=from_micros(self.replacement.used_at),
            received_at=row.received_at,
            sequence=self.replacement.sequence,
            data=self.replacement.data,
            position=row.position,
        )


class BackfillFact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    What a row about a backfill says; the row's type says whether it opens, closes or reverts.

    ``number`` is the position of the row that opened it; 0 in that row itself.
    """

    name: str
    actor: str
    reason: str = ""
    number: int = 0


_CORRECTION = msgspec.json.Decoder(Correction)
_FACT = msgspec.json.Decoder(BackfillFact)


def data_of(said: Correction | BackfillFact) -> str:
    """Return what a correction says as the data of its row."""
    return msgspec.json.encode(said).decode()


def correction_of(row: Event) -> Correction | None:
    """Return what a row voids or amends; None for any other row."""
    return _CORRECTION.decode(row.data) if row.type in {VOIDED, AMENDED} else None


def backfill_fact_of(row: Event) -> BackfillFact | None:
    """Return what a row says about a backfill, with its number; None for any other row."""
    if row.type not in {OPENED, CLOSED, REVERTED}:
        return None
    fact = _FACT.decode(row.data)
    return msgspec.structs.replace(fact, number=fact.number or row.position)


def held_type(number: int, type: str) -> str:
    """
    Return the type under which the log holds an event of a backfill.

    Example:
        >>> held_type(12, "http.request")
        'tallystick.held.12.http.request'
    """
    return f"{_HELD}{number}.{type}"


def sent_type(type: str) -> str:
    """
    Return the type that an event was sent with, whether a backfill holds it or not.

    Example:
        >>> sent_type("tallystick.held.12.http.request"), sent_type("http.request")
        ('http.request', 'http.request')
    """
    return type.removeprefix(_HELD).partition(".")[2] if type.startswith(_HELD) else type


def unheld(row: Event) -> tuple[int, Event]:
    """
    Return the number of the backfill that holds an event, 0 for none, and the event as it was sent.

    Example:
        >>> from tallystick.kernel import from_micros
        >>> row = Event(workspace="w", source="s", id="1", type="tallystick.held.12.a.b",
        ...             subject="", used_at=from_micros(0), received_at=from_micros(0),
        ...             sequence="", data="{}", position=13)
        >>> number, event = unheld(row)
        >>> number, event.type
        (12, 'a.b')
    """
    if not row.type.startswith(_HELD):
        return 0, row
    number, _, type_ = row.type.removeprefix(_HELD).partition(".")
    return int(number), msgspec.structs.replace(row, type=type_)


def standing_events(rows: Iterable[Event], *, through: int | None = None) -> list[Event]:
    """
    Return the events that count as of a position, in order of position.

    This is the definition; stores are compared with it.

    Args:
        rows: of the log, in any order: events, and every correction up to the position. Events that
            nobody asks for may be left out, even where one of the corrections speaks of them.
        through: the last position that was known; None for all rows.
    """
    known = (row for row in rows if through is None or row.position <= through)
    standing = _Standing()
    for row in sorted(known, key=lambda row: row.position):
        standing.take(row)
    return standing.events()


class _Standing:
    """What counts after the rows taken so far; events by the position at which they first stood."""

    def __init__(self) -> None:
        self._events: dict[int, Event] = {}
        self._backfills: dict[int, int] = {}
        self._closed: set[int] = set()
        self._reverted: set[int] = set()

    def take(self, row: Event) -> None:
        """Take the next row in log order."""
        if not row.type.startswith(RESERVED_TYPES):
            self._events[row.position] = row
        elif (correction := correction_of(row)) is not None:
            self._correct(row, correction)
        elif (fact := backfill_fact_of(row)) is not None:
            decided = {CLOSED: self._closed, REVERTED: self._reverted}.get(row.type, set())
            decided.add(fact.number)
        else:
            self._backfills[row.position], self._events[row.position] = unheld(row)

    def events(self) -> list[Event]:
        """Return what counts."""
        counting = self._closed - self._reverted
        found = [
            event
            for first, event in self._events.items()
            if self._backfills.get(first, 0) in {0, *counting}
        ]
        return sorted(found, key=lambda event: event.position)

    def _correct(self, row: Event, correction: Correction) -> None:
        replacement = correction.replaced(row)
        if replacement is None:
            self._events.pop(correction.target, None)
            return
        self._events[correction.target] = replacement
        self._backfills[correction.target] = correction.backfill
