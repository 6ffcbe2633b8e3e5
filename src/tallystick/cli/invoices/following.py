"""Shows how far a billing run is, while another thread waits for its answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import cast

from rich.progress import Progress

from tallystick.cli.connection import Item, Session
from tallystick.cli.output import progress_bar
from tallystick.kernel import TallystickError

PAUSE_SECONDS = 0.5


@contextmanager
def followed(session: Session) -> Iterator[None]:
    """Show a bar of the accounts done for as long as this lasts; nothing where no terminal is."""
    ended = Event()
    with progress_bar() as bar:
        if bar.disable:
            yield
            return
        thread = Thread(target=_follow, args=(session, bar, ended), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def _follow(session: Session, bar: Progress, ended: Event) -> None:
    task = bar.add_task("billing", total=None, said="")
    with session.client(timeout_seconds=PAUSE_SECONDS * 4) as client:
        while not ended.wait(PAUSE_SECONDS):
            try:
                runs = cast(list[Item], client.get("/v1/invoices/runs"))
            except TallystickError:
                continue  # the run goes on; whether it does is told by its own answer
            if runs:
                run = runs[-1]
                said = f"{run['issued']} issued, {run['parked']} parked"
                total = cast(int, run["accounts"]) or None
                bar.update(task, completed=cast(int, run["accounts_done"]), total=total, said=said)
