"""
`make bench`: run the rows and print the table.

ARGS="ingest rating" chooses groups, ARGS="--scale 4" grows the number of events.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.identity import measure_identity
from bench.ingest import measure_ingest
from bench.installation import running
from bench.rating import measure_rating
from bench.rows import Row
from bench.usage import measure_cold_start, measure_usage

GROUPS = ("rating", "identity", "ingest", "usage", "cold-start")


def main() -> None:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("groups", nargs="*", help=f"of {', '.join(GROUPS)}; all, unless named")
    parser.add_argument("--scale", type=int, default=1, help="multiply the number of events")
    chosen = parser.parse_args()
    if unknown := set(chosen.groups) - set(GROUPS):
        parser.error(f"no such group: {', '.join(sorted(unknown))}; known are {', '.join(GROUPS)}")
    console = Console(width=160)
    table = Table("work", "figure", "rival in the same run", "ratio", "note", title="Tallystick")
    for group in chosen.groups or GROUPS:
        with console.status(f"measuring {group}"):
            for row in _measure(group, chosen.scale):
                table.add_row(row.work, row.figure, row.rival, row.ratio, row.note)
    console.print(table)


def _measure(group: str, scale: int) -> Iterator[Row]:
    if group == "rating":
        yield from measure_rating()
    elif group == "identity":
        yield from measure_identity(scale=scale)
    elif group == "cold-start":
        folder = Path(tempfile.mkdtemp(prefix="tallystick-bench-"))
        try:
            yield from measure_cold_start(folder)
        finally:
            shutil.rmtree(folder)
    else:
        with running() as server:
            measure = measure_ingest if group == "ingest" else measure_usage
            yield from measure(server, scale=scale)


if __name__ == "__main__":
    main()
