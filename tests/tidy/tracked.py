"""What no file of the project may hold: paths of one machine, and where packages come from."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.tidy.source import ROOT, Finding

_DOT = re.escape(".")
_MACHINE_FOLDERS = ("w|ork", "f|arm", "r|oot", "opt/wh|eels", "tmp/bu|ild")
_REGISTRIES = (
    ("pyp|i", "org"),
    ("pythonh|osted", "org"),
    ("npm|js", "(org|com)"),
    ("debia|n", "org"),
    ("crate|s", "io"),
    ("gola|ng", "org"),
    ("mave|n", "(org|apache)"),
)
"""Each name is cut by a bar, so that this file does not hold it."""


def _whole(name: str) -> str:
    return name.replace("|", "")


MACHINE_PATH = re.compile(
    rf"(^|[^\w.])/({'|'.join(_whole(folder) for folder in _MACHINE_FOLDERS)})/"
)
REGISTRY = re.compile(
    "|".join(rf"\b{_whole(name)}{_DOT}{ending}\b" for name, ending in _REGISTRIES), re.IGNORECASE
)
SOURCE_OPTION = re.compile(r"^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b")


def tracked_files(root: Path = ROOT) -> list[Path]:
    """Files under version control; everything but environments where there is none."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached"], cwd=root, capture_output=True, check=False
    )
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name]
        return [root / name for name in names if (root / name).is_file()]
    return [
        path
        for part in ("src", "tests", "docs", "requirements", "bench")
        for path in (root / part).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]


def leaks(path: str, content: bytes) -> Iterator[Finding]:
    """Lines that name a folder of one machine, or a registry's host, or (in a lock) an address."""
    if b"\0" in content[:8192]:
        return
    lines = content.decode(errors="replace").splitlines()
    is_lock = path.startswith("requirements/") and path.endswith(".txt")
    for number, line in enumerate(lines, start=1):
        if MACHINE_PATH.search(line):
            yield Finding(path=path, line=number, message="a path of one machine")
        if REGISTRY.search(line):
            yield Finding(path=path, line=number, message="a registry's host")
        if is_lock and (SOURCE_OPTION.search(line) or "://" in line or " @ " in line):
            yield Finding(path=path, line=number, message="a lock names an address")
