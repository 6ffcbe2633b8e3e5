"""
Tables of cases: Markdown tables with an id in the first column, read row by row.

A case file holds headings and tables. Each row keeps the heading above its table and its cells by
column name, so that a test takes inputs and expectations from the table itself:

    | id | units | expected |
    |---|---|---|
    | CM-021 | 1 | 12 |

The files lie beside the repository, in ``../shared/cases``; tests of them skip where they are
absent. A row that the product does not answer is *left out* with a reason that somebody can check:
a sentence of the semantics that decides otherwise, or the feature that does not exist yet.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest

from tests.serving import Served

SHARED = Path(__file__).resolve().parents[2] / "shared"
CASES = SHARED / "cases"
SEMANTICS = SHARED / "design" / "semantics.md"

_WRONGLY = {
    True: "demanded of every engine; semantics cannot excuse it",
    False: "not demanded of every engine; name the sentence that decides otherwise",
}
_NUMBER = re.compile(r"-?[0-9][0-9,]*(?:\.[0-9]+)?")
_RULE = re.compile(r"\|[\s:|-]+\|")
# Each source has a column and a mark of its own; P is portable in one and a policy in the others.
_DEMANDED = (("class", "M"), ("Use", "Y"), ("tag", "P"))
_ID = re.compile(r"[A-Z]{1,3}-?[0-9]+[a-z]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case: its id, the heading above its table, and its cells by column name."""

    id: str
    heading: str
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the text of a cell."""
        return self.cells[column]

    def number(self, column: str) -> Decimal:
        """Return the first number in a cell; thousands may be set apart by commas."""
        return first_number(self.cells[column])

    @property
    def demanded(self) -> bool:
        """Whether any correct engine agrees with the row (classes M, Y and portable)."""
        return any(self.cells.get(name, "").startswith(mark) for name, mark in _DEMANDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """A row left out because the semantics decide otherwise, in this very sentence."""

    sentence: str

    def __str__(self) -> str:
        """Return the reason as reports show it."""
        return f"semantics: {self.sentence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBuilt:
    """A row left out because it needs a feature that does not exist yet."""

    feature: str

    def __str__(self) -> str:
        """Return the reason as reports show it."""
        return f"needs {self.feature}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradicted:
    """A demanded row whose amount the semantics make another, with both; for people to decide."""

    sentence: str
    amounts: str

    def __str__(self) -> str:
        """Return the reason as reports show it."""
        return f"semantics against a demanded row: {self.amounts} ({self.sentence})"


Reason = Otherwise | NotBuilt | Contradicted
Check = Callable[[Row], None]
StoredCheck = Callable[[Row, Served], None]
"""A check by a server, with its stores and its clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseBook:
    """What a test module does with each row of one case file."""

    file: str
    checks: Mapping[str, Check]
    left_out: Mapping[str, Reason]
    stored: Mapping[str, StoredCheck] = field(default_factory=dict)

    def check(self, row_id: str) -> None:
        """Put one row of the file through its check."""
        self.checks[row_id](self._row(row_id))

    def check_stored(self, row_id: str, served: Served) -> None:
        """Put one row of the file through its check by a server."""
        self.stored[row_id](self._row(row_id), served)

    def _row(self, row_id: str) -> Row:
        (row,) = (row for row in read_cases(self.file) if row.id == row_id)
        return row

    def problems(self) -> list[str]:
        """Return what is wrong with the book: rows forgotten, invented, or wrongly left out."""
        rows = {row.id: row for row in read_cases(self.file)}
        checked = set(self.checks) | set(self.stored)
        known = checked | set(self.left_out)
        found = [f"{row} is neither checked nor left out" for row in sorted(set(rows) - known)]
        found += [f"{row} is not in {self.file}" for row in sorted(known - set(rows))]
        found += [f"{row} is in both" for row in sorted(checked & set(self.left_out))]
        semantics = _flowing(SEMANTICS.read_text())
        for row, reason in self.left_out.items():
            if isinstance(reason, NotBuilt):
                continue
            if _flowing(reason.sentence) not in semantics:
                found.append(f"{row}: the semantics do not say {reason.sentence!r}")
            if row in rows and rows[row].demanded is not isinstance(reason, Contradicted):
                found.append(f"{row}: {_WRONGLY[rows[row].demanded]}")
        return found


def read_cases(file: str) -> tuple[Row, ...]:
    """Return every case of a file below ``../shared/cases``; skip the test where that is absent."""
    path = CASES / file
    if not path.exists():
        pytest.skip(f"../shared/cases/{file} is absent")
    return parse_cases(path.read_text())


def parse_cases(text: str) -> tuple[Row, ...]:
    """Return every case of a text in Markdown, in order."""
    heading = ""
    columns: list[str] = []
    rows: list[Row] = []
    for line in map(str.strip, text.splitlines()):
        if not line.startswith("|"):
            columns = []
            heading = line.lstrip("# ") if line.startswith("#") else heading
        elif not columns:
            columns = _cells(line)
        elif _RULE.fullmatch(line) is None:
            cells = _cells(line)
            if _ID.fullmatch(cells[0]):
                named = dict(zip(columns, cells, strict=True))
                rows.append(Row(id=cells[0], heading=heading, cells=named))
    return tuple(rows)


def first_number(text: str) -> Decimal:
    """Return the first number that a text writes."""
    match = _NUMBER.search(text)
    if match is None:
        raise ValueError(f"no number in {text!r}")
    return Decimal(match[0].replace(",", ""))


def numbers(text: str) -> list[Decimal]:
    """Return every number that a text writes, in order."""
    return [Decimal(match[0].replace(",", "")) for match in _NUMBER.finditer(text)]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def _flowing(text: str) -> str:
    return " ".join(text.split())
