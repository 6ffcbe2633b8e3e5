"""A line to a real server that can be cut and mended: what lies between is a test's to break."""

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock, Thread
from urllib.parse import urlsplit


@dataclass(slots=True, kw_only=True)
class Relay:
    """Passes bytes on while it is whole; `tries` counts connections, also those it broke."""

    url: str
    target: tuple[str, int]
    tries: int = 0
    _lock: Lock = field(default_factory=Lock)
    _open: set[socket.socket] = field(default_factory=set)
    _is_cut: bool = False

    def cut(self) -> None:
        """Break every connection, and each new one as soon as it is made."""
        with self._lock:
            self._is_cut = True
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Pass on what comes from now on."""
        with self._lock:
            self._is_cut = False

    def take(self, near: socket.socket) -> None:
        """Serve one connection until either side ends it."""
        with self._lock:
            self.tries += 1
            if self._is_cut:
                near.close()
                return
            far = socket.create_connection(self.target)
            self._open |= {near, far}
        back = Thread(target=_pass_on, args=(far, near), daemon=True)
        back.start()
        _pass_on(near, far)
        back.join()
        with self._lock:
            self._open -= {near, far}
        near.close()
        far.close()


@contextlib.contextmanager
def relay(url: str) -> Iterator[Relay]:
    """Lend a line to the server at a URL."""
    parts = urlsplit(url)
    listener = socket.create_server(("127.0.0.1", 0))
    made = Relay(
        url=f"http://127.0.0.1:{listener.getsockname()[1]}",
        target=(parts.hostname or "", parts.port or 0),
    )
    accepting = Thread(target=_accept, args=(listener, made), daemon=True)
    accepting.start()
    try:
        yield made
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join()
        listener.close()
        made.cut()


def _accept(listener: socket.socket, made: Relay) -> None:
    with contextlib.suppress(OSError):
        while True:
            near, _ = listener.accept()
            Thread(target=made.take, args=(near,), daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while some := source.recv(65_536):
            sink.sendall(some)
    for each in (source, sink):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
