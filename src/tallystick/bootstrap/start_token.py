"""
The link that `up` prints: a token that signs a browser in once.

`up` makes the token from the secret in `run/owner.json`, which only the operator can read; the page
checks it with the same secret and lets it in once. So nothing has to be asked or stored between
the two, and a link found later in a scrollback is worth nothing.
"""

import hashlib
import hmac
import secrets
import threading
from datetime import datetime, timedelta

from tallystick.kernel import WorkspaceId

VALID_FOR = timedelta(minutes=30)
_PURPOSE = b"tallystick start token\0"


def new_start_token(secret: str, *, workspace: str, now: datetime) -> str:
    """
    Return a token that opens the pages of a workspace once, within half an hour of `now`.

    Args:
        secret: of the owner's local key.
        workspace: which one.
        now: the present instant.
    """
    expires = int((now + VALID_FOR).timestamp())
    content = f"{workspace}.{expires}.{secrets.token_hex(16)}"
    return f"{content}.{_signature(secret, content)}"


class StartTokens:
    """Lets each start token in once; of one process, and safe in several threads."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._used: dict[str, int] = {}
        self._lock = threading.Lock()

    def redeem(self, token: str, *, now: datetime) -> WorkspaceId | None:
        """Return the workspace that a token opens; None if it is false, too old or used."""
        content, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), _signature(self._secret, content).encode()):
            return None
        workspace, expires, nonce = content.rsplit(".", 2)
        seconds = int(now.timestamp())
        with self._lock:
            self._used = {used: until for used, until in self._used.items() if until > seconds}
            if int(expires) <= seconds or nonce in self._used:
                return None
            self._used[nonce] = int(expires)
        return WorkspaceId(workspace)


def _signature(secret: str, content: str) -> str:
    return hmac.new(secret.encode(), _PURPOSE + content.encode(), hashlib.sha256).hexdigest()
