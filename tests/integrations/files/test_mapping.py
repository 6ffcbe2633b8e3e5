"""Mapping files: what is wrong in them is told by path, with the likely word."""

from pathlib import Path

import pytest

import tallystick
from tallystick.integrations.files import load_mapping, mapping_from_document
from tallystick.kernel import Done, Refused

GOOD = {"format": "csv", "source": "s", "type": "t"}
SAMPLES = Path(tallystick.__file__).parent / "samples" / "mappings"


@pytest.mark.parametrize(
    ("changed", "path", "words"),
    [
        ({"colums": ["a"]}, "colums", "did you mean 'columns'?"),
        ({"format": "cvs"}, "format", "did you mean 'csv'?"),
        ({"source": 5}, "source", "quotes"),
        ({"time": {"colum": "at"}}, "time.colum", "did you mean 'column'?"),
        ({"time": {"column": "at", "format": "unix"}}, "time.format", "unix_"),
        ({"time": {"column": "at", "zone": "Berlin"}}, "time.zone", "Europe/Berlin"),
        ({"time": {"column": "at", "origin": "soon"}}, "time.origin", "2026-01-01T00:00:00Z"),
        ({"data": {"a": {"product": ["x"]}}}, "data.a.product", "two"),
        (
            {"data": {"a": {"column": "x", "type": "numer"}}},
            "data.a.type",
            "did you mean 'number'?",
        ),
        ({"data": {"a": {"constant": 0.1}}}, "data.a.constant", "quotes"),
        ({"data": {"a": {}}}, "data.a", "one of"),
        ({"delimiter": "tab"}, "delimiter", "whitespace"),
        ({"data": {"a": "b"}, "data_json": "c"}, "data_json", "both"),
    ],
)
def test_problems_name_the_field(changed: dict[str, object], path: str, words: str) -> None:
    """Each mistake is told with the path of its field and what would be right."""
    outcome = mapping_from_document(GOOD | changed)
    assert isinstance(outcome, Refused)
    found = {problem.field: problem.message for problem in outcome.problems}
    assert path in found
    assert words in found[path]


def test_all_problems_at_once() -> None:
    """A person mends a mapping in one go."""
    outcome = mapping_from_document({"format": "x", "delimiter": "tab"})
    assert isinstance(outcome, Refused)
    assert {problem.field for problem in outcome.problems} == {
        "format",
        "delimiter",
        "source",
        "type",
    }


@pytest.mark.parametrize(
    "text", ["format: csv\nformat: csv\n", "format: [csv\n", "- a\n", "", "\xff\xfe"]
)
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    """Repeated keys, broken YAML, a list, nothing, and bytes that are no text are refused."""
    path = tmp_path / "mapping.yaml"
    path.write_bytes(text.encode("latin-1"))
    assert isinstance(load_mapping(path), Refused)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_the_samples_are_right(path: Path) -> None:
    """Every sample mapping that is shipped can be read."""
    assert isinstance(load_mapping(path), Done)
