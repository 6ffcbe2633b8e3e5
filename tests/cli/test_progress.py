"""The bar of what takes long: its figures are whole on any terminal, and end where the work did."""

from io import StringIO

import pytest
from rich.console import Console
from rich.text import Text

from tallystick.cli.invoices.following import show_ended
from tallystick.cli.output import progress_bar


def shown(width: int, *, ended: bool) -> str:
    """Return the last line of a bar that stood at 7,500 of 10,000 on a terminal of a width."""
    out = StringIO()
    console = Console(file=out, width=width, force_terminal=True, _environ={"TERM": "xterm"})
    with progress_bar(console) as bar:
        task = bar.add_task("billing", total=None, said="")
        bar.update(task, completed=7_500, total=10_000, said="15000 issued, 3 parked")
        if ended:
            report = {"accounts": 10_000, "issued": ["inv"] * 20_000, "parked": [{}]}
            show_ended(bar, task, report)
    lines = Text.from_ansi(out.getvalue()).plain.splitlines()
    return [line for line in lines if line.strip()][-1]


@pytest.mark.parametrize("width", [40, 59, 60, 80])
def test_figures_are_whole(width: int) -> None:
    """A narrow terminal cuts the name and leaves out the bar, never a digit."""
    line = shown(width, ended=False)
    assert len(line) <= width
    assert " 7500/10000 " in line
    assert "15000 issued, 3 parked" in line
    assert ("━" in line) == (width >= 60)


def test_the_bar_ends_where_the_run_did() -> None:
    """What stands when the run has ended is its own answer, not what was last asked for."""
    line = shown(80, ended=True)
    assert " 10000/10000 " in line
    assert "20000 issued, 1 parked" in line
