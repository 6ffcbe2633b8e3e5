"""
What a child says, kept in a file of bounded size beside its predecessor.

A child whose output nobody reads is ended by its next word. Where a line cannot be written (the
device is full), it is therefore left out of the file, and reading goes on.
"""

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

FILE_BYTES_MAX = 8 * 1024 * 1024
LINES_KEPT = 20


@dataclass(slots=True, kw_only=True)
class ProgramLog:
    """
    Copies a child's output, line by line, into a file.

    Attributes:
        path: the file; where it grows too long it is renamed to `.old` and begun anew.
        last_lines: the end of what was said, for the message when a child fails.
    """

    path: Path
    file_bytes_max: int = FILE_BYTES_MAX
    last_lines: list[str] = field(default_factory=list)

    def follow(self, stream: IO[bytes]) -> threading.Thread:
        """Copy until the stream ends, on a thread of its own."""
        name = f"log of {self.path.stem}"
        thread = threading.Thread(target=self._copy, args=(stream,), daemon=True, name=name)
        thread.start()
        return thread

    def _copy(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._keep(line)

    def _keep(self, line: bytes) -> None:
        self.last_lines = [*self.last_lines, line.decode(errors="replace").rstrip()][-LINES_KEPT:]
        with suppress(OSError):
            if self.path.exists() and self.path.stat().st_size + len(line) > self.file_bytes_max:
                self.path.replace(self.path.with_suffix(".old"))
            with self.path.open("ab") as file:
                file.write(line)
