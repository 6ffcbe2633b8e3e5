"""The collector's spool: order, crash, bound."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from tallystick.client import ServerUnreachable, Spool
from tallystick.client.spool import Event


def _sent(spool: Spool, *, segments_max: int = 1000) -> list[object]:
    seen: list[object] = []
    spool.replay(
        lambda events: seen.extend(each["id"] for each in events), segments_max=segments_max
    )
    return seen


def test_replay_keeps_order_over_segments_and_restarts(tmp_path: Path) -> None:
    """What went in first comes out first, also by another object on the same directory."""
    spool = Spool(directory=tmp_path / "spool", segment_bytes=50)
    for number in range(20):
        spool.append([{"id": number, "value": Decimal("0.10")}])
    again = Spool(directory=tmp_path / "spool")
    assert _sent(again) == list(range(20))
    assert again.is_empty()


def test_a_failed_send_keeps_what_was_not_answered_for(tmp_path: Path) -> None:
    """A segment leaves only after its events were taken."""
    spool = Spool(directory=tmp_path, segment_bytes=1)
    for number in range(3):
        spool.append([{"id": number}])

    def fail_at_the_second(events: Sequence[Event]) -> None:
        if events[0]["id"] == 1:
            msg = "gone"
            raise ServerUnreachable(msg)

    with pytest.raises(ServerUnreachable):
        spool.replay(fail_at_the_second, segments_max=10)
    assert _sent(spool) == [1, 2]


def test_a_torn_line_is_left_out_and_does_not_spoil_the_next(tmp_path: Path) -> None:
    """A crash in the middle of a line loses that line only; it was never acknowledged."""
    spool = Spool(directory=tmp_path)
    spool.append([{"id": 1}])
    (segment,) = tmp_path.glob("*.ndjson")
    with segment.open("ab") as file:
        file.write(b'{"id": 2, "sou')
    spool.append([{"id": 3}])
    assert _sent(spool) == [1, 3]


def test_the_bound_holds_and_the_oldest_gives_way(tmp_path: Path) -> None:
    """The spool never grows past its bound, and says how much it gave up."""
    spool = Spool(directory=tmp_path, segment_bytes=40, spool_bytes_max=200)
    for number in range(100):
        spool.append([{"id": number}])
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 200
    left = _sent(spool)
    assert left == list(range(100 - len(left), 100))
    assert spool.dropped == 100 - len(left) > 0
