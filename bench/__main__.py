"""
`make bench`: run the rows and print the table.

ARGS="ingest rating" chooses groups. ARGS="--scale 4" grows what is sent, ARGS="--stored 10" asks
questions of so many million events, and with `--folder DIR` they are kept there: built once, for
several groups and runs.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.status import Status
from rich.table import Table

from bench.alerts import measure_alerts
from bench.billing import measure_billing
from bench.cold_start import measure_cold_start
from bench.documents import measure_documents
from bench.freshness import measure_freshness
from bench.identity import measure_identity
from bench.imports import measure_imports
from bench.ingest import measure_ingest
from bench.installation import running
from bench.leased import measure_leased
from bench.quotas import measure_quotas
from bench.rating import measure_rating
from bench.rows import Row
from bench.stored import Say, Stored
from bench.usage import measure_usage

GROUPS = (
    "rating",
    "documents",
    "identity",
    "ingest",
    "billing",
    "quotas",
    "leased",
    "alerts",
    "usage",
    "freshness",
    "import",
    "cold-start",
)
"""In this order: the curve of `usage` is taken while the stored events come in."""
MILLION = 1_000_000
LINE_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """What was asked for: how much is sent, how much is stored, and where."""

    scale: int
    stored: int
    folder: Path
    say: Say

    def rows(self, group: str) -> Iterator[Row]:
        """Measure one group."""
        if group == "rating":
            yield from measure_rating()
        elif group == "documents":
            yield from measure_documents()
        elif group == "identity":
            yield from measure_identity(scale=self.scale)
        elif group == "ingest":
            with running() as server:
                yield from measure_ingest(server, scale=self.scale)
        elif group == "billing":
            with running() as server:
                yield from measure_billing(server, scale=self.scale, say=self.say)
        elif group == "quotas":
            with running() as server:
                yield from measure_quotas(server, scale=self.scale)
        elif group == "leased":
            with running() as server:
                yield from measure_leased(server)
        elif group == "alerts":
            with running() as server:
                yield from measure_alerts(server)
        elif group == "cold-start":
            yield from measure_cold_start(self.folder, events=self.stored, say=self.say)
        else:
            yield from self._of_stored(group)

    def _of_stored(self, group: str) -> Iterator[Row]:
        with running(self.folder) as server, Stored(server, self.stored, say=self.say) as stored:
            if group == "usage":
                yield from measure_usage(stored)
                return
            stored.fill(self.stored)
            if group == "freshness":
                yield from measure_freshness(stored)
            else:
                yield from measure_imports(stored, rows=MILLION * self.scale)


def main() -> None:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("groups", nargs="*", help=f"of {', '.join(GROUPS)}; all, unless named")
    parser.add_argument("--scale", type=int, default=1, help="multiply the number of events sent")
    parser.add_argument("--stored", type=float, default=1, help="million events that are there")
    parser.add_argument("--folder", type=Path, help="keep the stored events in this folder")
    chosen = parser.parse_args()
    if unknown := set(chosen.groups) - set(GROUPS):
        parser.error(f"no such group: {', '.join(sorted(unknown))}; known are {', '.join(GROUPS)}")
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="tallystick-bench-"))
    try:
        _print(chosen, folder)
    finally:
        if chosen.folder is None:
            shutil.rmtree(folder)


def _print(chosen: argparse.Namespace, folder: Path) -> None:
    console = Console(width=190)
    table = Table("work", "figure", "rival in the same run", "ratio", "note", title="Tallystick")
    for group in chosen.groups or GROUPS:
        with console.status(f"measuring {group}") as status:
            bench = _Bench(
                scale=chosen.scale,
                stored=int(chosen.stored * MILLION),
                folder=folder,
                say=_sayer(group, console, status),
            )
            for row in bench.rows(group):
                cells = (row.work, row.figure, row.rival, row.ratio, row.note)
                table.add_row(*cells)
                if not console.is_terminal:  # what is broken off has told what it measured
                    print(*cells, sep=" | ", file=sys.stderr, flush=True)
    console.print(table)


def _sayer(group: str, console: Console, status: Status) -> Say:
    """Return what tells how far a group is: in place on a terminal, else now and then a line."""
    said = 0.0

    def say(text: str) -> None:
        nonlocal said
        status.update(f"{group}: {text}")
        if not console.is_terminal and time.monotonic() - said >= LINE_SECONDS:
            said = time.monotonic()
            print(f"{time.strftime('%H:%M:%S')} {group}: {text}", file=sys.stderr, flush=True)

    return say


if __name__ == "__main__":
    main()
