"""Prints after the run what the case tables passed and left out."""

import pytest

from tests.tally import CaseTally

_TALLY = pytest.StashKey[CaseTally]()


@pytest.fixture(scope="session")
def case_tally(request: pytest.FixtureRequest) -> CaseTally:
    """Collect for the report at the end."""
    return request.config.stash.setdefault(_TALLY, CaseTally())


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print how many rows of each case file passed and how many were left out, and why."""
    tally = config.stash.get(_TALLY, None)
    if tally is not None:
        terminalreporter.section("case tables")
        for line in tally.lines():
            terminalreporter.write_line(line)
