"""One trial: tests of a project against its own source, or against a copy with a break in it."""

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.prove.breaks import Break, planted

_TRIAL_SECONDS_MAX = 600
_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "data", "dist", "build", "results")
_LINES_SHOWN = 30
_COMPLAINT_LENGTH = 140


class Verdict(StrEnum):
    """What a run of tests said."""

    PASSED = "passed"
    FAILED = "failed"  # an assertion, or an error raised inside a test
    UNFIT = "unfit"  # nothing ran, something was skipped, or it broke outside of a test


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """The verdict, the end of what the run printed, and what the first failed test said."""

    verdict: Verdict
    output: str
    complaint: str = ""


@contextmanager
def copied_project(root: Path) -> Iterator[Path]:
    """A copy of the project in a temporary folder, gone afterwards; edits elsewhere do not show."""
    with tempfile.TemporaryDirectory(prefix="tallystick-prove-") as folder:
        copy = Path(folder) / "project"
        shutil.copytree(root, copy, ignore=_LEFT_OUT)
        copy.parent.chmod(0o755)  # a server that runs as another user reads from here
        yield copy


@contextmanager
def with_break(project: Path, one: Break) -> Iterator[None]:
    """The break planted in a copy of the project, and taken out again."""
    file = project / one.file
    text = file.read_text(encoding="utf-8")
    broken = planted(text, one)
    if file.suffix == ".py":
        compile(broken, one.file, "exec")  # a break that is no Python would prove nothing
    file.write_text(broken, encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(text, encoding="utf-8")


def run_tests(project: Path, tests: Sequence[str]) -> Trial:
    """Run the named tests of a project on its own source."""
    with tempfile.TemporaryDirectory(prefix="tallystick-prove-") as folder:
        report = Path(folder) / "report.xml"
        command = [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"),
            *("--tb=short", f"--junit-xml={report}", *tests),
        ]
        source = {"PYTHONPATH": str(project / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            ended = subprocess.run(
                command,
                cwd=project,
                env=os.environ | source,
                capture_output=True,
                text=True,
                timeout=_TRIAL_SECONDS_MAX,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Trial(verdict=Verdict.UNFIT, output=f"no end in {_TRIAL_SECONDS_MAX} s")
        output = "\n".join((ended.stdout + ended.stderr).splitlines()[-_LINES_SHOWN:])
        if ended.returncode not in {0, 1} or not report.exists():
            return Trial(verdict=Verdict.UNFIT, output=output)
        results = ET.parse(report).getroot()  # noqa: S314 - our own pytest wrote it
        failure = results.find(".//failure")
        said = "" if failure is None else failure.get("message", "").partition("\n")[0]
        return Trial(verdict=_verdict(results), output=output, complaint=said[:_COMPLAINT_LENGTH])


def _verdict(results: ET.Element) -> Verdict:
    suites = list(results.iter("testsuite"))
    counts = {
        kind: sum(int(suite.get(kind, 0)) for suite in suites)
        for kind in ("tests", "failures", "errors", "skipped")
    }
    if counts["failures"]:
        return Verdict.FAILED
    if counts["errors"] or counts["skipped"] or not counts["tests"]:
        return Verdict.UNFIT
    return Verdict.PASSED
