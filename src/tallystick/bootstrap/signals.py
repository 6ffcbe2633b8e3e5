"""Signals as an event: processes end in order when they are told to."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType


@contextmanager
def stopping_on_signals(stopping: threading.Event) -> Iterator[None]:
    """Set the event on SIGINT, SIGTERM and SIGHUP while inside; of the main thread only."""

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        stopping.set()

    with ExitStack() as stack:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            stack.callback(signal.signal, number, signal.signal(number, stop))
        yield
