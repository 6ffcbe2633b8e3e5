"""
Where the server is, and with which key it is asked.

Two ways lead to a server: a URL, or the Unix socket in the run directory of a data directory on
this machine. The socket's directory belongs to its owner alone (0700); the file `owner.json` beside
it holds the token for whoever may read it (0600), so a person on the same machine needs no key.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from tallystick.kernel import EngineUnavailable

SOCKET_NAME = "owner.sock"
CARD_NAME = "owner.json"


class _Card(msgspec.Struct, frozen=True):
    """What the owner process leaves beside its socket."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Address of a server; `socket` is the path of a Unix socket, empty for plain HTTP."""

    url: str
    key: str
    socket: str = ""

    @classmethod
    def local(cls, run_directory: Path, *, workspace: str = "") -> Self:
        """
        Return the way to the owner process of a data directory on this machine.

        Args:
            run_directory: of the data directory.
            workspace: which one is asked; empty: the usual one.

        Raises:
            EngineUnavailable: no owner runs there, or its token cannot be read.
        """
        socket = run_directory / SOCKET_NAME
        card = run_directory / CARD_NAME
        try:
            token = msgspec.json.decode(card.read_bytes(), type=_Card).token
            present = socket.is_socket()
        except FileNotFoundError:
            present, token = False, ""
        except PermissionError as error:
            msg = (
                f"{card} may not be read by this user; run as the user that started `tallystick up`"
            )
            raise EngineUnavailable(msg) from error
        except msgspec.DecodeError as error:
            msg = f"{card} is damaged; restart `tallystick up`, which writes it anew"
            raise EngineUnavailable(msg) from error
        if not present:
            msg = (
                f"no server runs on {run_directory.parent}; start it with `tallystick up`, "
                "or name another with --url and --key"
            )
            raise EngineUnavailable(msg)
        return cls(url="http://tallystick", key=_key_for(token, workspace), socket=str(socket))


def _key_for(token: str, workspace: str) -> str:
    """Return the operator's token for another workspace: it names one, and holds for all."""
    if not workspace:
        return token
    prefix, _, rest = token.partition("_")
    return f"{prefix}_{workspace}_{rest.partition('_')[2]}"
