"""Clients that mean no good, or were written badly: none of what they do may count or hold up."""

import http.client
import json
import random
import socket
import threading
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from tallystick.bootstrap import DataDirectory
from tests.soak.producers import Producer, headers

HELD_OPEN_MAX = 50
TIMEOUT_SECONDS = 10
PAUSE_SECONDS = 0.2
LEVELS = 10_000
BOMB_BYTES = 200_000_000
BAD_BODIES = (
    b"[",
    b"\xff\xfe[]",
    b"null",
    b"[" * LEVELS + b"]" * LEVELS,
    b'[{"specversion":"1.0","id":"x","source":"h","type":"soak.request","data":{"value":NaN}}]',
    b'[{"specversion":"1.0","id":"","source":"h","type":"soak.request"}]',
    b'[{"specversion":"9.9","id":"y","source":"h","type":"soak.request"}]',
    b'[{"specversion":"1.0","id":"z","source":"h","type":"soak.request","time":"9999-01-01T00:00:00Z"}]',
)


@dataclass(slots=True)
class Hostile:
    """Does one bad thing after another until told to stop, and holds connections open besides."""

    port: int
    data: DataDirectory
    producers: Sequence[Producer]
    stop: threading.Event
    chance: random.Random
    answers: Counter[str] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)
    _open: list[socket.socket] = field(default_factory=list)

    def run(self) -> None:
        """Go on until told to stop."""
        deeds = (
            self._nonsense,
            self._bomb,
            self._hang,
            self._half_a_body,
            self._huge_length,
            self._wrong_key,
            self._again,
            self._otherwise,
        )
        while not self.stop.wait(PAUSE_SECONDS):
            try:
                self.chance.choice(deeds)()
            except (OSError, ValueError, http.client.HTTPException) as error:
                self.answers[type(error).__name__] += 1
        for connection in self._open:
            connection.close()

    def _judge(self, deed: str, status: int, answer: bytes, allowed: set[int]) -> None:
        self.answers[f"{deed} {status}"] += 1
        if status not in allowed | {429, 503}:
            self.surprises.append(f"{deed} {status}: {answer[:300]!r}")

    def _post(self, body: bytes, more: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        try:
            wanted = headers(self.data) | dict(more or {})
            connection.request("POST", "/v1/events", body, wanted)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _nonsense(self) -> None:
        status, answer = self._post(self.chance.choice(BAD_BODIES))
        self._judge("nonsense", status, answer, {400, 422})

    def _bomb(self) -> None:
        """Send little that unpacks to much."""
        status, answer = self._post(_bomb(), {"content-encoding": "gzip"})
        self._judge("bomb", status, answer, {400, 413})

    def _hang(self) -> None:
        """Open a connection, say half a line, and say a byte more on those already open."""
        for connection in self._open:
            try:
                connection.send(b"x")
            except OSError:
                continue
        if len(self._open) < HELD_OPEN_MAX:
            connection = socket.create_connection(("127.0.0.1", self.port), TIMEOUT_SECONDS)
            connection.send(b"POST /v1/events HTTP/1.1\r\nhost: a\r\nx-slow: ")
            self._open.append(connection)
        self.answers["hang"] += 1

    def _half_a_body(self) -> None:
        """Break off in the middle of events that would have been good."""
        key = headers(self.data)["authorization"]
        body = b'[{"specversion":"1.0","id":"half","source":"h","type":"soak.request","subj'
        head = (
            f"POST /v1/events HTTP/1.1\r\nhost: a\r\nauthorization: {key}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body) * 2}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", self.port), TIMEOUT_SECONDS) as connection:
            connection.sendall(head.encode() + body)
            self.stop.wait(PAUSE_SECONDS)
        self.answers["half a body"] += 1

    def _huge_length(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), TIMEOUT_SECONDS) as connection:
            connection.sendall(
                b"POST /v1/events HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999\r\n\r\n[["
            )
            connection.recv(1000)
        self.answers["huge length"] += 1

    def _wrong_key(self) -> None:
        key = f"ts_live_{self.chance.getrandbits(64):016x}_00"
        status, answer = self._post(b"[]", {"authorization": f"Bearer {key}"})
        self._judge("wrong key", status, answer, {401})

    def _again(self) -> None:
        """Repeat what a producer was acknowledged long ago, word for word."""
        body = self.chance.choice(self.producers).last_body
        if body:
            status, answer = self._post(body)
            self._judge("again", status, answer, {202})
            if status == http.client.ACCEPTED and json.loads(answer)["accepted"]:
                self.surprises.append(f"a repeat counted: {answer[:300]!r}")

    def _otherwise(self) -> None:
        """Repeat it with another value: a conflict, which counts nothing."""
        body = self.chance.choice(self.producers).last_body
        if body:
            changed = body.replace(b'"value":', b'"value":1000')
            status, answer = self._post(changed)
            self._judge("otherwise", status, answer, {202, 422})
            if status in {202, 422} and json.loads(answer).get("accepted"):
                self.surprises.append(f"a conflict counted: {answer[:300]!r}")


@cache
def _bomb() -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(bytes(BOMB_BYTES)) + packer.flush()
