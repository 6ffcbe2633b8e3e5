"""Checks of the program: Python and its libraries."""

import importlib.metadata
import re
import sys
from collections.abc import Iterator

from tallystick.cli.doctor.finding import Finding, fail, ok

PYTHON_MIN = (3, 11)
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*(.*)")
_BOUND = re.compile(r"(>=|<)\s*([0-9.]+)")


def check_python() -> Iterator[Finding]:
    """Python is new enough, and a 64-bit one: ClickHouse has no other."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < PYTHON_MIN:
        yield fail("python", found, "install Python 3.11 or newer and make the environment anew")
    elif sys.maxsize < 2**32:
        yield fail("python", f"{found}, 32 bit", "install a 64-bit Python")
    else:
        yield ok("python", found)


def check_libraries() -> Iterator[Finding]:
    """Every library that is needed is there, in a version that it was written for."""
    wrong = 0
    listed = importlib.metadata.requires("tallystick") or []
    needed = [each for each in listed if "extra" not in each]
    for requirement in needed:
        for finding in _library(requirement):
            wrong += 1
            yield finding
    if not wrong:
        yield ok("libraries", f"{len(needed)} as required")


def _library(requirement: str) -> Iterator[Finding]:
    matched = _REQUIREMENT.match(requirement.split(";", maxsplit=1)[0].strip())
    if matched is None:
        return
    name, bounds = matched[1], matched[2]
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        yield fail(f"library {name}", "not installed", f"pip install '{name}{bounds}'")
        return
    if not fits(version, bounds):
        found = f"{version}, but {bounds} is needed"
        yield fail(f"library {name}", found, f"pip install '{name}{bounds}'")


def fits(version: str, bounds: str) -> bool:
    """
    Tell whether a version lies within its bounds.

    Example:
        >>> fits("18.6.3", ">=18.6,<19"), fits("19.0", ">=18.6,<19"), fits("2.9", ">=2.10")
        (True, False, False)
    """
    have = _numbers(version)
    for sign, text in _BOUND.findall(bounds):
        bound = _numbers(text)
        if (sign == ">=" and have < bound) or (sign == "<" and have >= bound):
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:4])
