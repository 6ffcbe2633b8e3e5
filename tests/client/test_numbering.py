"""Numbers on events: without gaps, also over restarts, as long as the spool is there."""

from pathlib import Path

from tallystick.client import Numbers, Spool

EVENT = {"source": "s", "type": "call"}


def test_numbers_go_on_where_the_former_run_stopped(tmp_path: Path) -> None:
    """Each event has the next number, whether those before were sent or still wait."""
    first = Numbers(spool=Spool(directory=tmp_path, sent_bytes_max=1000))
    made = first.numbered([EVENT, EVENT])
    assert [each["sequence"] for each in made] == ["0" * 17 + "1", "0" * 17 + "2"]
    first.spool.keep(made)
    second = Numbers(spool=Spool(directory=tmp_path, sent_bytes_max=1000))
    waiting = second.numbered([EVENT])
    second.spool.append(waiting)
    third = Numbers(spool=Spool(directory=tmp_path, sent_bytes_max=1000))
    assert third.numbered([EVENT])[0]["sequence"] == "0" * 17 + "4"
    assert [each["sequence"][-1] for each in third.spool.held()] == ["1", "2", "3"]  # type: ignore[index]  # texts


def test_what_was_sent_is_kept_up_to_its_bound(tmp_path: Path) -> None:
    """The oldest of what was sent gives way, the newest stays; what waits is not touched."""
    spool = Spool(directory=tmp_path, segment_bytes=60, sent_bytes_max=200)
    spool.append([{"sequence": "99"}])
    for number in range(40):
        spool.keep([{"sequence": str(number)}])
    kept = [int(str(each["sequence"])) for each in spool.held()]
    assert kept[-2:] == [39, 99]
    assert kept[:-1] == list(range(kept[0], 40))
    size = sum(path.stat().st_size for path in (tmp_path / "sent").iterdir())
    assert 0 < size <= 200
