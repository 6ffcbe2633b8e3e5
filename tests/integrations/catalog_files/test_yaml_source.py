"""Faults of YAML files: what is said, and where."""

from decimal import Decimal

import pytest

from tallystick.integrations.catalog_files import source_from_yaml

# Content of a file, and all that is said about it.
FAULTS: dict[str, tuple[bytes, list[str]]] = {
    "tab": (b"units:\n\t- b\n", ["f.yaml:2:1 a tab in the indentation; use spaces"]),
    "duplicate key": (
        b"plans:\n  - key: a\n    name: A\n    key: b\n",
        ['f.yaml:4:5 duplicate key "key"; first given at line 2'],
    ),
    "anchor and alias": (
        b"units: &all [a]\nplans: *all\n",
        [
            "f.yaml:1:8 anchor &all: anchors are not read; write the value out",
            "f.yaml:2:8 alias *all: aliases are not read; write the value out",
        ],
    ),
    "merge key": (
        b"plans:\n  - {<<: {a: 1}, key: b}\n",
        ["f.yaml:2:6 merge keys (<<) are not read; write the fields out"],
    ),
    "tag": (
        b"units: !!python/object/apply:os.system [x]\n",
        ["f.yaml:1:8 tags (!) are not read; leave it out"],
    ),
    "second document": (
        b"units: [a]\n---\nunits: [b]\n",
        ["f.yaml:2:1 a second document; put it into its own file"],
    ),
    "key that is no text": (b"? [a]\n: b\n", ["f.yaml:1:3 a key must be text"]),
    "open list": (b"units: [a\n", ['f.yaml:1:8 a "[" is opened here and never closed']),
    "nothing after a bracket": (
        b"units: [\n",
        ['f.yaml:2:1 the file ends here, and a "[" or "{" before it is not closed'],
    ),
    "open mapping": (b"units: {a: 1\n", ['f.yaml:1:8 a "{" is opened here and never closed']),
    "open quote": (b"units: 'x\n", ["f.yaml:1:8 a quote is opened here and never closed"]),
    "colon in text": (
        b"name: a: b\n",
        ['f.yaml:1:8 a ":" where none may be; quote text that contains ": "'],
    ),
    "indentation": (
        b"units:\n  - b\n c: d\n",
        ["f.yaml:3:2 indented otherwise than its neighbours"],
    ),
    "no colon": (
        b"units:\n  - b\nplans\n",
        ['f.yaml:4:1 a key without ":", or text that ought to be in quotes'],
    ),
    "version": (b"%YAML 3.0\n---\na: 1\n", ["f.yaml:1:1 leave the %YAML line out"]),
    "control character": (b"units: [a, \x00]\n", ["f.yaml:1:12 a control character; remove it"]),
    "not UTF-8": (
        b"# \xc3\xa4\nname: M\xfcller\n",
        ["f.yaml:2:8 byte 0xfc is not UTF-8; save the file as UTF-8"],
    ),
    "UTF-16": (
        "a: 1\n".encode("utf-16"),
        ["f.yaml:1:1 byte 0xff is not UTF-8; save the file as UTF-8"],
    ),
    "too deep": (b"a: " + b"[" * 100_000, ["f.yaml:1:35 nested more than 32 levels deep"]),
    "too large": (
        b"#" * (8 * 1024 * 1024 + 1),
        ["f.yaml:1:1 is larger than 8 MiB; split it into several files"],
    ),
    "alias bomb": (
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        [
            "f.yaml:1:4 anchor &a: anchors are not read; write the value out",
            "f.yaml:2:4 anchor &b: anchors are not read; write the value out",
            "f.yaml:2:8 alias *a: aliases are not read; write the value out",
            "f.yaml:2:12 alias *a: aliases are not read; write the value out",
            "f.yaml:3:5 alias *b: aliases are not read; write the value out",
            "f.yaml:3:9 alias *b: aliases are not read; write the value out",
        ],
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_faults_are_said_with_their_place(case: str) -> None:
    """Each fault names file, line and column, and what to write instead."""
    content, said = FAULTS[case]
    _, faults = source_from_yaml(content, file="f.yaml")
    assert [fault.problem.message for fault in sorted(faults)] == said


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0.10", Decimal("0.10")),
        ("0.1000000000000000055511151231257827", Decimal("0.1000000000000000055511151231257827")),
        ("1e-3", Decimal("0.001")),
        ("10", 10),
        ("-7", -7),
        ("007", "007"),
        ("1_000", "1_000"),
        (".5", ".5"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("0x1F", "0x1F"),
        ("12:30", "12:30"),
        ("2026-01-31", "2026-01-31"),
        ("yes", "yes"),
        ("no", "no"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ('"10"', "10"),
        ("'true'", "true"),
        ("|\n  10\n", "10\n"),
    ],
)
def test_scalars(written: str, read: object) -> None:
    """A number is read from its text, a quoted one stays text, and nothing becomes a date."""
    source, faults = source_from_yaml(f"x: {written}".encode(), file="f.yaml")
    assert faults == ()
    assert isinstance(source.body, dict)
    assert source.body["x"] == read
    assert type(source.body["x"]) is type(read)


def test_places_of_names_and_values() -> None:
    """Every value has its own place and that of its name, counted from 1."""
    source, _ = source_from_yaml(b"plans:\n  - key: a\n    prices:\n    - {b: c}\n", file="f")
    found = {path: (place.of_name, place.of_value) for path, place in source.places.items()}
    assert found == {
        "": ("f:1:1", "f:1:1"),
        "plans": ("f:1:1", "f:2:3"),
        "plans[0]": ("f:2:5", "f:2:5"),
        "plans[0].key": ("f:2:5", "f:2:10"),
        "plans[0].prices": ("f:3:5", "f:4:5"),
        "plans[0].prices[0]": ("f:4:7", "f:4:7"),
        "plans[0].prices[0].b": ("f:4:8", "f:4:11"),
    }


def test_byte_order_mark_and_empty_files() -> None:
    """A byte order mark is passed over; a file of comments alone holds nothing."""
    source, faults = source_from_yaml("\ufeffunits: [a]\n".encode(), file="f")
    assert (source.body, faults) == ({"units": ["a"]}, ())
    assert source_from_yaml(b"# nothing yet\n", file="f")[0].body is None
