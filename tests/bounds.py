"""
A test that hangs fails, and a test that fails is told of at once.

`timeout` in `pyproject.toml` is the longest that a test may take, but for what runs by night, which
may take hours. Failures are printed when they happen, in a line, and in full at the end: a run that
is stopped from outside has then said what went wrong.
"""

import pytest

from tests.profiles import PROFILE


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lift the bound from what runs by night."""
    for item in items:
        if PROFILE == "nightly" or item.get_closest_marker("nightly"):
            item.add_marker(pytest.mark.timeout(0))


class Announcer:
    """Prints each failure in a line as soon as it is known."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Print where and why a test failed."""
        if report.failed:
            self._terminal.ensure_newline()
            lines = report.longreprtext.strip().splitlines()
            why = next((line[2:].strip() for line in lines if line.startswith("E ")), "")
            line = f"{report.when} of {report.nodeid} failed: {why} ({lines[-1]})"
            self._terminal.write_line(line, red=True)


@pytest.hookimpl(trylast=True)  # after the terminal has come
def pytest_configure(config: pytest.Config) -> None:
    """Announce failures where there is a terminal to do so: not in the processes of `-n`."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if isinstance(terminal, pytest.TerminalReporter):
        config.pluginmanager.register(Announcer(terminal), "announcer")
