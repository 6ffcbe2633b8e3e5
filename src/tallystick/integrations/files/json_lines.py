"""NDJSON: events that are JSON already, one a line, cut into bodies without looking inside."""

from collections.abc import Iterator
from dataclasses import dataclass

from tallystick.integrations.files.opened import Opened

LINES_PER_PART = 5_000
PART_BYTES = 2 * 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLines:
    """
    Consecutive lines.

    Attributes:
        file: name of the file.
        body: the lines, each with its end.
        line_numbers: number of each line in the file, from 1, blank ones counted but left out.
    """

    file: str
    body: bytes
    line_numbers: tuple[int, ...]


def event_lines(file: Opened, *, name: str) -> Iterator[EventLines]:
    """Yield the lines of a file in parts of bounded size; a mark at its begin is left out."""
    held: list[bytes] = []
    numbers: list[int] = []
    held_bytes = 0
    for number, line in enumerate(file.stream, 1):
        content = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        if not content.strip():
            continue
        if held and (len(held) >= LINES_PER_PART or held_bytes + len(content) > PART_BYTES):
            yield EventLines(file=name, body=b"".join(held), line_numbers=tuple(numbers))
            held, numbers, held_bytes = [], [], 0
        held.append(content if content.endswith(b"\n") else content + b"\n")
        numbers.append(number)
        held_bytes += len(content)
    if held:
        yield EventLines(file=name, body=b"".join(held), line_numbers=tuple(numbers))
