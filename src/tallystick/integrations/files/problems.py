"""What can be wrong with a file: single rows, or the file as a whole."""

from dataclasses import dataclass
from pathlib import Path

from tallystick.kernel import TallystickError


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """
    A row that makes no event; the rows around it do.

    Attributes:
        file: name of the file as it was given.
        row: from 1, not counting a header, comments and blank lines.
        column: the column concerned, empty when it is the whole row.
        message: what is wrong and what would be right.
    """

    file: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}, row {self.row}"
        if self.column:
            where += f", column {self.column}"
        return f"{where}: {self.message}"


class UnreadableFile(TallystickError):
    """The file cannot be read, or cannot be read on from some row."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
