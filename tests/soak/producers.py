"""
Producers of a soak: numbered events at a rate, sent again until taken, and a list of their own.

An event says its number in its id and in its value, so that a producer's list is the ranges of
numbers that were acknowledged, and what they must count follows from it without the product.
"""

import http.client
import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from tallystick.bootstrap import DataDirectory

TYPE = "soak.request"
SUBJECTS = 10
VALUES = 97
SIZES = (1, 20, 1000, 1000)
"""Events of a request: some alone, some in small batches, most in large ones."""
PAUSE_SECONDS = 0.1
TIMEOUT_SECONDS = 30
EVENT = (
    '{"specversion":"1.0","id":"%d","source":"%s","type":"%s","subject":"s%d",'
    '%s"data":{"value":%d}}'
)
UNTIMED_SHARE = 0.2


@dataclass(slots=True)
class Pace:
    """How many events a second all producers together may send; None: as many as are taken."""

    events_per_second: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _free_at: float = 0.0

    def seconds_to_wait(self, events: int) -> float:
        """Take the next turn for so many events; turns that were missed are gone."""
        rate = self.events_per_second
        if rate is None:
            return 0.0
        with self._lock:
            turn = max(self._free_at, time.monotonic())
            self._free_at = turn + events / rate
        return max(0.0, turn - time.monotonic())


@dataclass(slots=True)
class Producer:
    """One source of events; runs in a thread of its own until told to stop."""

    name: str
    port: int
    data: DataDirectory
    pace: Pace
    stop: threading.Event
    chance: random.Random
    sent: int = 0
    """How many events were acknowledged: exactly those with the numbers below it."""
    answers: Counter[str] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)
    last_body: bytes = b""
    """A batch that was acknowledged, for those who repeat it."""
    _connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=TIMEOUT_SECONDS
        )

    def run(self) -> None:
        """Send batch after batch; end with one that was acknowledged."""
        while not self.stop.is_set():
            size = self.chance.choice(SIZES)
            self.stop.wait(self.pace.seconds_to_wait(size))
            body = self._body(size)
            while not self._taken(body, size):
                self.stop.wait(PAUSE_SECONDS)
            self.last_body = body
            self.sent += size
        self._connection.close()

    def expected(self) -> np.ndarray:
        """Return what each subject's events add up to, as (count, sum of values) by subject."""
        numbers = np.arange(self.sent)
        subjects = numbers % SUBJECTS
        counts = np.bincount(subjects, minlength=SUBJECTS)
        sums = np.bincount(subjects, weights=numbers % VALUES, minlength=SUBJECTS)
        return np.column_stack([counts, sums.astype(np.int64)])

    def _body(self, size: int) -> bytes:
        numbers = range(self.sent, self.sent + size)
        time_text = ""
        if self.chance.random() > UNTIMED_SHARE:
            used_at = datetime.now(UTC) - timedelta(hours=self.chance.uniform(2, 40))
            time_text = f'"time":"{used_at.isoformat()}",'
        texts = [EVENT % (n, self.name, TYPE, n % SUBJECTS, time_text, n % VALUES) for n in numbers]
        return f"[{','.join(texts)}]".encode()

    def _taken(self, body: bytes, size: int) -> bool:
        """Send once; whether all was acknowledged. A refusal that asks to try later is obeyed."""
        try:
            status, answer = self._post(body)
        except (OSError, ValueError, http.client.HTTPException) as error:
            self.answers[type(error).__name__] += 1
            self._connection.close()
            return False
        self.answers[str(status)] += 1
        if status == http.client.ACCEPTED:
            report = json.loads(answer)
            if report["accepted"] + report["duplicate"] == size:
                return True
        if status not in {http.client.TOO_MANY_REQUESTS, http.client.SERVICE_UNAVAILABLE}:
            self.surprises.append(f"{status}: {answer[:300]!r}")
        return False

    def _post(self, body: bytes) -> tuple[int, bytes]:
        """Send on the connection that is kept open, or opened anew after a failure."""
        self._connection.request("POST", "/v1/events", body, headers(self.data))
        response = self._connection.getresponse()
        return response.status, response.read()


def headers(data: DataDirectory) -> dict[str, str]:
    """Return the headers of a local client; the token changes when the owner starts anew."""
    token = json.loads(data.token.read_bytes())["token"]
    return {"authorization": f"Bearer {token}", "content-type": "application/json"}
