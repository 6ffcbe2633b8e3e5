"""The harness itself: it tells a caught break from one that goes unnoticed or proves nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.prove.breaks import GUARANTEES, Break, UnfitBreak, planted, read_breaks
from tests.prove.trial import Verdict, copied_project, run_tests, with_break

ROOT = Path(__file__).resolve().parents[2]
BREAKS = read_breaks(Path(__file__).with_name("breaks.toml"))

SAMPLE = Break(
    guarantee=1,
    name="adds one too many",
    file="src/sample.py",
    old="a + b",
    new="a + b + 1",
    test="test_sample.py",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one function and one test."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/sample.py").write_text("def add(a, b):\n    return a + b\n")
    (tmp_path / "test_sample.py").write_text(
        "from sample import add\n\ndef test_add():\n    assert add(1, 2) == 3\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (SAMPLE, Verdict.FAILED),
        (replace(SAMPLE, new="b + a"), Verdict.PASSED),
        (replace(SAMPLE, old="def add", new="def plus"), Verdict.UNFIT),
        (replace(SAMPLE, test="test_absent.py"), Verdict.UNFIT),
    ],
    ids=["caught", "unnoticed", "import broken", "no such test"],
)
def test_verdict(project: Path, one: Break, expected: Verdict) -> None:
    """Only an assertion that fails in the named test counts as caught."""
    with copied_project(project) as copy, with_break(copy, one):
        assert run_tests(copy, [one.test]).verdict is expected


def test_break_is_taken_out(project: Path) -> None:
    """After a trial the copy is as it was, and the project was never touched."""
    before = (project / "src/sample.py").read_text()
    with copied_project(project) as copy:
        with with_break(copy, SAMPLE):
            assert (copy / "src/sample.py").read_text() != before
            assert (project / "src/sample.py").read_text() == before
        assert (copy / "src/sample.py").read_text() == before


@pytest.mark.parametrize("text", ["", "a + b, a + b"])
def test_break_must_apply_once(text: str) -> None:
    """An edit that fits nowhere, or in two places, is an error and no proof."""
    with pytest.raises(UnfitBreak):
        planted(text, SAMPLE)


@pytest.mark.parametrize("one", BREAKS, ids=lambda one: one.name)
def test_table(one: Break) -> None:
    """Each break of the table still fits the source, and its test exists."""
    text = (ROOT / one.file).read_text(encoding="utf-8")
    broken = planted(text, one)
    if one.file.endswith(".py"):
        compile(broken, one.file, "exec")
    assert one.guarantee in GUARANTEES
    path, *names = one.test.partition("[")[0].split("::")
    text = (ROOT / path).read_text(encoding="utf-8")
    assert names
    assert [name for name in names if name not in text and name != "runTest"] == []


def test_table_is_whole() -> None:
    """Every guarantee has a break, and each break a name of its own."""
    assert {one.guarantee for one in BREAKS} == set(GUARANTEES)
    names = [one.name for one in BREAKS]
    assert len(names) == len(set(names))
