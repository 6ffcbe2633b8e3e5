"""Rejected events stand in a readable list, as they were sent."""

from dataclasses import replace

from tallystick.app.dead_letters import RejectedEvent
from tests.clock import NEW_YEAR
from tests.databases import WORKSPACE, Database

EVENT = RejectedEvent(
    workspace=WORKSPACE,
    received_at=NEW_YEAR,
    source="host",
    event_id="1",
    code="number_invalid",
    message="NaN is not a number",
    path="data.value",
    body=b'{"id":"1","data":{"value":NaN}}\xff',
)


def append(database: Database, *events: RejectedEvent) -> None:
    """Add rejected events."""
    with database.unit() as uow:
        uow.dead_letters.append(events)
        uow.commit()


def test_letters_are_read_newest_first(database: Database) -> None:
    """Letters are listed newest first, in pages, as they were given; a code selects."""
    append(database, *[replace(EVENT, event_id=str(number)) for number in range(4)])
    append(database, replace(EVENT, event_id="x", code="too_old"))
    with database.unit() as uow:
        first = uow.dead_letters.page(before=None, limit=3)
        rest = uow.dead_letters.page(before=first[-1].id, limit=3)
        old = uow.dead_letters.page(before=None, limit=3, code="too_old")
    assert [letter.event.event_id for letter in first + rest] == ["x", "3", "2", "1", "0"]
    assert rest[-1].event == replace(EVENT, event_id="0")
    assert [letter.event.event_id for letter in old] == ["x"]


def test_letter_is_replayed_once(database: Database) -> None:
    """A letter that was sent again and taken says since when; a later replay does not change it."""
    append(database, EVENT)
    with database.unit() as uow:
        letter = uow.dead_letters.page(before=None, limit=1)[0]
        for year in (2026, 2027):
            uow.dead_letters.replayed([letter.id], at=NEW_YEAR.replace(year=year))
        again = uow.dead_letters.find(letter.id)
        assert uow.dead_letters.find(letter.id + 1) is None
    assert again == replace(letter, replayed_at=NEW_YEAR)


def test_any_bytes_are_kept(database: Database) -> None:
    """NUL characters in texts and any bytes in the body are kept; a body is cut at 64 KiB."""
    append(database, replace(EVENT, source="a\0b", body=b"\0\xff" * 40_000))
    with database.unit() as uow:
        event = uow.dead_letters.page(before=None, limit=1)[0].event
    assert event.source == "a\ufffdb"
    assert event.body == b"\0\xff" * 32_768
