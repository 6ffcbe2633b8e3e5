"""Removal, comparison and backup keep out of one another's way."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tallystick.bootstrap import LOG_LOCK, DataDirectory
from tallystick.bootstrap.engines.removing import Removing
from tallystick.kernel import EngineUnavailable, WorkspaceId

Pause = Callable[[], AbstractContextManager[None]]


def removing_in(root: Path) -> Removing:
    """Return the removal of an installation without workspaces."""
    empty = SimpleNamespace(directory=SimpleNamespace(page=lambda **_: []))
    nothing = cast("Any", None)
    return Removing(
        lambda _: nothing,
        directory=DataDirectory(root=root),
        pool=nothing,
        runner=lambda: cast("Any", nullcontext(empty)),
    )


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    """Lend another thread."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


def entered(context: AbstractContextManager[None]) -> str:
    """Enter and leave, and return why it was refused; empty if it was not."""
    try:
        with context:
            return ""
    except EngineUnavailable as error:
        return str(error)


def test_nothing_is_removed_while_log_and_projection_are_compared(
    tmp_path: Path, elsewhere: ThreadPoolExecutor
) -> None:
    """A removal is refused meanwhile, and let in after; two removals are one too many."""
    removing = removing_in(tmp_path)
    pause: Pause = removing.parts(WorkspaceId("live")).pause
    with removing.compared():
        assert "comparison" in elsewhere.submit(entered, pause()).result()
    with pause():
        assert "another removal" in elsewhere.submit(entered, pause()).result()
    assert not elsewhere.submit(entered, pause()).result()


def test_a_comparison_waits_for_a_removal(tmp_path: Path, elsewhere: ThreadPoolExecutor) -> None:
    """It begins when the removal has ended, not before."""
    removing = removing_in(tmp_path)
    with removing.parts(WorkspaceId("live")).pause():
        compared = elsewhere.submit(entered, removing.compared())
        with pytest.raises(TimeoutError):
            compared.result(0.2)
    assert not compared.result(10)


def test_nothing_is_removed_while_a_backup_is_taken(tmp_path: Path) -> None:
    """Whoever holds the lock of the log keeps removals out, and leaves nothing locked behind."""
    pause: Pause = removing_in(tmp_path).parts(WorkspaceId("live")).pause
    with DataDirectory(root=tmp_path).locked(LOG_LOCK):
        assert "backup" in entered(pause())
    assert not entered(pause())
