"""Reads the project itself: what is banned is absent, what is required is there."""

import pytest

from tests.tidy import bans, imports, shape, sql, tracked
from tests.tidy.source import ROOT, Finding, Rule, parsed_sources


def _report(findings: list[Finding]) -> str:
    return "\n".join(["", *map(str, findings)])


@pytest.mark.parametrize(
    "rule",
    [*bans.BANS, *imports.IMPORTS, *shape.SHAPES, *sql.SQL],
    ids=lambda rule: rule.__name__,
)
def test_rule(rule: Rule) -> None:
    """No source file breaks the rule."""
    findings = [finding for source in parsed_sources() for finding in rule(source)]
    assert not findings, _report(findings)


def test_tables_are_guarded() -> None:
    """The schema module still keeps its tables' names where the rule looks for them."""
    assert sql.GUARDED


def test_packages_are_small() -> None:
    """No package has more than twenty modules."""
    findings = list(shape.crowded_packages())
    assert not findings, _report(findings)


def test_packages_have_readmes() -> None:
    """Each package says in a page what it is and is not."""
    findings = list(shape.missing_readmes())
    assert not findings, _report(findings)


def test_no_leaks() -> None:
    """No tracked file names a folder of one machine or a registry."""
    findings = [
        finding
        for path in tracked.tracked_files()
        for finding in tracked.leaks(path.relative_to(ROOT).as_posix(), path.read_bytes())
    ]
    assert not findings, _report(findings)
