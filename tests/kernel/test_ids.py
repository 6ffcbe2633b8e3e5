"""Keys and derived ids."""

import pytest

from tallystick.kernel import derived_id, is_key


@pytest.mark.parametrize("key", ["a", "A9", "acme", "acme/eu-1", "x@y.z", "a:b_c", "9" * 128])
def test_a_key_is_plain_text(key: str) -> None:
    """Letters, digits and a few marks, beginning with a letter or digit."""
    assert is_key(key)


@pytest.mark.parametrize("key", ["", "-a", ".a", " a", "a b", "a\n", "ä", "a" * 129, "a,b", "a\0"])
def test_everything_else_is_no_key(key: str) -> None:
    """Blanks, other scripts, line ends and more than 128 characters are refused."""
    assert not is_key(key)


def test_the_same_parts_give_the_same_id_forever() -> None:
    """The id of known parts is pinned: changing it would rename issued lines."""
    assert derived_id("line", "acme", "2026-01") == "line_8628e29b44d28633808b"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        (("a", ""), ("a",)),
        (("a", "b"), ("b", "a")),
        (("1:a,",), ("a",)),
        ((), ("",)),
    ],
)
def test_other_parts_give_another_id(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Where one part ends and the next begins cannot be blurred."""
    assert derived_id("line", *one) != derived_id("line", *other)


def test_an_id_shows_its_kind() -> None:
    """The prefix and 20 hexadecimal digits."""
    prefix, _, digits = derived_id("inv", "x").partition("_")
    assert (prefix, len(digits)) == ("inv", 20)
