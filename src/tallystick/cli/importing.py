"""
`tallystick import`: usage from files.

The files go to the server part by part; what the server counts, knows already or refuses is summed
up, with file and row for what was not counted. Importing again is safe: events have identities.
"""

from collections import Counter
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.progress import Progress, TaskID

from tallystick.cli.connection import HERE, Session
from tallystick.cli.exits import Exit, Refusal
from tallystick.cli.output import Output, note, progress_bar, table
from tallystick.integrations.files import (
    Delivered,
    EventFile,
    FileMapping,
    Send,
    check_file,
    deliver_part,
    event_file,
    load_mapping,
    read_ahead,
)
from tallystick.kernel import Problem, Refused, counted


def import_files(
    files: list[Path],
    /,
    *,
    mapping: Path | None = None,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    backfill: str = "",
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
        backfill: Hold the events in this open backfill; they count when it is closed.
        session: Which server is asked, and how its answer is written.
    """
    rules = _mapping(mapping)
    opened = [event_file(path, rules) for path in files]
    total = Delivered()
    with ExitStack() as stack:
        client = None if dry_run else stack.enter_context(session.client())
        progress = stack.enter_context(progress_bar())
        for file in opened:
            if client is None or file.named_by_content:
                _check(file, total, stop=client is not None)
            if client is not None:
                _send(file, partial(client.send_batch, backfill=backfill), total, progress)
    _show(total, session, dry_run=dry_run)
    return Exit.OK if total.complete else Exit.REFUSED


def _mapping(path: Path | None) -> FileMapping | None:
    if path is None:
        return None
    outcome = load_mapping(path)
    if isinstance(outcome, Refused):
        raise Refusal(outcome.problems)
    return outcome.value


def _check(file: EventFile, total: Delivered, *, stop: bool) -> None:
    """Read a whole file; where its ids come from its content, nothing is sent of a bad one."""
    found = Delivered()
    check_file(file, found)
    if not stop:
        total.note_rows(tuple(found.problems))
        return
    if found.unreadable:
        reason = "nothing of it was sent, because its events are named by its content"
        listed = [Problem(code="unreadable_row", message=str(each)) for each in found.problems]
        bad = counted(found.unreadable, "bad row")
        message = f"{file.path} has {bad}, and {reason}; mend it, or map an id"
        raise Refusal([*listed, Problem(code="unreadable_file", message=message)])


def _send(file: EventFile, send: Send, total: Delivered, progress: Progress) -> None:
    size = file.path.stat().st_size
    task = progress.add_task(file.path.name, total=size, said="")

    def advance(bytes_read: int) -> None:
        progress.update(task, completed=min(bytes_read, size))

    for part in read_ahead(file.parts(advance)):
        deliver_part(part, total, send=send, file=file.path.name)
        _say(progress, task, total)
    progress.update(task, completed=size)


def _say(progress: Progress, task: TaskID, total: Delivered) -> None:
    progress.update(task, said=counted(f"{total.report.events:,}", "event"))


def _show(total: Delivered, output: Output, *, dry_run: bool) -> None:
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
        note("; ".join(f"{counted(count, 'time')} {code}" for code, count in kinds.most_common()))
