"""Personal values are replaced where they stand, and everything else stays as it was written."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.personal import (
    overlapping,
    pseudonym_of,
    pseudonyms_in,
    values_at,
    with_values,
)

PSEUDONYM = pseudonym_of('"jane"', salt=bytes(32))
names = st.text(st.characters(codec="utf-8"), max_size=4).filter(lambda name: "." not in name)
objects = st.recursive(
    st.integers(-(10**15), 10**15) | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("user.email", '"j@x.org"'),
        ("user", '{"email":"j@x.org","ids":[1,2]}'),
        ("user.ids", "[1,2]"),
        ("n", "1.5"),
        ("nothing", None),
        ("user.ids.0", None),
        ("absent.below", None),
    ],
)
def test_values_are_found_by_path(path: str, value: str | None) -> None:
    """A value of any kind is one; what is null, missing or inside an array is none."""
    data = '{"user": {"ids": [1, 2], "email": "j@x.org"}, "n": 1.50, "nothing": null}'
    assert values_at(data, [path]).get(path) == value


def test_numbers_beside_it_stay_as_sent() -> None:
    """No digit of what is metered changes when a value beside it is replaced."""
    data = '{"n": 1.50, "deep": {"email": "j", "m": [0.10, 12345678901234567890.000]}}'
    replaced = with_values(data, {"deep.email": '"x"'})
    assert replaced == '{"n":1.50,"deep":{"email":"x","m":[0.10, 12345678901234567890.000]}}'


@given(objects, names, names)
def test_what_is_put_is_found(value: Any, above: str, name: str) -> None:  # noqa: ANN401 - any JSON value
    """A pseudonym put in the place of any value is found again there, and the rest is equal."""
    document = {above: {name: value, "kept": value}, "beside": value}
    path = f"{above}.{name}"
    replaced = with_values(json.dumps(document), {path: f'"{PSEUDONYM}"'})
    document[above][name] = PSEUDONYM
    assert json.loads(replaced) == document
    assert pseudonyms_in(replaced)[path] == PSEUDONYM


def test_data_without_pseudonyms_have_none() -> None:
    """A text that only holds the beginning of one is none."""
    assert pseudonyms_in('{"a":"psn_short","b":"see ' + PSEUDONYM + '"}') == {}


def test_paths_below_each_other_overlap() -> None:
    """One of two paths that say the same value twice is told."""
    assert overlapping(["a", "b", "a.c"]) == ("a.c", "a")
    assert overlapping(["a", "a"]) == ("a", "a")
    assert overlapping(["a", "ab"]) is None
