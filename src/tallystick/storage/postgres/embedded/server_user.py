"""The user of this computer as whom the server runs: ourselves, or for root one of its own."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tallystick.kernel import EngineUnavailable

SYSTEM_USER = "tallystick"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUser:
    """
    The server's user.

    Attributes:
        client: the name of the user that this process runs as, who will connect.
        other: whether the server's user is not the user of this process (who then is root).
    """

    name: str
    uid: int
    gid: int
    client: str
    other: bool

    def run(self, command: list[str], *, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a command as this user and return what it said; no check of its exit code."""
        return subprocess.run(  # noqa: S603 (our own binaries, no shell)
            command,
            cwd=folder,
            env=server_environment(),
            capture_output=True,
            check=False,
            text=True,
            user=self.uid if self.other else None,
            group=self.gid if self.other else None,
            extra_groups=[] if self.other else None,
        )

    def make_folder(self, folder: Path) -> None:
        """
        Make a folder that is this user's alone, or check that an existing one is.

        Raises:
            EngineUnavailable: it is somebody else's, or this user cannot get to it.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.other and folder.stat().st_uid == 0 and not folder.is_symlink():
            os.chown(folder, self.uid, self.gid)
        if folder.is_symlink() or folder.stat().st_uid != self.uid:
            message = f"{folder} belongs to another user than {self.name}: choose another folder"
            raise EngineUnavailable(message)
        folder.chmod(0o700)
        if self.other:
            self._require_reach(folder)

    def _require_reach(self, folder: Path) -> None:
        for step in (*reversed(folder.parents), folder):
            if self.run(["/bin/sh", "-c", 'cd -- "$0"', str(step)], folder=Path("/")).returncode:
                message = (
                    f"the user {self.name}, as whom PostgreSQL runs when started by root, cannot "
                    f"enter {step}: choose a data directory elsewhere, such as "
                    f"/var/lib/tallystick, or run as an ordinary user"
                )
                raise EngineUnavailable(message)


def server_environment() -> dict[str, str]:
    """Return the server's environment: nothing of ours but the way to libraries."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"} | kept


def server_user() -> ServerUser:
    """
    Return the user for the server; for root it is the system user ``tallystick``, made if missing.

    Raises:
        EngineUnavailable: the user of this process has no name, or the system user cannot be made.
    """
    own_uid = os.geteuid()
    try:
        own = pwd.getpwuid(own_uid)
    except KeyError:
        message = f"the user id {own_uid} has no name on this computer; PostgreSQL needs one"
        raise EngineUnavailable(message) from None
    other = own_uid == 0
    user = _system_user() if other else own
    return ServerUser(
        name=user.pw_name, uid=user.pw_uid, gid=user.pw_gid, client=own.pw_name, other=other
    )


def _system_user() -> pwd.struct_passwd:
    said = "" if _is_known(SYSTEM_USER) else _made(SYSTEM_USER)
    if not _is_known(SYSTEM_USER):
        message = (
            f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} cannot be made "
            f"({said}): make it, or run as an ordinary user"
        )
        raise EngineUnavailable(message)
    return pwd.getpwnam(SYSTEM_USER)


def _is_known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _made(name: str) -> str:
    """Make a system user and return what was said about it."""
    tool = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if tool is None:
        return "there is no useradd on this computer"
    command = [tool, "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", name]
    done = subprocess.run(  # noqa: S603 (fixed arguments, no shell)
        command, capture_output=True, check=False, text=True
    )
    return done.stderr.strip()
