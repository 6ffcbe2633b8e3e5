"""
Who decides for this process: the server, or where it is away what the features declare for that.

Once the server did not answer it is left alone for a moment, so that nobody waits for it in vain;
then the next question tries it again. What is let through meanwhile is written into a book, and
told when the server is back.
"""

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

from tallystick.client.errors import ServerUnreachable
from tallystick.client.exchange import Request
from tallystick.client.local.away import OpenGrants, decide_away
from tallystick.client.local.book import BookFull
from tallystick.client.local.combining import Combiner
from tallystick.client.local.documents import FAIL_OPEN, Documents
from tallystick.client.local.open_book import OpenBook, reconcile
from tallystick.client.local.place import Place
from tallystick.client.quotas import (
    Asked,
    Consume,
    Decision,
    all_decided,
    ask_all_request,
)
from tallystick.kernel import Misuse

Fetch = Callable[[Request], httpx.Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskTimes:
    """How long uses gather for one request, and how long a server that is away is left alone."""

    gather_seconds: float
    away_seconds: float


class LocalDesk:
    """The desk of one process; any number of threads may ask."""

    def __init__(
        self, fetch: Fetch, *, place: Place, documents: Documents, times: DeskTimes
    ) -> None:
        self._fetch = fetch
        self._place = place
        self._documents = documents
        self._times = times
        self._process = os.getpid()
        self._away_until = 0.0
        self._open = OpenBook(place.directory)
        self._combiner = Combiner(self.ask_all, gather_seconds=times.gather_seconds)
        self._reporting = threading.Lock()
        self.woken = threading.Event()

    @property
    def folder(self) -> Path:
        return self._place.directory

    @property
    def reporting(self) -> threading.Lock:
        return self._reporting

    @property
    def is_away(self) -> bool:
        """Tell whether the server did not answer a moment ago."""
        return time.monotonic() < self._away_until

    def ask_all(self, asked: Sequence[Asked]) -> Sequence[Decision]:
        """
        Return the server's decisions.

        Raises:
            ServerUnreachable: it does not answer, or did not a moment ago.
            RequestRefused: as for any question.
        """
        if self.is_away:
            raise ServerUnreachable("the server did not answer a moment ago")
        try:
            answer = self._fetch(ask_all_request(asked))
        except ServerUnreachable:
            self._away_until = time.monotonic() + self._times.away_seconds
            raise
        return all_decided(answer.content)

    def decide(self, asked: Consume) -> Decision:
        """
        Return the decision on a use; it is asked for together with those of other threads.

        Raises:
            RequestRefused: the question is wrong, or the key may not ask it.
            EngineBusy: too many wait already.
        """
        if os.getpid() != self._process:
            raise Misuse("these quotas are of one process: make them after it was forked")
        if self.is_away:
            return self._decide_away(asked)
        try:
            return self._combiner.submit(asked).result()
        except ServerUnreachable:
            return self._decide_away(asked)

    def set_aside(self, path: Path, message: str) -> None:
        """Keep a book that the server refuses, with what it said, for people to look at."""
        aside = self.folder.parent / "refused"
        aside.mkdir(exist_ok=True, mode=0o700)
        (aside / f"{path.name}.txt").write_text(f"{message}\n", encoding="utf-8")
        if path.exists():
            (aside / path.name).write_bytes(path.read_bytes())

    def try_again(self) -> None:
        """Let the next question reach the server, also if it was away a moment ago."""
        self._away_until = 0.0

    def wake(self) -> None:
        self.woken.set()

    def reconcile(self) -> list[OpenGrants]:
        """
        Tell the server what was let through while it was away, and return how that compares.

        Raises:
            ServerUnreachable, RequestRefused: told with the next call.
        """
        found = []
        for path in self._open.finished():
            found.extend(reconcile(path, self.ask_all))
            path.unlink()
        return found

    def sync(self) -> None:
        """Put on the disk what was let through."""
        self._open.sync()

    def close(self) -> None:
        """Answer what waits, and close the books."""
        self._combiner.close()
        self._open.close()

    def _decide_away(self, asked: Consume) -> Decision:
        known = self._documents.known(asked.account)
        decision = decide_away(asked, None if known is None else known.document)
        if decision.reason == FAIL_OPEN:
            try:
                self._open.write(asked)
            except BookFull as error:
                return msgspec.structs.replace(
                    decision, allowed=False, reason="spool_full", message=str(error)
                )
        return decision
