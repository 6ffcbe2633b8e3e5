"""Where the server's socket stands: beside the cluster, or in a short place if that is too long."""

import hashlib
import tempfile
from pathlib import Path

PORT = 5432  # names the socket file; nothing listens on TCP
_PATH_BYTES_MAX = 103  # macOS; Linux allows 107


def socket_folder(directory: Path) -> Path:
    """
    Return the folder of the socket of a server directory, the same for the same directory.

    Example:
        >>> socket_folder(Path("/var/lib/tallystick/postgres")).as_posix()
        '/var/lib/tallystick/postgres/socket'
        >>> len(str(socket_folder(Path("/" + "long/" * 30)))) < 103
        True
    """
    beside = directory / "socket"
    if len(bytes(beside / f".s.PGSQL.{PORT}")) <= _PATH_BYTES_MAX:
        return beside
    mark = hashlib.sha256(bytes(directory)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"tallystick-{mark}"
