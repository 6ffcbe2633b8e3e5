"""A pseudonym says which values are equal, and nothing about what they are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.personal import content_of, is_pseudonym, pseudonym_of

SALT, OTHER_SALT = bytes(32), bytes([1] * 32)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"j\\u00e9"', '"jé"'),
        ("1.50", "1.5"),
        ("100", "1.00e2"),
        ('{"a": 1, "b": [2.0]}', '{"b":[2],"a":1.0}'),
        ("true", "true"),
    ],
)
def test_respelled_values_have_one_pseudonym(one: str, other: str) -> None:
    """Values that mean the same are committed to as one."""
    assert content_of(one.encode()) == content_of(other.encode())


@pytest.mark.parametrize(
    ("one", "other"), [('"1"', "1"), ('"a"', '"A"'), ("[1,2]", "[2,1]"), ("null", '"null"')]
)
def test_other_values_have_another_one(one: str, other: str) -> None:
    """A text is no number, and the order of items means something."""
    assert content_of(one.encode()) != content_of(other.encode())


@pytest.mark.parametrize("odd", ['"\\ud800"', "1" * 60, "1e999999999"])
def test_what_has_no_plain_spelling_stays(odd: str) -> None:
    """Half of a surrogate pair, and a number nobody can write out, are kept as they came."""
    assert content_of(odd.encode()) == odd


@given(st.text(st.characters(codec="utf-8")))
def test_content_reads_back_as_the_value(text: str) -> None:
    """What is kept is a JSON text that means the value."""
    assert json.loads(content_of(json.dumps(text).encode())) == text


def test_another_salt_gives_another_pseudonym() -> None:
    """Who lacks the salt cannot confirm a guess: the same value comes out otherwise."""
    found = {pseudonym_of('"jane"', salt=salt) for salt in (SALT, OTHER_SALT)}
    assert len(found) == len([SALT, OTHER_SALT])
    assert all(map(is_pseudonym, found))


@pytest.mark.parametrize("text", ["", "psn_", "psn_" + 42 * "x", "psn_" + 43 * "=", "jane"])
def test_other_texts_are_no_pseudonyms(text: str) -> None:
    """Only the whole form is one, so that a text that begins like it is committed to as well."""
    assert not is_pseudonym(text)
