"""Real usage as events: what each column of the files means to a meter."""

import gzip
import re
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from tallystick.kernel import SubjectSpan
from tallystick.metering import Event

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
_LOG_LINE = re.compile(r'(\S+) \S+ \S+ \[([^\]]+)\] "(.*?)" (\d{3}) (\d+|-)')
_ROOT_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)


def data_file(name: str) -> Path:
    """Return a file of the shared data; skip the test where it is absent."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"../shared/data/{name} is absent")
    return path


def vm_levels() -> tuple[list[Event], tuple[SubjectSpan, ...]]:
    """
    Return the samples of 50 virtual machines as levels, and the time each lived.

    `timestamp` is the instant at which a sample was taken, and the level it reports holds from
    there on: the first sample begins the bill, the next one ends it, and `stop_time` of the
    metadata ends the resource. (`duration` reaches back from the sample and is not needed.)
    """
    samples = pq.read_table(data_file("bitbrains/trace.parquet")).to_pylist()
    machines = pq.read_table(data_file("bitbrains/meta.parquet")).to_pylist()
    events = _events(
        (str(number), sample["id"], sample["timestamp"], {"cores": sample["cpu_count"]})
        for number, sample in enumerate(samples)
    )
    spans = tuple(
        SubjectSpan(subject=one["id"], start=None, end=one["stop_time"].astimezone(UTC))
        for one in machines
    )
    return events, spans


def web_requests() -> list[Event]:
    """Return the lines of an access log: the client is the subject, `-` bytes are none sent."""
    with gzip.open(data_file("weblogs/apache_logs.gz"), "rt", encoding="utf-8") as lines:
        matches = [_LOG_LINE.match(line) for line in lines]
    return _events(
        (
            str(number),
            match[1],
            datetime.strptime(match[2], "%d/%b/%Y:%H:%M:%S %z"),
            {"bytes": 0 if match[5] == "-" else int(match[5]), "status": match[4]},
        )
        for number, match in enumerate(matches)
        if match is not None
    )


def batch_jobs() -> tuple[list[Event], list[Event]]:
    """
    Return the jobs of an accounting log, as sums and as levels.

    As a sum, one event at the job's end carries run time x processors. As a level, the job is the
    subject and holds its processors from its start until 0 at its end.
    """
    with zipfile.ZipFile(data_file("jobs/NASA-iPSC-1993-3.1-cln.swf.zip")) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    jobs = [
        [int(cell) for cell in line.split()[:5]] for line in text.splitlines() if line[:1] != ";"
    ]
    sums = _events(
        (str(job), f"job-{job}", _after(submitted + ran), {"node_seconds": ran * nodes})
        for job, submitted, _waited, ran, nodes in jobs
    )
    levels = _events(
        (f"{job}-{kind}", f"job-{job}", _after(moment), {"nodes": level})
        for job, submitted, _waited, ran, nodes in jobs
        for kind, moment, level in (("1", submitted, nodes), ("2", submitted + ran, 0))
    )
    return sums, levels


def _after(seconds: int) -> datetime:
    return _ROOT_INSTANT + timedelta(seconds=seconds)


def _events(rows: Iterable[tuple[str, str, datetime, dict[str, Any]]]) -> list[Event]:
    return [
        Event(
            workspace="w",
            source="file",
            id=id_,
            type="t",
            subject=subject,
            used_at=used_at.astimezone(UTC),
            received_at=used_at.astimezone(UTC),
            # A job of no seconds starts and ends at one instant.
            sequence=id_.rpartition("-")[2] if "-" in id_ else "",
            data=msgspec.json.encode(members).decode(),
            position=number,
        )
        for number, (id_, subject, used_at, members) in enumerate(rows, 1)
    ]
