"""What is new is read once, and nothing that comes up meanwhile is passed over."""

import pytest

from tallystick.bootstrap.engines.news import CaughtUp, News
from tallystick.kernel import WorkspaceId

ONE, OTHER = WorkspaceId("one"), WorkspaceId("other")


def test_what_was_read_is_not_read_again_until_something_is_new() -> None:
    """A workspace at rest costs nothing, whoever else has news."""
    caught_up, read = CaughtUp(), list[str]()
    for _ in range(2):
        caught_up.read(ONE, lambda: read.append(ONE))
    caught_up.disturb([OTHER])
    caught_up.read(ONE, lambda: read.append(ONE))
    assert read == [ONE]
    caught_up.disturb([ONE])
    caught_up.read(ONE, lambda: read.append(ONE))
    assert read == [ONE, ONE]


def test_what_comes_while_reading_is_read_the_next_time() -> None:
    """It may have come behind what was read."""
    caught_up, read = CaughtUp(), list[str]()

    def reading() -> None:
        read.append(ONE)
        if len(read) == 1:
            caught_up.disturb([ONE])

    for _ in range(3):
        caught_up.read(ONE, reading)
    assert read == [ONE, ONE]


def test_a_reading_that_failed_is_tried_again() -> None:
    """Nothing was seen."""
    caught_up, tried = CaughtUp(), list[str]()

    def failing() -> None:
        tried.append(ONE)
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            caught_up.read(ONE, failing)
    assert tried == [ONE, ONE]


def test_news_are_taken_once_and_all_are_looked_at_now_and_then() -> None:
    """The first look is at everybody; then at whom something is new of, until a sweep is due."""
    news = News(sweep_seconds=3600)
    assert news.is_sweep_due()
    news.add([ONE])
    assert news.take(lambda: [OTHER]) == [ONE, OTHER]
    assert not news.is_sweep_due()
    assert news.take(lambda: [OTHER]) == []
    news.add([ONE])
    assert news.take(lambda: [OTHER]) == [ONE]
