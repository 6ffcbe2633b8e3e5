"""
Files as streams of bytes: packed or not, with a place for the progress bar.

What packs a file is told by its first bytes, not by its name: gzip, zstd, or a zip with one file in
it. A packed file that ends too early is an error, never a shorter file.
"""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from tallystick.integrations.files.problems import UnreadableFile

HEAD_BYTES = 16
BUFFER_BYTES = 1024 * 1024
DIGEST_LENGTH = 16

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZIP = b"PK\x03\x04"


@dataclass(slots=True)
class Opened:
    """A stream of unpacked bytes; `raw` is the file itself, whose place shows the progress."""

    stream: BinaryIO
    raw: pa.NativeFile | None

    def bytes_read(self) -> int:
        """How far the file itself has been read."""
        return int(self.raw.tell()) if self.raw is not None else int(self.stream.tell())


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """
    Open a file for reading its unpacked bytes.

    Raises:
        UnreadableFile: it is not there, may not be read, or is damaged; also while it is being
        read.
    """
    try:
        with _stream(path) as stream:
            yield stream
    except (EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise UnreadableFile(path, _damaged(error)) from error
    except FileNotFoundError as error:
        raise UnreadableFile(path, "there is no such file") from error
    except IsADirectoryError as error:
        raise UnreadableFile(path, "is a directory; name the files in it") from error
    except PermissionError as error:
        raise UnreadableFile(path, "may not be read by this user") from error
    except OSError as error:
        raise UnreadableFile(path, _damaged(error)) from error


def content_digest(path: Path) -> str:
    """Return sixteen hexadecimal digits that name the unpacked content of a file."""
    state = hashlib.sha256()
    with opened(path) as file:
        while block := file.stream.read(BUFFER_BYTES):
            state.update(block)
    return state.hexdigest()[:DIGEST_LENGTH]


def unpacked_head(path: Path) -> bytes:
    """Return the first bytes of the unpacked content, by which its format is known."""
    with opened(path) as file:
        return file.stream.read(HEAD_BYTES)


def is_packed(path: Path) -> bool:
    """Tell whether the file must be unpacked before it can be read."""
    with path.open("rb") as file:
        return file.read(HEAD_BYTES).startswith((_GZIP, _ZSTD, _ZIP))


@contextmanager
def _stream(path: Path) -> Iterator[Opened]:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(_ZIP):
        with zipfile.ZipFile(path) as archive, archive.open(_only_member(archive, path)) as member:
            yield Opened(stream=cast(BinaryIO, member), raw=None)
        return
    raw = pa.OSFile(str(path))
    codec = "gzip" if head.startswith(_GZIP) else "zstd" if head.startswith(_ZSTD) else None
    unpacked = pa.CompressedInputStream(raw, codec) if codec else raw
    with raw, unpacked:
        buffered = io.BufferedReader(cast(io.RawIOBase, unpacked), BUFFER_BYTES)
        yield Opened(stream=cast(BinaryIO, buffered), raw=raw)


def _only_member(archive: zipfile.ZipFile, path: Path) -> str:
    members = [each.filename for each in archive.infolist() if not each.is_dir()]
    if len(members) != 1:
        raise UnreadableFile(path, f"holds {len(members)} files; import them one by one")
    return members[0]


def _damaged(error: Exception) -> str:
    return f"is damaged or cut short ({error}); copy it again"
