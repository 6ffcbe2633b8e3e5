"""`make prove`: one row for each break, and an exit code that says whether all were caught."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.prove.breaks import GUARANTEES, Break, UnfitBreak, read_breaks
from tests.prove.trial import Trial, Verdict, copied_project, run_tests, with_break

ROOT = Path(__file__).resolve().parents[2]
_SHOWN = {
    Verdict.FAILED: "[green]caught[/]",
    Verdict.PASSED: "[red]not noticed[/]",
    Verdict.UNFIT: "[red]no proof[/]",
}


def main() -> int:
    """Run the whole harness; 0 when every guarantee has a break and every break was caught."""
    parser = argparse.ArgumentParser(prog="make prove", description=__doc__)
    parser.add_argument("-g", "--guarantee", type=int, action="append", help="only these numbers")
    only = parser.parse_args().guarantee
    console = Console()
    breaks = [
        one
        for one in read_breaks(Path(__file__).with_name("breaks.toml"))
        if not only or one.guarantee in only
    ]
    missing = sorted(set(only or GUARANTEES) - {one.guarantee for one in breaks})
    with copied_project(ROOT) as project:
        sound = _sound(console, project, breaks)
        results = [(one, *_try(console, project, one)) for one in breaks] if sound else []
    console.print(_table(results))
    for number in missing:
        console.print(f"[red]guarantee {number} has no break: {GUARANTEES.get(number, '?')}[/]")
    caught = sum(trial.verdict is Verdict.FAILED for _, trial, _ in results)
    console.print(f"{caught} of {len(breaks)} breaks caught")
    return 0 if sound and caught == len(breaks) and not missing else 1


def _sound(console: Console, project: Path, breaks: Sequence[Break]) -> bool:
    """Without a break, every named test passes."""
    tests = sorted({one.test for one in breaks})
    console.print(f"The {len(tests)} tests, nothing broken:")
    trial = run_tests(project, tests) if tests else Trial(verdict=Verdict.UNFIT, output="")
    console.print(trial.output, markup=False, highlight=False)
    return trial.verdict is Verdict.PASSED


def _try(console: Console, project: Path, one: Break) -> tuple[Trial, float]:
    started = time.monotonic()
    try:
        with with_break(project, one):
            trial = run_tests(project, [one.test])
    except (UnfitBreak, OSError, SyntaxError) as error:
        trial = Trial(verdict=Verdict.UNFIT, output=str(error))
    console.print(f"{one.guarantee}. {one.name}: {_SHOWN[trial.verdict]}")
    if trial.complaint:
        console.print(f"   {trial.complaint}", markup=False, highlight=False, style="dim")
    if trial.verdict is not Verdict.FAILED:
        console.print(trial.output, markup=False, highlight=False)
    return trial, time.monotonic() - started


def _table(results: Sequence[tuple[Break, Trial, float]]) -> Table:
    table = Table(title="Guarantees, each broken on purpose", title_justify="left")
    table.add_column("break, and the test that must notice")
    table.add_column("verdict")
    table.add_column("seconds", justify="right")
    shown = 0
    for one, trial, seconds in results:
        if one.guarantee != shown:
            table.add_section()
            table.add_row(f"[bold]{one.guarantee}. {GUARANTEES.get(one.guarantee, '?')}[/]")
            shown = one.guarantee
        test = escape(one.test.rpartition("::")[2])
        table.add_row(f"{one.name}\n[dim]{test}[/]", _SHOWN[trial.verdict], f"{seconds:.1f}")
    return table


if __name__ == "__main__":
    sys.exit(main())
