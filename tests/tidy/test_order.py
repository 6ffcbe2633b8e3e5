"""The order of the tests' files names what is there."""

from tests import order
from tests.tidy.source import ROOT


def test_what_begins_first_is_there() -> None:
    """A file that went or was renamed would come last, and all processes would wait for it."""
    assert [name for name in order.LONG if not (ROOT / name).exists()] == []
    assert len(set(order.LONG)) == len(order.LONG)
