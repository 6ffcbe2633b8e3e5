"""
The events of a file to whoever takes them, and the sum of what became of them.

What sends is passed in: a client's `send_batch`. A file whose ids come from its content is found
good as a whole before its first event leaves, because mending it would make every id new.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeAlias

from tallystick.client import (
    Batch,
    BatchAnswer,
    EventAnswer,
    SendReport,
    arrow_batches,
    line_batch,
)
from tallystick.integrations.files.json_lines import EventLines
from tallystick.integrations.files.problems import RowProblem
from tallystick.integrations.files.reader import EventFile, Part

PROBLEMS_MAX = 100

Send: TypeAlias = Callable[[Batch], BatchAnswer]


@dataclass(slots=True, kw_only=True)
class Delivered:
    """What became of the rows of files; of problems the first hundred."""

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
    def not_counted(self) -> int:
        return self.unreadable + self.report.conflict + self.report.rejected

    @property
    def complete(self) -> bool:
        return self.not_counted == 0

    @property
    def document(self) -> dict[str, object]:
        """The sum as JSON."""
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


def check_file(file: EventFile, total: Delivered) -> None:
    """
    Read a whole file and send nothing; what is wrong in it is noted.

    Raises:
        UnreadableFile: it cannot be read, or not further.
    """
    for part in file.parts():
        if not isinstance(part, EventLines):
            total.note_rows(part.problems)


def deliver_part(part: Part, total: Delivered, *, send: Send, file: str) -> None:
    """Send one part of a file; what could not be read is noted."""
    if isinstance(part, EventLines):
        total.note_batch(send(line_batch(part.body)), list(part.line_numbers), file)
        return
    total.note_rows(part.problems)
    rows = part.row_numbers.to_pylist()
    for batch, numbers in _with_rows(arrow_batches(part.table), rows):
        total.note_batch(send(batch), numbers, file)


def deliver_file(file: EventFile, *, send: Send, name: str) -> Delivered:
    """
    Send a whole file; nothing of it where its ids come from its content and a row is bad.

    Raises:
        UnreadableFile: it cannot be read, or not further; what was sent before stands.
    """
    total = Delivered()
    if file.named_by_content:
        check_file(file, total)
        if not total.complete:
            return total
    for part in read_ahead(file.parts()):
        deliver_part(part, total, send=send, file=name)
    return total


def read_ahead(parts: Iterator[Part]) -> Iterator[Part]:
    """Yield the parts, the next one being read meanwhile: reading takes as long as sending."""
    with ThreadPoolExecutor(1, "read-ahead") as reader:
        coming = reader.submit(next, parts, None)
        while (part := coming.result()) is not None:
            coming = reader.submit(next, parts, None)
            yield part


def _with_rows(batches: Iterator[Batch], rows: list[int]) -> Iterator[tuple[Batch, list[int]]]:
    start = 0
    for batch in batches:
        yield batch, rows[start : start + batch.events]
        start += batch.events


def _not_counted(answer: EventAnswer, row: int, file: str) -> RowProblem:
    message = f"{answer.status} ({answer.code}): {answer.message}"
    return RowProblem(file=file, row=row, column=answer.path, message=message)
