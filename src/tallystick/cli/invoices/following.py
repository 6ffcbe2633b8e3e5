"""Shows how far a billing run is, while another thread waits for its answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import cast

from rich.progress import Progress, TaskID

from tallystick.cli.connection import Item, Session
from tallystick.cli.output import progress_bar
from tallystick.kernel import TallystickError

PAUSE_SECONDS = 0.5


@contextmanager
def followed(session: Session) -> Iterator[Callable[[Item], None]]:
    """
    Show a bar of the accounts done for as long as this lasts; nothing where no terminal is.

    What is yielded takes the run's report, so that the bar ends where the run did.
    """
    ended = Event()
    with progress_bar() as bar:
        if bar.disable:
            yield lambda _: None
            return
        task = bar.add_task("billing", total=None, said="")
        thread = Thread(target=_follow, args=(session, bar, task, ended), daemon=True)
        thread.start()
        reports: list[Item] = []
        try:
            yield reports.append
        finally:
            ended.set()
            thread.join()
            for report in reports:
                show_ended(bar, task, report)


def show_ended(bar: Progress, task: TaskID, report: Item) -> None:
    """Show what a run did in all."""
    issued, parked = (len(cast(list[object], report[name])) for name in ("issued", "parked"))
    accounts = cast(int, report["accounts"])
    bar.update(task, completed=accounts, total=accounts, said=_said(issued, parked))


def _said(issued: object, parked: object) -> str:
    return f"{issued} issued, {parked} parked"


def _follow(session: Session, bar: Progress, task: TaskID, ended: Event) -> None:
    with session.client(timeout_seconds=PAUSE_SECONDS * 4) as client:
        while not ended.wait(PAUSE_SECONDS):
            try:
                runs = cast(list[Item], client.get("/v1/invoices/runs"))
            except TallystickError:
                continue  # the run goes on; whether it does is told by its own answer
            if runs:
                run = runs[-1]
                said = _said(run["issued"], run["parked"])
                total = cast(int, run["accounts"]) or None
                bar.update(task, completed=cast(int, run["accounts_done"]), total=total, said=said)
