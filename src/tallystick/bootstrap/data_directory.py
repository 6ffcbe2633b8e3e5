"""
The data directory: layout, version, and the locks that keep second processes out.

    VERSION       format of everything below, a whole number
    lock          held by `up`, with the process number of its holder
    log-lock      held while a backup is taken, and while usage is removed
    run/          sockets and what a local client needs, mode 0700
    log/          segments and identities, mode 0700
    postgres/     the embedded PostgreSQL, mode 0700
    clickhouse/   the embedded ClickHouse, mode 0700; derived from the log
    secret        random bytes that key the identity hashes; without it repeats are not recognized

    collector-host/  the host collector's spool; it may have run here alone, before the first `up`
    designs/         logos and templates of documents, put there by the operator; may be absent
    scratch/         what collectors of sources unpack
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tallystick.kernel import TallystickError

FORMAT = 2
SECRET_BYTES = 16
LOG_LOCK = "log-lock"
OURS = frozenset(
    "lock log-lock run log postgres clickhouse secret collector-host scratch designs".split()
)
"""What may lie in a directory that has no version yet."""


class DirectoryUnusable(TallystickError):
    """The data directory cannot be used as it is; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataDirectory:
    """Paths below one data directory."""

    root: Path

    @property
    def run(self) -> Path:
        """Sockets and what a local client needs."""
        return self.root / "run"

    @property
    def socket(self) -> Path:
        """The owner's Unix socket."""
        return self.run / "owner.sock"

    @property
    def token(self) -> Path:
        """The file with the key of local commands, written anew at each start, mode 0600."""
        return self.run / "owner.json"

    @property
    def segments(self) -> Path:
        """Segments of the log."""
        return self.root / "log" / "segments"

    @property
    def identities(self) -> Path:
        """Sorted runs of event identities."""
        return self.root / "log" / "identities"

    @property
    def postgres(self) -> Path:
        """The embedded PostgreSQL."""
        return self.root / "postgres"

    @property
    def clickhouse(self) -> Path:
        """The embedded ClickHouse."""
        return self.root / "clickhouse"

    @property
    def designs(self) -> Path:
        """Logos and templates of documents, as legal entities name them."""
        return self.root / "designs"

    def prepare(self) -> None:
        """
        Create what is missing.

        Raises:
            DirectoryUnusable: not writable, not ours, or of a newer version.

        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self._check_version()
            # The root itself stays open: root's PostgreSQL passes through it as a user of its own.
            for folder in (self.run, self.segments.parent, self.clickhouse):
                folder.mkdir(mode=0o700, exist_ok=True)
                folder.chmod(0o700)
        except OSError as error:
            message = f"the data directory {self.root} cannot be used: {error.strerror}"
            raise DirectoryUnusable(message) from error

    def webhook_root(self) -> bytes:
        """
        Return what secrets of webhooks and links in letters are derived from, each by a label.

        Raises:
            DirectoryUnusable: as `identity_seed`.

        """
        return self.identity_seed().to_bytes(SECRET_BYTES, "little")

    def identity_seed(self) -> int:
        """
        Return the 128-bit secret that keys the identity hashes; made at first use.

        Raises:
            DirectoryUnusable: the log has events, but the secret is missing or damaged.

        """
        path = self.root / "secret"
        secret = path.read_bytes() if path.exists() else b""
        if len(secret) != SECRET_BYTES:
            if any(self.segments.glob("*.seg")):
                message = (
                    f"{path} is missing or damaged though the log has events; restore it from the "
                    "backup, or repeats of old events would be counted again"
                )
                raise DirectoryUnusable(message)
            secret = secrets.token_bytes(SECRET_BYTES)
            _write_secret(path, secret)
        return int.from_bytes(secret, "little")

    @contextmanager
    def locked(self, name: str = "lock") -> Iterator[None]:
        """
        Hold one of the directory's locks; the kernel drops it when the process ends.

        Raises:
            DirectoryUnusable: another process holds it; the message names it.

        """
        descriptor = os.open(self.root / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
                message = (
                    f"process {holder} already runs on the data directory {self.root}; stop it, "
                    "or choose another directory with TALLYSTICK_DATA"
                )
                raise DirectoryUnusable(message) from error
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            yield
        finally:
            os.close(descriptor)

    def _check_version(self) -> None:
        path = self.root / "VERSION"
        if not path.exists():
            if any(self.root.iterdir()) and not self.segments.exists():
                self._check_foreign()
            path.write_text(f"{FORMAT}\n")
            return
        text = path.read_text().strip()
        if text != str(FORMAT):
            message = (
                f"the data directory {self.root} has format {text[:16]!r}, this program knows "
                f"{FORMAT}; use the program that wrote it, or import the events into a new one"
            )
            raise DirectoryUnusable(message)

    def _check_foreign(self) -> None:
        foreign = sorted(path.name for path in self.root.iterdir() if path.name not in OURS)
        if foreign:
            names = ", ".join(foreign[:3])
            message = f"{self.root} holds other things ({names}); choose an empty directory"
            raise DirectoryUnusable(message)


def _write_secret(path: Path, secret: bytes) -> None:
    """Write a file that survives a power loss whole or not at all, readable by its owner alone."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
