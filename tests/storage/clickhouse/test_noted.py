"""What the writer notes of the blocks that it writes."""

import pyarrow as pa

from tallystick.kernel import WorkspaceId
from tallystick.storage.clickhouse.noted import WrittenTypes

A, B = WorkspaceId("a"), WorkspaceId("b")


def _block(first: int, *kinds: tuple[str, str]) -> pa.Table:
    return pa.table(
        {
            "position": range(first, first + len(kinds)),
            "workspace": [workspace for workspace, _ in kinds],
            "type": [event_type for _, event_type in kinds],
        }
    )


def test_each_type_of_a_workspace_by_itself() -> None:
    """What comes for another workspace, or of another type, changes nothing."""
    written = WrittenTypes()
    written.note(_block(1, ("a", "t"), ("b", "t"), ("a", "u")))
    written.note(_block(4, ("a", "t"), ("a", "t")))
    assert [written.last(A, "t"), written.last(B, "t")] == [5, 3]
    assert [written.last(A, "u"), written.last(A, "v")] == [3, 0]


def test_a_correction_may_concern_any_type() -> None:
    """It says so in a row of another type than that of the event which it corrects."""
    written = WrittenTypes()
    written.note(_block(1, ("a", "tallystick.void"), ("b", "t")), changed={"a"})
    assert [written.last(A, "t"), written.last(B, "u")] == [2, 0]


def test_memory_is_bounded() -> None:
    """Who invents types makes everybody ask once more, and nothing else."""
    written = WrittenTypes(kinds_max=3)
    written.note(_block(1, ("a", "1"), ("a", "2"), ("a", "3")))
    assert written.last(B, "t") == 0
    written.note(_block(4, ("a", "4")))
    assert [written.last(B, "t"), written.last(A, "1"), written.last(A, "4")] == [4, 4, 4]
    written.note(_block(5, ("a", "5")))
    assert [written.last(B, "t"), written.last(A, "5")] == [4, 5]
