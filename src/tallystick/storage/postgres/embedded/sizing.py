"""What the server may use, told by whoever starts it, and the settings that follow from it."""

from dataclasses import dataclass

from tallystick.kernel import Misuse

_MEMORY_MIB_MIN = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSizing:
    """
    The share of this computer that the server gets.

    Attributes:
        memory_mib: about what all of its processes together should take, in MiB; at least 64.
        connections_max: how many clients may be connected at once.
        durable: wait for the disk at each commit. ``False`` is for throw-away clusters of tests: a
            killed server still loses nothing, a power cut would lose the cluster.
    """

    memory_mib: int = 256
    connections_max: int = 40
    durable: bool = True

    def __post_init__(self) -> None:
        if self.memory_mib < _MEMORY_MIB_MIN or self.connections_max < 1:
            message = f"a server needs {_MEMORY_MIB_MIN} MiB and one connection at least"
            raise Misuse(message)


def server_options(sizing: ServerSizing) -> dict[str, str]:
    """
    Return the server's settings: a quarter of the memory is cache, a quarter shared by sorts.

    A sort may take its share several times over, but hardly in all connections at once.
    """
    memory = sizing.memory_mib
    options = {
        "shared_buffers": f"{memory // 4}MB",
        "effective_cache_size": f"{memory // 2}MB",
        "work_mem": f"{max(1024, memory * 1024 // 4 // sizing.connections_max)}kB",
        "maintenance_work_mem": f"{max(16, memory // 8)}MB",
        "max_wal_size": f"{max(128, memory * 4)}MB",
        "max_connections": str(sizing.connections_max),
        "listen_addresses": "",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "jit": "off",
        "password_encryption": "scram-sha-256",
        "idle_in_transaction_session_timeout": "10min",
        "logging_collector": "on",
        "log_filename": "postgres-%a.log",
        "log_rotation_age": "1d",
        "log_truncate_on_rotation": "on",
        "log_line_prefix": "%m [%p] %u ",
    }
    if not sizing.durable:
        options |= {"fsync": "off", "full_page_writes": "off"}
    return options
