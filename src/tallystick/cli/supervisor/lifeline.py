"""
Children end with their supervisor, whatever ends it.

A supervisor keeps the writing end of a pipe that no one ever writes to. A child that finds the
pipe closed has lost its supervisor, even if that was killed without a word, and ends as if it had
been told to. The reading end reaches the child as an inherited descriptor, its number in the
environment.
"""

import os
import signal
import threading
import time
from collections.abc import MutableMapping
from dataclasses import dataclass

VARIABLE = "_TALLYSTICK_LIFELINE"
GRACE_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifeline:
    """Both ends of the pipe, as the supervisor has them."""

    reading: int
    writing: int


def new_lifeline() -> Lifeline:
    reading, writing = os.pipe()
    return Lifeline(reading=reading, writing=writing)


def follow_lifeline(environment: MutableMapping[str, str]) -> None:
    """
    Watch the supervisor from now on, if this process has one.

    The variable is taken out, so that processes started from here do not mistake a number for
    their own descriptor.
    """
    text = environment.pop(VARIABLE, "")
    if not text.isdigit():
        return
    threading.Thread(target=_follow, args=(int(text),), daemon=True, name="lifeline").start()


def _follow(descriptor: int) -> None:
    try:
        os.read(descriptor, 1)
    except OSError:
        return
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)
