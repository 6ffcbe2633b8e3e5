"""
What commands say: JSON for programs, tables for people, progress beside both.

Standard output carries the answer and nothing else. Notes, progress and problems go to standard
error; progress bars only where that is a terminal.
"""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column, Table
from rich.text import Text

from tallystick.kernel import Problem

WIDTH_PIPED = 10_000
WIDTH_OF_BARS = 60
"""Of a terminal that has room for a bar beside its figures."""
PLACE = re.compile(r"\S+:\d+:\d+ ")
"""A message that begins with file, line and column needs no other place."""

_encoder = msgspec.json.Encoder(decimal_format="string", order="deterministic")


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """
    How the answer is written.

    Attributes:
        json: for programs.
    """

    json: Annotated[bool, Parameter(negative=(), help="Write the answer as JSON.")] = False

    def answer(self, document: object, *shown: Table | str) -> None:
        """Write the answer: the document as JSON, or what is shown to people."""
        if self.json:
            write_json(document)
            return
        console = answer_console()
        for each in shown:
            if isinstance(each, str):
                console.print(each, highlight=False, markup=False, soft_wrap=True)
            else:
                console.print(each)


TEXT = Output()
"""For people, as it is unless asked otherwise."""


def answer_console() -> Console:
    """Return a console on standard output; where that is no terminal, lines are never folded."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH_PIPED)


def write_json(document: object) -> None:
    sys.stdout.write(msgspec.json.format(_encoder.encode(document), indent=2).decode() + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Return a table; columns whose name ends in `#` hold numbers and are set right."""
    made = Table(title=title or None, title_justify="left", header_style="bold", box=None)
    for column in columns:
        right = column.endswith("#")
        made.add_column(column.rstrip("#"), justify="right" if right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text("" if each is None else str(each)) for each in row))
    return made


def item_table(title: str, items: Sequence[Mapping[str, object]], columns: Sequence[str]) -> Table:
    """Return a table of JSON objects, showing the named members."""
    rows = [[item.get(column.rstrip("#")) for column in columns] for item in items]
    return table(title, columns, rows)


def note(text: str) -> None:
    """Say something beside the answer."""
    Console(stderr=True).print(text, highlight=False, markup=False, soft_wrap=True)


def tell_problems(problems: Iterable[Problem], *, as_json: bool) -> None:
    """Say why a command failed: on standard error, or as the JSON answer that was asked for."""
    listed = tuple(problems)
    if as_json:
        write_json({"problems": [msgspec.structs.asdict(_wire(each)) for each in listed]})
        return
    console = Console(stderr=True)
    for problem in listed:
        placed = PLACE.match(problem.message) or not problem.field
        where = "" if placed else f"{problem.field}: "
        line = Text("error: ", style="bold red").append(
            f"{where}{problem.message}", style="not bold default"
        )
        console.print(line, soft_wrap=True)


class _Name(ProgressColumn):
    """What is done; it gives way to the figures where a terminal is narrow."""

    def render(self, task: Task) -> Text:
        return Text(task.description, no_wrap=True, overflow="ellipsis")


def progress_bar(console: Console | None = None) -> Progress:
    """
    Return a progress display on standard error; it stays silent where that is no terminal.

    A narrow terminal shows figures and no bar.
    """
    console = console or Console(stderr=True)
    drawn = (BarColumn(), TimeElapsedColumn(Column(no_wrap=True)))
    bar, elapsed = ([each] if console.width >= WIDTH_OF_BARS else [] for each in drawn)
    return Progress(
        _Name(),
        *bar,
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        *elapsed,
        TextColumn("{task.fields[said]}"),
        console=console,
        disable=not console.is_terminal,
    )


class _WireProblem(msgspec.Struct, kw_only=True):
    code: str
    message: str
    field: str


def _wire(problem: Problem) -> _WireProblem:
    return _WireProblem(code=problem.code, message=problem.message, field=problem.field)
