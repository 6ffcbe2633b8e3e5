"""A bucket, listed in rounds: which objects are new, and what became of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from tallystick.integrations.files import FileMapping
from tallystick.integrations.sources import BucketSource, Desk, Surroundings
from tallystick.integrations.watched_folder import finished_item, send_file
from tallystick.kernel import EngineUnavailable, Misuse

if TYPE_CHECKING:  # these exist for the type checker alone
    from obstore.store import ClientConfig, S3Config

CHUNK_BYTES = 4 * 1024 * 1024


class BucketUnavailable(EngineUnavailable):
    """The bucket cannot be listed or read just now."""


def open_bucket(source: BucketSource, surroundings: Surroundings) -> S3Store:
    """Return the bucket of a source."""
    config: S3Config = {"region": source.region}
    if source.endpoint:
        config["endpoint"] = source.endpoint
    for name, variable in source.secrets.items():
        match name:
            case "access_key_id":
                config["access_key_id"] = surroundings.secret(variable)
            case "secret_access_key":
                config["secret_access_key"] = surroundings.secret(variable)
            case "session_token":
                config["session_token"] = surroundings.secret(variable)
            case _:
                raise Misuse(f"{name} is no secret of a bucket")
    plain: ClientConfig = {"allow_http": source.endpoint.startswith("http://")}
    return S3Store(source.bucket, config=config, client_options=plain)


@dataclass(slots=True, kw_only=True)
class WatchedBucket:
    """
    The objects of a bucket.

    Attributes:
        store: the bucket.
        prefix: the folder in it that is watched; empty for all of it.
        pattern: which names are taken, behind the prefix.
        mapping: how columns become events.
        desk: the server.
        finished: name and version of what was sent before.
    """

    store: S3Store
    prefix: str
    pattern: str
    mapping: FileMapping | None
    desk: Desk
    finished: set[tuple[str, str]] = field(default_factory=set)

    def remember(self) -> None:
        """Ask the server what was finished before, by this collector or one before it."""
        self.finished = {(item.name, item.version) for item in self.desk.finished()}

    def round(self) -> int:
        """
        Send every object that is not known, in the order of names; return how many there were.

        Raises:
            EngineUnavailable: the bucket or the server cannot be reached.
        """
        taken = 0
        try:
            for name, version in self._listed():
                if (name, version) not in self.finished:
                    self._finish(name, version)
                    taken += 1
        except (BaseError, OSError) as error:
            first = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise BucketUnavailable(f"the bucket: {first}") from error
        return taken

    def _listed(self) -> Iterator[tuple[str, str]]:
        prefix = self.prefix.rstrip("/")
        for page in obstore.list(self.store, prefix or None):
            for found in page:
                name = found["path"]
                behind = name.removeprefix(prefix).removeprefix("/")
                if fnmatchcase(behind, self.pattern) and not name.endswith("/"):
                    yield name, found["e_tag"] or f"{found['size']}-{found['last_modified']}"

    def _finish(self, name: str, version: str) -> None:
        scratch = self.desk.surroundings.scratch
        scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            path = Path(folder) / "object"
            with path.open("wb") as file:
                for chunk in obstore.get(self.store, name).stream(min_chunk_size=CHUNK_BYTES):
                    file.write(chunk)
            delivered = send_file(path, self.mapping, send=self.desk.send, name=name)
        self.desk.finish(finished_item(name, version, delivered))
        self.finished.add((name, version))
