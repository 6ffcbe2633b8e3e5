"""The log on a real disk: torn writes, damage, no room, failed syncs, unsynced writes."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tallystick.app.ingest import LogFull
from tallystick.kernel import EngineUnavailable
from tallystick.storage.log import (
    LogDamaged,
    SegmentLog,
    blocks_from,
    load_manifest,
    segments,
)
from tallystick.storage.log.segment import scan_segment, seal_segment
from tests.ingest.batches import LogUnderTest, event, parsed


def fill(log: LogUnderTest, *ids: str) -> None:
    """Append each event by itself."""
    for event_id in ids:
        log.append(parsed(event(event_id)))


def ids_in(log: LogUnderTest) -> list[str]:
    """Return the ids by position."""
    found = (log.event_at(position) for position in range(1, log.log.last_position + 1))
    return [event.id for event in found if event is not None]


def test_a_torn_last_block_is_cut_off_at_every_byte(tmp_path: Path) -> None:
    """Wherever a write was torn, what was whole before it stays, and the log goes on."""
    whole = LogUnderTest(tmp_path / "whole")
    fill(whole, "a", "b")
    start = scan_segment(whole.log.open_segment).end
    fill(whole, "c")
    whole.log.close()
    size = whole.log.open_segment.stat().st_size
    for end in range(start, size, 7):
        torn = tmp_path / f"torn-{end}"
        shutil.copytree(tmp_path / "whole", torn)
        os.truncate(segments(torn / "segments")[-1], end)
        log = LogUnderTest(torn)
        assert log.log.last_position == 2
        fill(log, "d")
        log.reopen()
        assert ids_in(log) == ["a", "b", "d"]
        log.log.close()


@pytest.mark.parametrize("at", [0, 5, 13, 18, 40, 100])
def test_damage_before_whole_blocks_is_refused(tmp_path: Path, at: int) -> None:
    """A changed byte with whole blocks behind it is no torn write: the log does not open."""
    log = LogUnderTest(tmp_path)
    fill(log, "a", "b", "c")
    with log.log.open_segment.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(LogDamaged, match="restore it from a backup"):
        log.reopen()


@pytest.mark.parametrize("damaged", [0, 1, 2], ids=["first", "middle", "last"])
def test_nothing_is_read_past_damage(tmp_path: Path, damaged: int) -> None:
    """A reader is told of a segment that lost a block, and never given what stands behind it."""
    log = LogUnderTest(tmp_path, segment_events_max=1)
    fill(log, *"abc")
    segment = segments(log.segments)[damaged]
    content = segment.read_bytes()
    segment.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    read: list[int] = []
    with pytest.raises(LogDamaged, match=f"position {damaged + 1} "):
        read.extend(block.first_position for block in blocks_from(log.segments, 1, through=3))
    assert read == list(range(1, damaged + 1))


def test_sealed_segments_state_what_they_hold(tmp_path: Path) -> None:
    """Each full segment has a manifest with dense positions; sealing it again gives the same."""
    log = LogUnderTest(tmp_path, segment_events_max=2)
    fill(log, *"abcde")
    manifests = [load_manifest(segment) for segment in segments(log.segments)]
    ranges = [(m.first_position, m.last_position) for m in manifests if m]
    assert ranges == [(1, 2), (3, 4)]
    assert seal_segment(segments(log.segments)[0]) == manifests[0]


def test_a_changed_event_changes_the_segment(tmp_path: Path) -> None:
    """A sealed segment with a changed byte does not verify."""
    log = LogUnderTest(tmp_path, segment_events_max=2)
    fill(log, *"abc")
    first = segments(log.segments)[0]
    content = bytearray(first.read_bytes())
    content[-1] ^= 1
    first.write_bytes(content)
    with pytest.raises(LogDamaged):
        seal_segment(first)


def test_no_room_loses_nothing_and_the_log_goes_on(tmp_path: Path) -> None:
    """When the device is full an append fails whole; with room again the next one succeeds."""
    log = LogUnderTest(tmp_path)
    fill(log, "a")
    size = log.log.open_segment.stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40, hard))
    try:
        with pytest.raises(LogFull, match="make room"):
            fill(log, "b")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert log.log.open_segment.stat().st_size == size
    fill(log, "b", "c")
    log.reopen()
    assert ids_in(log) == ["a", "b", "c"]


@pytest.mark.parametrize("bytes_max", [10, 250], ids=["manifest", "identities"])
def test_no_room_to_seal_a_segment_loses_nothing(tmp_path: Path, bytes_max: int) -> None:
    """Where what belongs to a full segment cannot be written, the log takes no harm and goes on."""
    log = LogUnderTest(tmp_path, segment_events_max=10)
    fill(log, *"abcdefghij")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, hard))
    try:
        for _ in range(2):
            with pytest.raises(LogFull, match="make room"):
                fill(log, "k")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    fill(log, *"klmnopqrstuvwxyz")
    repeats = log.append(parsed(*(event(letter) for letter in "abklz")))
    assert repeats[0].duplicate == 5
    log.reopen()
    assert ids_in(log) == list("abcdefghijklmnopqrstuvwxyz")
    assert len(log.identities) == 26


def test_a_segment_that_cannot_be_begun_leaves_the_one_before_as_it_is(tmp_path: Path) -> None:
    """What was closed is never written to: its descriptor may be another file's by then."""
    log = LogUnderTest(tmp_path, segment_events_max=2)
    fill(log, "a", "b")
    in_the_way = log.segments / f"{3:020d}.seg"
    in_the_way.mkdir()
    stranger = os.open(tmp_path / "stranger", os.O_RDWR | os.O_CREAT)
    for _ in range(2):
        with pytest.raises(LogFull):
            fill(log, "c")
    os.close(stranger)
    in_the_way.rmdir()
    others = [os.open(tmp_path / f"other-{n}", os.O_RDWR | os.O_CREAT) for n in range(4)]
    fill(log, "c")
    assert [os.fstat(other).st_size for other in others] == [0, 0, 0, 0]
    log.reopen()
    assert ids_in(log) == ["a", "b", "c"]


def test_after_a_failed_sync_nothing_is_taken_until_it_is_opened_again(tmp_path: Path) -> None:
    """A failed sync leaves the disk unknown: the log refuses, and recovery tells what is there."""
    broken: list[bool] = []

    def sync(descriptor: int) -> None:
        if broken:
            raise OSError(5, "Input/output error")
        os.fdatasync(descriptor)

    log = SegmentLog(tmp_path, sync=sync)
    part = parsed(event("a"))[0]
    log.append(part.batch, part.keys[0].tobytes() + bytes(8))
    assert not log.failure
    broken.append(True)
    for _ in range(2):
        with pytest.raises(EngineUnavailable, match="restart the owner"):
            log.append(part.batch, part.keys[0].tobytes() + bytes(8))
        broken.clear()
    assert "restart the owner" in log.failure


_PRODUCER = """
import os, sys
from pathlib import Path
from tallystick.storage.log import SegmentLog
from tests.ingest.batches import event, parsed
sync = os.fdatasync if sys.argv[2] == "synced" else (lambda descriptor: None)
log = SegmentLog(Path(sys.argv[1]), sync=sync, segment_events_max=3)
for number in range(8):
    part = parsed(event(str(number)))[0]
    log.append(part.batch, part.keys[0].tobytes() + bytes(8))
    print(number, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize(("mode", "lost"), [("synced", 0), ("unsynced", 8)])
def test_power_loss_keeps_what_was_acknowledged(tmp_path: Path, mode: str, lost: int) -> None:
    """
    With every unsynced write dropped, each acknowledged event is there.

    The writes of a real process are watched from outside; what no sync covered is thrown away. The
    same without syncs must lose events, or this test could not fail.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler (cc) to build the library that drops unsynced writes")
    library = tmp_path / "power.so"
    source = Path(__file__).parent / "power_loss.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    disk, survived = tmp_path / "disk", tmp_path / "survived"
    survived.mkdir()
    disk.mkdir()
    environment = os.environ | {
        "LD_PRELOAD": str(library),
        "POWER_LOSS_DISK": str(disk),
        "POWER_LOSS_SURVIVED": str(survived),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_PRODUCER), str(disk), mode],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    acknowledged = run.stdout.split()
    assert len(acknowledged) == 8, run.stderr
    log = SegmentLog(survived)
    assert log.last_position == 8 - lost
