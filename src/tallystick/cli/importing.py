"""
`tallystick import`: usage from files.

The files go to the server part by part; what the server counts, knows already or refuses is summed
up, with file and row for what was not counted. Importing again is safe: events have identities.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.progress import Progress, TaskID

from tallystick.cli.connection import HERE, Session
from tallystick.cli.exits import Exit, Refusal
from tallystick.cli.output import Output, note, progress_bar, table
from tallystick.client import (
    Batch,
    BatchAnswer,
    Client,
    EventAnswer,
    SendReport,
    arrow_batches,
    line_batch,
)
from tallystick.integrations.files import (
    EventFile,
    EventLines,
    FileMapping,
    Part,
    RowProblem,
    event_file,
    load_mapping,
)
from tallystick.kernel import Problem, Refused

PROBLEMS_MAX = 100


@dataclass(slots=True, kw_only=True)
class ImportSum:
    """What became of the rows of all files."""

    report: SendReport = field(default_factory=SendReport)
    unreadable: int = 0
    problems: list[RowProblem] = field(default_factory=list)

    def note_rows(self, problems: tuple[RowProblem, ...]) -> None:
        self.unreadable += len(problems)
        self.problems += problems[: PROBLEMS_MAX - len(self.problems)]

    def note_batch(self, answer: BatchAnswer, rows: list[int], file: str) -> None:
        self.report = self.report.with_batch(answer)
        for each in answer.results:
            if each.status in {"conflict", "rejected"} and len(self.problems) < PROBLEMS_MAX:
                self.problems.append(_not_counted(each, rows[each.index], file))

    @property
    def complete(self) -> bool:
        return self.unreadable + self.report.conflict + self.report.rejected == 0

    @property
    def document(self) -> dict[str, object]:
        """The sum as it is written with --json."""
        return {
            "accepted": self.report.accepted,
            "duplicate": self.report.duplicate,
            "conflict": self.report.conflict,
            "rejected": self.report.rejected,
            "unreadable": self.unreadable,
            "last_position": self.report.last_position,
            "problems": [
                {"file": p.file, "row": p.row, "column": p.column, "message": p.message}
                for p in self.problems
            ],
        }


def import_files(
    files: list[Path],
    /,
    *,
    mapping: Path | None = None,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    session: Session = HERE,
) -> Exit:
    """
    Import usage from files: NDJSON, CSV, access logs, Parquet, Arrow; gzip, zstd or zip.

    Importing a file twice counts once. A row that cannot be read is told and left out.

    For example:

        tallystick import events.ndjson.zst
        tallystick import usage-*.csv --mapping usage.yaml
        tallystick import trace.parquet --mapping vm.yaml --dry-run

    Args:
        files: Files to import, in this order.
        mapping: YAML file that says how columns become events; not for NDJSON.
        dry_run: Read the files and tell what is wrong in them; send nothing.
        session: Which server is asked, and how its answer is written.
    """
    rules = _mapping(mapping)
    opened = [event_file(path, rules) for path in files]
    total = ImportSum()
    with ExitStack() as stack:
        client = None if dry_run else stack.enter_context(session.client())
        progress = stack.enter_context(progress_bar())
        for file in opened:
            if client is None or file.named_by_content:
                _check(file, total, stop=client is not None)
            if client is not None:
                _send(file, client, total, progress)
    _show(total, session, dry_run=dry_run)
    return Exit.OK if total.complete else Exit.REFUSED


def _mapping(path: Path | None) -> FileMapping | None:
    if path is None:
        return None
    outcome = load_mapping(path)
    if isinstance(outcome, Refused):
        raise Refusal(outcome.problems)
    return outcome.value


def _check(file: EventFile, total: ImportSum, *, stop: bool) -> None:
    """Read a whole file; where its ids come from its content, nothing is sent of a bad one."""
    found = ImportSum()
    for part in file.parts():
        if not isinstance(part, EventLines):
            found.note_rows(part.problems)
    if not stop:
        total.note_rows(tuple(found.problems))
        return
    if found.unreadable:
        reason = "nothing of it was sent, because its events are named by its content"
        listed = [Problem(code="unreadable_row", message=str(each)) for each in found.problems]
        message = (
            f"{file.path} has {found.unreadable} bad rows, and {reason}; mend it, or map an id"
        )
        raise Refusal([*listed, Problem(code="unreadable_file", message=message)])


def _send(file: EventFile, client: Client, total: ImportSum, progress: Progress) -> None:
    size = file.path.stat().st_size
    task = progress.add_task(file.path.name, total=size, said="")

    def advance(bytes_read: int) -> None:
        progress.update(task, completed=min(bytes_read, size))

    for part in file.parts(advance):
        _send_part(part, client, total, file.path.name)
        _say(progress, task, total)
    progress.update(task, completed=size)


def _send_part(part: Part, client: Client, total: ImportSum, file: str) -> None:
    if isinstance(part, EventLines):
        total.note_batch(client.send_batch(line_batch(part.body)), list(part.line_numbers), file)
        return
    total.note_rows(part.problems)
    rows = part.row_numbers.to_pylist()
    for batch, numbers in _with_rows(arrow_batches(part.table), rows):
        total.note_batch(client.send_batch(batch), numbers, file)


def _with_rows(batches: Iterator[Batch], rows: list[int]) -> Iterator[tuple[Batch, list[int]]]:
    start = 0
    for batch in batches:
        yield batch, rows[start : start + batch.events]
        start += batch.events


def _not_counted(answer: EventAnswer, row: int, file: str) -> RowProblem:
    message = f"{answer.status} ({answer.code}): {answer.message}"
    return RowProblem(file=file, row=row, column=answer.path, message=message)


def _say(progress: Progress, task: TaskID, total: ImportSum) -> None:
    progress.update(task, said=f"{total.report.events:,} events")


def _show(total: ImportSum, output: Output, *, dry_run: bool) -> None:
    report = total.report
    rows = [
        ("accepted", report.accepted, "counted now"),
        ("duplicate", report.duplicate, "counted before"),
        ("conflict", report.conflict, "the id is taken by other content; not counted"),
        ("rejected", report.rejected, "stands in the dead letters; not counted"),
        ("unreadable", total.unreadable, "not sent"),
    ]
    shown = table("", ["events", "number#", ""], [row for row in rows if row[1]])
    if dry_run and total.complete:
        output.answer(total.document, "nothing is wrong in these files")
    else:
        position = [f"up to log position {report.last_position}"] if report.last_position else []
        output.answer(total.document, shown, *position)
    for problem in total.problems:
        note(str(problem))
    kinds = Counter(
        total.report.not_counted[place].code for place in range(len(report.not_counted))
    )
    if kinds:
        note("; ".join(f"{count} times {code}" for code, count in kinds.most_common()))
