"""Whether the address to serve on is free, asked before anything is started."""

import errno
import socket

from tallystick.kernel import EngineUnavailable


def require_free_port(host: str, port: int) -> None:
    """
    Bind the address for a moment.

    Raises:
        EngineUnavailable: it is taken, not ours to bind, or no address of this computer.
    """
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        msg = f"{host!r} is no address of this computer; set TALLYSTICK_HOST, as 127.0.0.1"
        raise EngineUnavailable(msg) from error
    family, kind, protocol, _, address = addresses[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            raise EngineUnavailable(_explained(error, host, port)) from error


def _explained(error: OSError, host: str, port: int) -> str:
    reasons = {
        errno.EADDRINUSE: "is in use by another program",
        errno.EACCES: "needs more rights than this user has",
        errno.EADDRNOTAVAIL: "is no address of this computer",
    }
    reason = reasons.get(error.errno or 0, str(error))
    return f"{host}:{port} {reason}; choose another with --port or TALLYSTICK_PORT"
