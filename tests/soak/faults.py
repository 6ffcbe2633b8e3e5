"""What befalls an installation in a soak: kills, restarts, a full disk, a clock that jumps."""

import os
import random
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import pytest

from tests.stories.up import Up

KILLED = ("owner", "postmaster", "worker", "collect")
CLOCK_JUMP_SECONDS = 40 * 60
FULL_SECONDS = (2.0, 8.0)
QUIET_SECONDS = (4.0, 12.0)
SPARED_BYTES = 64 << 20
"""What filling the disk leaves to be written byte by byte, to come to the very end of it."""
LAST_WORDS_CHARS = 2000
LIBRARY = "libfaketime.so.1"


@contextmanager
def small_mount(folder: Path, *, mebibytes: int) -> Iterator[None]:
    """Put a file system of its own, in a sparse file, under a folder."""
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        pytest.skip("needs root and mkfs.ext4, to mount a small file system")
    image = folder.with_name(f"{folder.name}.img")
    with image.open("wb") as file:
        file.truncate(mebibytes << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", str(image)], check=True)
    mount = ["mount", "-o", "loop", str(image), str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        image.unlink()
        pytest.skip("this system does not let root mount a file")
    shutil.rmtree(folder / "lost+found")
    folder.chmod(0o755)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        image.unlink()


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock that the installation's processes read: ours, moved by what a file says."""

    file: Path
    library: Path

    @classmethod
    def beside(cls, folder: Path) -> "Clock":
        """Return a clock that goes right so far."""
        (library,) = (f for f in metadata.files("libfaketime") or () if f.name == LIBRARY)
        file = folder.with_name(f"{folder.name}.clock")
        clock = cls(file=file, library=Path(str(library.locate())))
        clock.move(0)
        return clock

    def move(self, seconds: int) -> None:
        """Let the clock be this much ahead of ours, or behind."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{seconds:+d}s\n")
        new.chmod(0o644)
        new.replace(self.file)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to read this clock; what it waits for is measured by ours."""
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


@dataclass(slots=True)
class Faults:
    """Lets one thing after another befall an installation, at random, until told to stop."""

    up: Up
    clock: Clock
    chance: random.Random
    over: threading.Event
    befell: Counter[str] = field(default_factory=Counter)

    def rage(self) -> None:
        """Go on until it is over; then all is mended, and the installation runs."""
        deeds = (self._kill, self._kill, self._kill, self._restart, self._fill, self._jump)
        while not self.over.wait(self.chance.uniform(*QUIET_SECONDS)):
            self._start_where_it_gave_up()
            self.chance.choice(deeds)()
        self.clock.move(0)
        self._start_where_it_gave_up()
        self.up.await_ready()

    def _start_where_it_gave_up(self) -> None:
        """Do what an operator does: on a full disk it does not start, and says so."""
        if self.up.process.poll() is not None:
            said = self.up.said.read_text()[-LAST_WORDS_CHARS:]
            assert "disk is full" in said or "No space left" in said, said
            self.up.start()
            self.befell["started once there was room"] += 1

    def _kill(self) -> None:
        role = self.chance.choice((*KILLED, "up"))
        if role == "up":
            self.up.process.kill()
            self.up.process.wait()
            self.up.start()
        elif (target := self.up.find(role)) is not None:
            target.kill()
        else:
            return
        self.befell[f"kill -9 {role}"] += 1

    def _restart(self) -> None:
        self.up.await_ready()
        self.up.stop()
        self.up.start()
        self.befell["restart"] += 1

    def _fill(self) -> None:
        """Leave no byte on the file system of the data for a while."""
        filler = self.up.data.root / "run" / "filler"
        filler.parent.mkdir(exist_ok=True)
        free = shutil.disk_usage(filler.parent).free
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(free - SPARED_BYTES, 1))
            file.seek(0, os.SEEK_END)
            _write_until_full(file.fileno())
        self.over.wait(self.chance.uniform(*FULL_SECONDS))
        filler.unlink()
        self.befell["full disk"] += 1

    def _jump(self) -> None:
        seconds = self.chance.randint(-CLOCK_JUMP_SECONDS, CLOCK_JUMP_SECONDS)
        self.clock.move(seconds)
        self.befell["clock ahead" if seconds > 0 else "clock behind"] += 1


def _write_until_full(descriptor: int) -> None:
    for size in (1 << 20, 1 << 12, 1):
        try:
            while True:
                os.write(descriptor, bytes(size))
        except OSError:
            continue
