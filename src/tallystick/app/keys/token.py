"""
The text of an API key: ``ts_<workspace>_<id>_<secret>``.

It names its workspace, so that a key is looked up inside that workspace under row level security
and nothing needs to see the keys of all. The secret is 256 random bits; a fast hash of it is enough
at rest, since there is nothing to guess.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from tallystick.kernel import WorkspaceId

_TOKEN = re.compile(r"ts_([a-z0-9][a-z0-9-]{0,38})_([0-9a-f]{16})_([0-9a-f]{64})")
_ID_BYTES = 8
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Token:
    """A key's text in its parts; never logged, hence without a representation of its secret."""

    workspace: WorkspaceId
    key_id: str
    secret: str

    @property
    def text(self) -> str:
        """The text that its holder sends."""
        return f"ts_{self.workspace}_{self.key_id}_{self.secret}"

    @property
    def secret_sha256(self) -> bytes:
        """What is kept of the secret."""
        return hashlib.sha256(self.secret.encode()).digest()


def new_token(workspace: WorkspaceId, *, entropy: Callable[[int], bytes]) -> Token:
    """Return a new token; ``entropy`` gives so many random bytes (``secrets.token_bytes``)."""
    key_id, secret = entropy(_ID_BYTES).hex(), entropy(_SECRET_BYTES).hex()
    return Token(workspace=workspace, key_id=key_id, secret=secret)


def token_from_text(text: str) -> Token | None:
    """
    Return the parts of a token, ``None`` if the text is none.

    Example:
        >>> token_from_text("ts_live_0123456789abcdef_" + "5" * 64).key_id
        '0123456789abcdef'
        >>> token_from_text("ts_live_secret") is None
        True
    """
    found = _TOKEN.fullmatch(text)
    if found is None:
        return None
    workspace, key_id, secret = found.groups()
    return Token(workspace=WorkspaceId(workspace), key_id=key_id, secret=secret)
