"""Rejected events stand in a readable list, as they were sent."""

from dataclasses import replace
from datetime import timedelta

from tallystick.app.dead_letters import (
    LetterFilter,
    LetterState,
    RejectedEvent,
    expire_letters,
)
from tests.clock import NEW_YEAR, HandClock
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
        old = uow.dead_letters.page(before=None, limit=3, wanted=LetterFilter(code="too_old"))
    assert [letter.event.event_id for letter in first + rest] == ["x", "3", "2", "1", "0"]
    assert rest[-1].event == replace(EVENT, event_id="0")
    assert [letter.event.event_id for letter in old] == ["x"]


def test_letter_is_replayed_once(database: Database) -> None:
    """A letter that was sent again and taken says since when; a later replay does not change it."""
    append(database, EVENT)
    with database.unit() as uow:
        letter = uow.dead_letters.page(before=None, limit=1)[0]
        for year in (2026, 2027):
            uow.dead_letters.replayed({letter.id: 7}, at=NEW_YEAR.replace(year=year))
        again = uow.dead_letters.find(letter.id)
        assert uow.dead_letters.find(letter.id + 1) is None
    assert again == replace(letter, replayed_at=NEW_YEAR, replayed_position=7)


def test_any_bytes_are_kept(database: Database) -> None:
    """NUL characters in texts and any bytes in the body are kept; a body is cut at 64 KiB."""
    append(database, replace(EVENT, source="a\0b", body=b"\0\xff" * 40_000))
    with database.unit() as uow:
        event = uow.dead_letters.page(before=None, limit=1)[0].event
    assert event.source == "a\ufffdb"
    assert event.body == b"\0\xff" * 32_768


def test_letters_end_with_their_time(database: Database) -> None:
    """Settled letters go 30 days after their receipt, waiting ones after 400."""
    ages = {"settled-old": 31, "settled": 30, "waiting-old": 401, "waiting": 400}
    clock = HandClock()
    events = [
        replace(EVENT, event_id=name, received_at=clock.now() - timedelta(days=days))
        for name, days in ages.items()
    ]
    append(database, *events)
    with database.unit() as uow:
        letters = uow.dead_letters.page(before=None, limit=10)
        settled = [one.id for one in letters if one.event.event_id.startswith("settled")]
        uow.dead_letters.discard(settled, at=NEW_YEAR, reason="a test")
        uow.commit()
    assert expire_letters(database.runner, clock=clock) == 2
    assert expire_letters(database.runner, clock=clock) == 0
    with database.unit() as uow:
        left = uow.dead_letters.page(before=None, limit=10)
    assert [letter.event.event_id for letter in left] == ["waiting", "settled"]


def test_a_letter_is_settled_once(database: Database) -> None:
    """What was replayed is not discarded, and what was discarded is not replayed."""
    append(database, EVENT, EVENT)
    with database.unit() as uow:
        second, first = uow.dead_letters.page(before=None, limit=2)
        uow.dead_letters.replayed({first.id: 5}, at=NEW_YEAR)
        uow.dead_letters.discard([first.id, second.id], at=NEW_YEAR, reason="r")
        uow.dead_letters.replayed({second.id: 6}, at=NEW_YEAR)
        states = [letter.state for letter in uow.dead_letters.load([first.id, second.id])]
    assert states == [LetterState.REPLAYED, LetterState.DISCARDED]
