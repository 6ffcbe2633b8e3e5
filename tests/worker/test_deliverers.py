"""Deliverers side by side: where nothing is due, one of them looks for all."""

from tallystick.worker.deliverers import deliverers


def test_one_looks_for_all() -> None:
    """An idle outbox is asked once by all deliverers, and whoever delivered goes on at once."""
    due = [True, True, False]
    looks: list[bool] = []

    def deliver() -> bool:
        looks.append(due.pop(0) if due else False)
        return looks[-1]

    first, *others = deliverers(deliver)
    assert [first.run(), first.run(), first.run()] == [True, True, False]
    assert [task.run() for task in others] == [False] * len(others)
    assert looks == [True, True, False]
