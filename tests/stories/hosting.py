"""
A small hosting company with two customers, whose January can be computed by hand.

    northwind   vm-a, 2 cores from January 1, 4 from January 11, 1 from January 21; a sample holds
                ten days, so January 31 and February 1 and 2 are a gap; it ends on February 3
                10 x 24 x 2 + 10 x 24 x 4 + 10 x 24 x 1 = 1,680 core-hours
                1,000 at 0.05 and 680 at 0.04                            = 77.20
                3.8 GB sent, one of them free, 2.8 at 0.09 = 0.252       =  0.25
                3 requests are two started packages of 2 at 0.50         =  1.00
                the fee for February                                     = 10.00
                                                                   total   88.45
    southwind   vm-b, 8 cores from January 16, noon, to its end at midnight: 96 core-hours
                96 at 0.05                                               =  4.80
                1,200 bytes are within the free GB                       =  0.00
                2 requests, one of them on February 1 of another zone    =  0.50
                the fee for February                                     = 10.00
                                                                   total   15.30

Each has paid 10.00 for January on a document of its own before.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tallystick
from tallystick.kernel import instant
from tests.stories.installation import Installation, Story

INPUTS = Path(__file__).parent / "inputs"
MAPPINGS = Path(tallystick.__file__).parent / "samples" / "mappings"
FEBRUARY, MARCH, APRIL = "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"

Sample = tuple[str, str, int]
SAMPLES: Sequence[Sample] = (
    ("a", "2026-01-01T00:00:00Z", 2),
    ("a", "2026-01-11T00:00:00Z", 4),
    ("a", "2026-01-21T00:00:00Z", 1),
    ("b", "2026-01-16T12:00:00Z", 8),
)


def import_machines(story: Story, samples: Sequence[Sample], folder: Path) -> dict[str, Any]:
    """Import samples of machines as the Parquet file that a monitoring system would export."""
    file = folder / "trace.parquet"
    rows = [
        {"id": machine, "timestamp": instant(at), "cpu_count": cores, "cpu_usage": 0.25}
        for machine, at, cores in samples
    ]
    pq.write_table(pa.Table.from_pylist(rows), file)
    return story.bring_in(file, MAPPINGS / "vm-levels.yaml")


def import_requests(story: Story) -> dict[str, Any]:
    """Import the access log."""
    return story.bring_in(INPUTS / "access_log", MAPPINGS / "access-log.yaml")


def line(invoice: dict[str, Any], price: str) -> dict[str, Any]:
    """Return the one line of a price."""
    (found,) = (line for line in invoice["lines"] if line["price"] == price)
    chosen: dict[str, Any] = found
    return chosen


def of_account(documents: Sequence[dict[str, Any]], account: str) -> list[dict[str, Any]]:
    """Return the documents of an account, in the order of their numbers."""
    return [document for document in documents if document["account"] == account]


@pytest.fixture(scope="session")
def january(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Story, list[dict[str, Any]]]:
    """Lend the company after January was billed, with the documents; the owner was restarted."""
    story = installation.story("january")
    story.apply(INPUTS / "catalog.yaml")
    import_machines(story, SAMPLES, tmp_path_factory.mktemp("january"))
    installation.restart()
    import_requests(story)
    return story, [story.invoice(each) for each in story.bill(FEBRUARY)]
