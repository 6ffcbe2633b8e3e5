"""Numbers in quotes: where they would be hurt, and nowhere else."""

import json
import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.storage.clickhouse import quote_numbers

_NUMBER = r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?"
_SCALARS = st.one_of(
    st.from_regex(_NUMBER, fullmatch=True),
    st.text('"\\0123456789.eE-é', max_size=8).map(json.dumps),
    st.sampled_from(["null", "true", "false", "[]", '{"a":[1.50,-0,{"b":"1 2"}]}']),
)
_OBJECTS = st.dictionaries(st.text('a1"\\', max_size=3), _SCALARS, max_size=4).map(
    lambda members: "{" + ", ".join(f"{json.dumps(k)}:{v}" for k, v in members.items()) + "}"
)


@given(st.lists(_OBJECTS, max_size=5), st.integers(0, 5))
def test_every_number_of_a_delicate_text_stands_in_quotes(texts: list[str], skipped: int) -> None:
    """Strings are never touched, and a column cut in the middle gives the same."""
    column = pa.array(texts, pa.string()).slice(skipped)
    naive = re.compile(r'("(?:[^"\\]|\\.)*")|(-?[0-9][0-9.eE+-]*)')
    for text, quoted in zip(texts[skipped:], quote_numbers(column).to_pylist(), strict=True):
        assert quoted in {"", naive.sub(lambda m: m[1] or f'"{m[2]}"', text)}


@pytest.mark.parametrize(
    ("number", "delicate"),
    [
        ("36.5", False),
        ("-36.5", False),
        ("0", False),
        ("0.001", False),
        ("100", False),
        ("123456789012345", False),
        ("1234567890123456", True),
        ("1.10", True),
        ("0.0001", True),
        ("-0.0001", True),
        ("-0", True),
        ("1e2", True),
        ("1E2", True),
    ],
)
def test_only_what_a_double_hurts_is_delicate(number: str, delicate: bool) -> None:  # noqa: FBT001 - a column of the table
    """Up to 15 characters without exponent, trailing zero or many leading ones are left alone."""
    (quoted,) = quote_numbers(pa.array([f'{{"v":{number}}}'], pa.string())).to_pylist()
    assert quoted == (f'{{"v":"{number}"}}' if delicate else "")
