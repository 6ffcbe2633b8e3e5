"""
Runs the processes of an installation: starts them in order, restarts what ends, stops all.

PostgreSQL first, for the others need it; then the owner, for the others ask it; then workers and
collectors. Stopping goes the other way round. What ends by itself is started again after a growing
delay, and said; nothing else is touched by it, since every process reconnects by itself.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tallystick.cli.supervisor.backoff import Backoff
from tallystick.cli.supervisor.child import Child
from tallystick.cli.supervisor.leftovers import list_child, shared_lock
from tallystick.cli.supervisor.lifeline import VARIABLE, Lifeline, new_lifeline
from tallystick.cli.supervisor.program_log import ProgramLog
from tallystick.kernel import EngineUnavailable

POLL_SECONDS = 0.1
READY_SECONDS_MAX = 120


class EngineServer(Protocol):
    """A server that is a child of this process without being a command of ours: PostgreSQL."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def is_alive(self) -> bool: ...


@dataclass(slots=True, kw_only=True)
class Supervisor:
    """
    Keeps an installation running until told to stop.

    Attributes:
        run: directory of sockets, locks and what the children say.
        environment: what the children inherit.
        say: tells the person at the terminal.
        stopping: set to stop; signals set it.
        program: what children run, before their arguments.
    """

    run: Path
    environment: Mapping[str, str]
    say: Callable[[str], None]
    stopping: threading.Event = field(default_factory=threading.Event)
    lifeline: Lifeline = field(default_factory=new_lifeline)
    program: tuple[str, ...] = (sys.executable, "-m", "tallystick")
    engine: EngineServer | None = None
    engine_backoff: Backoff = field(default_factory=Backoff)
    engine_started_at: float = 0.0
    children: list[Child] = field(default_factory=list)

    def start_engine(self, engine: EngineServer) -> None:
        self.engine = engine
        engine.start()
        self.engine_started_at = time.monotonic()

    def add(self, name: str, arguments: Sequence[str]) -> Child:
        """Start a command of ours as a child."""
        child = Child(
            name=name,
            command=[*self.program, *arguments],
            spawn=self._spawn,
            log=ProgramLog(path=self.run / f"{name}.log"),
        )
        self.children.append(child)
        child.start()
        return child

    def await_ready(self, child: Child, is_ready: Callable[[], bool]) -> None:
        """
        Wait until a child answers; what ends meanwhile is started again.

        Raises:
            EngineUnavailable: it does not come up, or fails before it was ready. One that was
                killed from outside did not fail.
        """
        deadline = time.monotonic() + READY_SECONDS_MAX
        while not self.stopping.is_set() and not is_ready():
            self.tend()
            given_up = child.failed and child.process is not None  # by then its words are read
            if given_up or time.monotonic() > deadline:
                said = "\n".join(child.log.last_lines) or "it said nothing"
                raise EngineUnavailable(f"the {child.name} process does not come up: {said}")
            self.stopping.wait(POLL_SECONDS)

    def tend(self) -> None:
        """Start again what has ended."""
        if self.engine is not None and not self.engine.is_alive():
            self._restart_engine(self.engine)
        for child in self.children:
            if event := child.tend():
                self.say(event)

    def tend_until_stopped(self) -> None:
        while not self.stopping.wait(POLL_SECONDS):
            self.tend()

    def stop(self) -> None:
        """Stop everything, the last started first."""
        for child in reversed(self.children):
            child.stop()
        self.children.clear()
        if self.engine is not None:
            self.engine.stop()
            self.engine = None

    def _restart_engine(self, engine: EngineServer) -> None:
        ran_seconds = time.monotonic() - self.engine_started_at
        delay = self.engine_backoff.delay_seconds(ran_seconds=ran_seconds)
        self.say(f"PostgreSQL ended; it starts again in {delay:g} s")
        if self.stopping.wait(delay):
            return
        engine.stop()
        try:
            engine.start()
        except (EngineUnavailable, OSError) as error:
            self.say(str(error))
        self.engine_started_at = time.monotonic()

    def _spawn(self, command: list[str]) -> "subprocess.Popen[bytes]":
        share = shared_lock(self.run)
        inherited = (self.lifeline.reading, share)
        try:
            process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                command,
                env={**self.environment, VARIABLE: str(self.lifeline.reading)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=inherited,
            )
        finally:
            os.close(share)
        list_child(self.run, process.pid)
        return process
