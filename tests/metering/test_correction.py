"""What counts as of a position: by the rows of the log up to it, in log order, and nothing else."""

import random

import msgspec
import pytest

from tallystick.metering import CLOSED, OPENED, REVERTED, Event, held_type, standing_events
from tests.corrections import amend, fact, void
from tests.events import event

FIRST = event(1, '{"v":5}', id="a", position=1)
OTHER = event(2, '{"v":1}', id="b", position=2)
ROWS = [
    FIRST,
    OTHER,
    void(FIRST, position=3),
    amend(FIRST, event(1, '{"v":7}'), position=4),
    amend(FIRST, event(9, '{"v":6}', type="u", subject="vm-2"), position=5),
    void(FIRST, position=6),
    void(FIRST, position=7),
    amend(FIRST, event(1, '{"v":5}'), position=8),
]


def _told(rows: list[Event], through: int) -> list[tuple[str, str, int]]:
    return [(one.id, one.data, one.position) for one in standing_events(rows, through=through)]


@pytest.mark.parametrize(
    ("through", "first"),
    [
        (2, ('{"v":5}', 1)),
        (3, None),
        (4, ('{"v":7}', 4)),
        (5, ('{"v":6}', 5)),
        (6, None),
        (7, None),
        (8, ('{"v":5}', 8)),
    ],
)
def test_the_last_correction_decides(through: int, first: tuple[str, int] | None) -> None:
    """Several corrections of one event apply in log order; an amended one counts again."""
    expected = [] if first is None else [("a", *first)]
    mixed = random.Random(through).sample(ROWS, len(ROWS))
    assert _told(mixed, through) == sorted([*expected, ("b", '{"v":1}', 2)], key=lambda t: t[2])


def test_an_amended_event_keeps_its_identity_and_nothing_else() -> None:
    """Type, subject, time and data are those of the replacement; source and id are the first's."""
    (amended,) = (one for one in standing_events(ROWS, through=5) if one.id == "a")
    assert (amended.source, amended.type, amended.subject) == (FIRST.source, "u", "vm-2")
    assert amended.used_at == event(9).used_at


def test_a_correction_speaks_for_itself() -> None:
    """Whoever leaves out the first event, since nobody asks for it, learns the replacement."""
    assert _told(ROWS[4:5], 5) == [("a", '{"v":6}', 5)]


def test_a_backfill_counts_from_close_to_revert() -> None:
    """Events of a set count once it is closed, and no more once it is reverted, amended or not."""
    held = [
        msgspec.structs.replace(event(n, '{"v":1}', id=f"h{n}"), type=held_type(1, "t"), position=n)
        for n in (2, 3, 4)
    ]
    rows = [
        fact(OPENED, "june", position=1),
        *held,
        amend(held[0], event(5, '{"v":9}'), position=5, backfill=1),
        void(held[1], position=6, backfill=1),
        fact(CLOSED, "june", position=7, number=1),
        fact(REVERTED, "june", position=8, number=1),
    ]
    assert [_told(rows, through) for through in (4, 6, 8)] == [[], [], []]
    assert _told(rows, 7) == [("h4", '{"v":1}', 4), ("h2", '{"v":9}', 5)]
    assert {one.type for one in standing_events(rows, through=7)} == {"t"}


def test_a_backfill_reverted_before_its_close_never_counts() -> None:
    """A set that was thrown away stays so, whatever is said of it later."""
    row = msgspec.structs.replace(event(1, id="h"), type=held_type(1, "t"), position=2)
    said = [fact(REVERTED, "x", position=3, number=1), fact(CLOSED, "x", position=4, number=1)]
    assert standing_events([fact(OPENED, "x", position=1), row, *said]) == []
