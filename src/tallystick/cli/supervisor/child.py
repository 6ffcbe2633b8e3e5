"""
One supervised process: started, watched, started again, stopped.

Each child leads a session and process group of its own: Ctrl-C at the terminal reaches the
supervisor alone, which then stops its children in order, each with all that it may have started.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, cast

from tallystick.cli.supervisor.backoff import Backoff
from tallystick.cli.supervisor.program_log import ProgramLog

STOP_SECONDS_MAX = 30
KILLED = {-signal.SIGKILL, -signal.SIGTERM}
Spawn = Callable[[list[str]], "subprocess.Popen[bytes]"]


@dataclass(slots=True, kw_only=True)
class Child:
    """
    A command that is to run as long as the supervisor does.

    Attributes:
        name: how it is called in messages.
        command: program and arguments.
        spawn: starts the command with what children inherit.
        log: where its output goes.
        started: how many times it was started.
        failed: how many times it ended without having been killed from outside.
    """

    name: str
    command: list[str]
    spawn: Spawn
    log: ProgramLog
    backoff: Backoff = field(default_factory=Backoff)
    process: "subprocess.Popen[bytes] | None" = None
    started: int = 0
    failed: int = 0
    started_at: float = 0.0
    due_at: float = 0.0

    def start(self) -> None:
        self.process = self.spawn(self.command)
        self.started += 1
        self.started_at = time.monotonic()
        self.log.follow(cast(IO[bytes], self.process.stdout))

    def tend(self) -> str:
        """Start the child again when that is due; return what happened, empty if nothing did."""
        now = time.monotonic()
        if self.process is None:
            return self._start_again() if now >= self.due_at else ""
        code = self.process.poll()
        if code is None:
            return ""
        self.failed += code not in KILLED
        delay = self.backoff.delay_seconds(ran_seconds=now - self.started_at)
        self.process, self.due_at = None, now + delay
        return f"{self.name} {ending(code)}; it starts again in {delay:g} s ({self.log.path})"

    def _start_again(self) -> str:
        try:
            self.start()
        except OSError as error:
            delay = self.backoff.delay_seconds(ran_seconds=0.0)
            self.due_at = time.monotonic() + delay
            return f"{self.name} cannot be started ({error}); it is tried again in {delay:g} s"
        return ""

    def stop(self) -> None:
        """Ask the child to end, and end it where it does not."""
        process, self.process = self.process, None
        if process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            _signal_group(process.pid, number)
            try:
                process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                continue
            return


def ending(code: int) -> str:
    """
    Return how a process ended, in words.

    Example:
        >>> ending(3), ending(-9)
        ('ended with code 3', 'was ended by SIGKILL')
    """
    if code >= 0:
        return f"ended with code {code}"
    return f"was ended by {signal.Signals(-code).name}"


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return
