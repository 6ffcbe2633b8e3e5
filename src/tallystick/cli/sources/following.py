"""
Collectors of declared sources, each in a thread, started and stopped as the declarations say.

The declarations are asked for every few seconds. A source that is new is started, one that is
paused or gone is stopped, one that was changed is started anew. A collector that ends by itself is
started again after a growing delay; it goes on from what the server knows.
"""

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import cast

from tallystick.bootstrap import stopping_on_signals
from tallystick.cli.connection import Item, Session, items
from tallystick.cli.output import note
from tallystick.cli.sources.kinds import collector_of
from tallystick.cli.supervisor import Backoff
from tallystick.client import Client, RequestRefused, Retry
from tallystick.integrations.sources import Desk, Surroundings, is_pulled
from tallystick.kernel import EngineUnavailable, TallystickError

LOOK_SECONDS = 2.0
STOP_SECONDS_MAX = 20.0
ATTEMPTS_MAX = 4


def collect_sources(names: Collection[str], session: Session) -> None:
    """Collect from sources, or from all that are declared if none is named, until told to stop."""
    stopping = threading.Event()
    with stopping_on_signals(stopping):
        following = _Following(session=session, names=frozenset(names))
        while not stopping.is_set():
            following.look()
            stopping.wait(LOOK_SECONDS)
        following.stop()


@dataclass(slots=True, kw_only=True)
class _Following:
    """The collectors that run, by source; `version` is the declaration that each was started on."""

    session: Session
    names: frozenset[str]
    running: dict[str, tuple[str, "_Collector"]] = field(default_factory=dict)
    said: str = ""

    def look(self) -> None:
        """Ask what is declared and make it so; a server that is away changes nothing."""
        try:
            wanted = self._wanted()
        except (EngineUnavailable, RequestRefused) as error:
            if str(error) != self.said:
                note(f"sources: {error}")
            self.said = str(error)
            return
        self.said = ""
        for name in [name for name in self.running if self.running[name][0] != wanted.get(name)]:
            self.running.pop(name)[1].stop()
            note(f"{name}: stopped")
        for name, version in wanted.items():
            if name not in self.running:
                collector = _Collector(name=name, session=self.session)
                self.running[name] = version, collector
                collector.start()
                note(f"{name}: collecting")

    def stop(self) -> None:
        for _, collector in self.running.values():
            collector.stopping.set()
        for _, collector in self.running.values():
            collector.stop()
        self.running.clear()

    def _wanted(self) -> dict[str, str]:
        with self.session.client(retry=Retry(attempts_max=1)) as client:
            found = (
                [cast(Item, client.get(f"/v1/sources/{name}")) for name in sorted(self.names)]
                if self.names
                else list(items(client, "/v1/sources"))
            )
        return {
            str(each["key"]): str(each["changed_at"])
            for each in found
            if not each["paused"] and (self.names or _is_pulled(each))
        }


def _is_pulled(source: Item) -> bool:
    return is_pulled(str(source["kind"]), cast(Item, source["definition"]))


@dataclass(slots=True, kw_only=True)
class _Collector:
    """One source's collector and its thread."""

    name: str
    session: Session
    stopping: threading.Event = field(default_factory=threading.Event)
    backoff: Backoff = field(default_factory=Backoff)
    thread: threading.Thread | None = None

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        if self.thread is not None:
            self.thread.join(STOP_SECONDS_MAX)

    def _run(self) -> None:
        while not self.stopping.is_set():
            started = time.monotonic()
            problem = self._collect()
            if problem and not self.stopping.is_set():
                delay = self.backoff.delay_seconds(ran_seconds=time.monotonic() - started)
                note(f"{self.name}: {problem}; tried again in {delay:g} s")
                self.stopping.wait(delay)

    def _collect(self) -> str:
        """Collect until told to stop; return what ended it before, empty if nothing did."""
        try:
            with self._client(self._pause) as client:
                desk = Desk(client=client, source=self.name, surroundings=self._surroundings())
                definition = desk.definition()
                collector_of(definition)(definition, desk=desk, stopping=self.stopping)
        except (TallystickError, OSError) as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - a defect in one collector must not end others
            return f"{type(error).__name__}: {error}"
        return ""

    def _client(self, sleep: Callable[[float], None]) -> Client:
        retry = Retry(attempts_max=ATTEMPTS_MAX)
        return Client(self.session.endpoint(), retry=retry, sleep=sleep)

    def _pause(self, seconds: float) -> None:
        self.stopping.wait(seconds)

    def _surroundings(self) -> Surroundings:
        settings = self.session.settings()
        return Surroundings(
            secrets=settings.source_secrets,
            folders=settings.source_folders,
            scratch=settings.data / "scratch",
        )
