"""The nearest known name."""

from tallystick.kernel import nearest


def test_the_order_of_names_does_not_matter() -> None:
    """Two names equally near are decided by the alphabet."""
    assert nearest("ab", ["abx", "aby"]) == nearest("ab", ["aby", "abx"])


def test_a_long_word_is_cut_before_comparing() -> None:
    """A word of a million characters is answered at once."""
    assert nearest("a" * 1_000_000, ["hour"]) is None
