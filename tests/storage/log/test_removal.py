"""Content is taken out of sealed segments, each whole or not at all; what was promised stays."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tallystick.app.retention import HeldTime, Removal
from tallystick.app.segments import LogDamaged
from tallystick.kernel import WorkspaceId, instant
from tallystick.metering import event_digest
from tallystick.storage.log import (
    blocks_from,
    is_broken_off,
    load_manifest,
    read_events,
    remove_content,
    rows_to_remove,
    scan_segment,
    segments,
)
from tallystick.storage.log.block import Block
from tests.ingest.batches import LogUnderTest, event, parsed

JULY = instant("2026-07-01T00:00:00Z")
REMOVAL = Removal(
    id="r",
    workspace=WorkspaceId("live"),
    event_type="api.request",
    before=JULY,
    through=100,
)


def filled(directory: Path, *ids: str) -> LogUnderTest:
    """Return a log with one segment for each two events, all sealed."""
    log = LogUnderTest(directory, segment_events_max=2)
    for event_id in ids:
        log.append(parsed(event(event_id)))
    log.log.seal_open()
    return log


def remove(log: LogUnderTest, removal: Removal = REMOVAL) -> int:
    """Take content out of every sealed segment."""
    return sum(
        remove_content(segment, lambda block: rows_to_remove(block, removal))
        for segment in segments(log.segments)
    )


def standing(log: LogUnderTest) -> list[str]:
    """Return the ids that still count."""
    types = frozenset({"api.request"})
    through = log.log.last_position
    read = read_events(log.segments, workspace="live", types=types, subjects=None, through=through)
    return [found.id for found in read]


def test_position_identity_and_digest_stay(tmp_path: Path) -> None:
    """A removed event keeps its position; its repeat is a duplicate, another content a conflict."""
    log = filled(tmp_path, *"abc")
    first = log.event_at(1)
    assert first is not None
    assert remove(log, replace(REMOVAL, kept=(2,))) == 2
    assert standing(log) == ["b"]
    gone = log.event_at(1)
    assert gone is not None
    assert (gone.position, gone.source, gone.used_at) == (1, first.source, first.used_at)
    assert event_digest(first).hex() in gone.data
    assert '"value"' not in gone.data
    for _ in range(2):
        (report,) = log.append(parsed(event("a"), event("b"), event("c", data={"value": 2})))
        assert (report.accepted, report.duplicate, report.conflict) == (0, 2, 1)
        shutil.rmtree(log.directory / "identities")
        log.reopen()


def test_blocks_and_manifests_agree_afterwards(tmp_path: Path) -> None:
    """The rewritten segments scan whole; the manifest names the digest now and those before."""
    log = filled(tmp_path, *"abcd")
    before = [load_manifest(each) for each in segments(log.segments)[:-1]]
    assert remove(log, replace(REMOVAL, kept=(3, 4))) == 2
    assert remove(log, replace(REMOVAL, kept=(3, 4))) == 0
    after = [load_manifest(each) for each in segments(log.segments)[:-1]]
    assert before[1] == after[1]
    old, new = before[0], after[0]
    assert old is not None
    assert new is not None
    assert (new.replaced, new.sealed_digest, new.count) == ((old.digest,), old.digest, old.count)
    assert scan_segment(segments(log.segments)[0]).end == new.size_bytes
    assert [block.first_position for block in blocks_from(log.segments, 1)] == [1, 2, 3, 4]


class Crash(Exception):
    """Where a process ends."""


def test_broken_off_before_the_manifest_nothing_happened(tmp_path: Path) -> None:
    """A new file without its manifest is thrown away at the next start, torn or whole."""
    log = filled(tmp_path, *"ab")
    segment = segments(log.segments)[0]

    def ends_late(block: Block) -> list[int]:
        if segment.with_name(f"{segment.name}.new").exists() and block.first_position > 1:
            raise Crash
        return rows_to_remove(block, REMOVAL)

    with pytest.raises(Crash):
        remove_content(segment, ends_late)
    assert list(log.segments.glob("*.new"))
    log.reopen()
    assert not list(log.segments.glob("*.new"))
    assert standing(log) == ["a", "b"]
    assert remove(log) == 2


def test_broken_off_behind_the_manifest_it_is_made_up_for(tmp_path: Path) -> None:
    """Once the manifest names the new file, the next start puts it in place."""
    log = filled(tmp_path / "log", *"ab")
    log.close()  # nothing is written in the background while it is copied
    shutil.copytree(tmp_path / "log", tmp_path / "copy")
    log = LogUnderTest(tmp_path / "log", segment_events_max=2)
    assert remove(log) == 2
    log.close()
    (segment, *_), copied = segments(log.segments), tmp_path / "copy" / "segments"
    shutil.copy(segment, copied / f"{segment.name}.new")
    shutil.copy(segment.with_suffix(".sealed"), copied)
    again = LogUnderTest(tmp_path / "copy", segment_events_max=2)
    assert standing(again) == []
    assert not list(copied.glob("*.new"))
    assert scan_segment(copied / segment.name).end == segment.stat().st_size
    (report,) = again.append(parsed(event("a")))
    assert report.duplicate == 1
    again.close()


@pytest.mark.parametrize("removal", [REMOVAL, replace(REMOVAL, kept=(1,))], ids=["all", "last"])
def test_a_damaged_segment_is_left_as_it_is(tmp_path: Path, removal: Removal) -> None:
    """Where a block is not whole nothing is written anew: what follows it would be lost."""
    log = filled(tmp_path, *"ab")
    segment = segments(log.segments)[0]
    content = segment.read_bytes()
    damaged = content[:-1] + bytes([content[-1] ^ 1])
    segment.write_bytes(damaged)
    with pytest.raises(LogDamaged):
        remove(log, removal)
    assert segment.read_bytes() == damaged
    assert not is_broken_off(log.segments)


def test_holds_and_bounds_are_kept_to(tmp_path: Path) -> None:
    """Held subjects, other types and workspaces, later uses and positions stay."""
    log = LogUnderTest(tmp_path)
    log.append(
        parsed(
            event("gone"),
            event("held", subject="vm-1"),
            event("free", subject="vm-1", time="2026-06-01T00:00:00Z"),
            event("other", type="job"),
        )
    )
    log.append(parsed(event("beyond")))
    log.log.seal_open()
    held = HeldTime(subjects=("vm-1",), start=instant("2026-06-02T00:00:00Z"), end=JULY)
    bounds = replace(REMOVAL, held=(held,), through=4)
    foreign = replace(bounds, workspace=WorkspaceId("test"))
    assert remove(log, foreign) == 0
    assert remove(log, replace(bounds, before=instant("2026-05-01T00:00:00Z"))) == 0
    assert remove(log, bounds) == 2
    assert standing(log) == ["held", "beyond"]
