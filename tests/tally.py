"""
Counts what the case tables passed and what was left out, for the report after a run.

A test notes what it did on its own report (`user_properties`), so that the count is whole also
where several processes ran the tests.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import pytest

from tests.notation import CaseBook, Reason
from tests.serving import Served

Note = tuple[str, object]
_PASSED = "case row passed"
_LEFT_OUT = "case row left out"


@dataclass(frozen=True, slots=True)
class CaseNotes:
    """Where a test of a case file notes what it did."""

    notes: list[Note]

    def passed(self, file: str, row: str) -> None:
        """Note a row that came out as the file says."""
        self.notes.append((_PASSED, [file, row]))

    def left_out(self, file: str, reasons: Mapping[str, Reason]) -> None:
        """Note the rows of a file that are left out, each with its reason."""
        self.notes.extend((_LEFT_OUT, [file, row, str(why)]) for row, why in reasons.items())


@dataclass(kw_only=True)
class CaseTally:
    """Rows passed, and rows left out with their reasons, by case file."""

    passed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    left_out: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, notes: Iterable[Note]) -> None:
        """Count what one test noted."""
        for name, noted in notes:
            match name, noted:
                case str(_), [str(file), str(row)] if name == _PASSED:
                    self.passed[file].add(row)
                case str(_), [str(file), str(row), str(why)] if name == _LEFT_OUT:
                    self.left_out[file][row] = why
                case _:
                    pass

    def lines(self) -> list[str]:
        """Return the report: a line for each file, and below it the reasons with their rows."""
        report = []
        for file in sorted(set(self.passed) | set(self.left_out)):
            reasons = self.left_out.get(file, {})
            report.append(
                f"{file}: {len(self.passed.get(file, ()))} passed, {len(reasons)} left out"
            )
            for reason, count in Counter(reasons.values()).most_common():
                rows = [row for row, why in reasons.items() if why == reason]
                report.append(f"  {count:3} {rows[0]}{'..' if count > 1 else ''}: {reason}")
        return report


@pytest.fixture
def case_notes(request: pytest.FixtureRequest) -> CaseNotes:
    """Lend the test's own report to note rows on."""
    return CaseNotes(request.node.user_properties)


def row_tests(
    book: CaseBook,
) -> tuple[Callable[[CaseNotes], None], Callable[[str, CaseNotes], None]]:
    """Return the tests of a case book: that no row is forgotten, and that each comes out right."""

    def test_every_row_is_accounted_for(case_notes: CaseNotes) -> None:
        """Each row of the file is checked, or left out for a reason that holds."""
        assert book.problems() == []
        case_notes.left_out(book.file, book.left_out)

    @pytest.mark.parametrize("case", book.checks)
    def test_row(case: str, case_notes: CaseNotes) -> None:
        """The row comes out as the file says."""
        book.check(case)
        case_notes.passed(book.file, case)

    return test_every_row_is_accounted_for, test_row


def stored_row_test(book: CaseBook) -> Callable[[str, Served, CaseNotes], None]:
    """Return the test that each row of a case book that needs a server comes out right."""

    @pytest.mark.parametrize("case", book.stored)
    def test_row(case: str, served: Served, case_notes: CaseNotes) -> None:
        """The row comes out as the file says, by a server."""
        book.check_stored(case, served)
        case_notes.passed(book.file, case)

    return test_row


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many rows of each case file passed and how many were left out, and why."""
    tally = CaseTally()
    for report in terminalreporter.getreports("passed"):
        tally.add(report.user_properties)
    if lines := tally.lines():
        terminalreporter.section("case tables")
        for line in lines:
            terminalreporter.write_line(line)
