"""Real logs that nobody here wrote give the totals that are known of them."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

import tallystick
from tallystick.integrations.files import FileEvents, event_file, load_mapping
from tallystick.kernel import Done

SHARED = Path(__file__).parents[4] / "shared" / "data"
SAMPLES = Path(tallystick.__file__).parent / "samples" / "mappings"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is absent"),
]


class _Numbers(msgspec.Struct):
    bytes: Decimal = Decimal(0)
    node_seconds: Decimal = Decimal(0)
    cpu_count: Decimal = Decimal(0)


def _events(name: str, mapping: str) -> Iterator[FileEvents]:
    outcome = load_mapping(SAMPLES / f"{mapping}.yaml")
    assert isinstance(outcome, Done)
    for part in event_file(SHARED / name, outcome.value).parts():
        assert isinstance(part, FileEvents)
        assert not part.problems
        yield part


def _total(name: str, mapping: str) -> tuple[int, int, _Numbers]:
    total = _Numbers()
    subjects: set[str] = set()
    ids: set[str] = set()
    for part in _events(name, mapping):
        subjects.update(part.table.column("subject").to_pylist())
        ids.update(part.table.column("id").to_pylist())
        for text in part.table.column("data").to_pylist():
            numbers = msgspec.json.decode(text, type=_Numbers)
            total.bytes += numbers.bytes
            total.node_seconds += numbers.node_seconds
            total.cpu_count += numbers.cpu_count
    return len(ids), len(subjects), total


def test_access_log() -> None:
    """10,000 requests of 1,753 clients, 2,747,282,740 bytes."""
    events, clients, total = _total("weblogs/apache_logs.gz", "access-log")
    assert (events, clients, total.bytes) == (10_000, 1_753, Decimal(2_747_282_740))


def test_job_log() -> None:
    """18,239 jobs of 69 users, 474,238,015 node-seconds."""
    name = "jobs/NASA-iPSC-1993-3.1-cln.swf.zip"
    events, users, total = _total(name, "batch-jobs-nasa-ipsc")
    assert (events, users, total.node_seconds) == (18_239, 69, Decimal(474_238_015))


def test_vm_trace() -> None:
    """276,979 samples of 50 machines, none of which shares a name with another."""
    events, machines, _ = _total("bitbrains/trace.parquet", "vm-levels")
    assert (events, machines) == (276_979, 50)


def test_a_semicolon_file_whose_header_is_padded() -> None:
    """The export of one machine, `;` and a tab between columns, reads with its own names."""
    path = SHARED / "bitbrains" / "bitbrains_vm_full_metrics.csv"
    outcome = load_mapping(SAMPLES / "vm-metrics.yaml")
    assert isinstance(outcome, Done)
    parts = list(event_file(path, outcome.value).parts())
    assert sum(part.table.num_rows for part in parts if isinstance(part, FileEvents)) == 8_619
