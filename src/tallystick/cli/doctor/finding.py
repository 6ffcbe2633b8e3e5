"""What a check found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Verdict(StrEnum):
    """`fail` keeps the installation from working, `warn` will some day."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One row of the doctor's table.

    Attributes:
        subject: what was looked at.
        verdict: how it is.
        found: what was seen.
        mend: what to do about it; empty if all is well.
    """

    subject: str
    verdict: Verdict
    found: str
    mend: str = ""


Check: TypeAlias = Callable[[], Iterable[Finding]]


def ok(subject: str, found: str) -> Finding:
    return Finding(subject=subject, verdict=Verdict.OK, found=found)


def warn(subject: str, found: str, mend: str) -> Finding:
    return Finding(subject=subject, verdict=Verdict.WARN, found=found, mend=mend)


def fail(subject: str, found: str, mend: str) -> Finding:
    return Finding(subject=subject, verdict=Verdict.FAIL, found=found, mend=mend)
