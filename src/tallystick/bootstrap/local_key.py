"""
The key of local commands: who may read the data directory is the operator.

At each start the owner writes a new secret to `run/owner.json`, readable by its own user alone.
A token `ts_<workspace>_local_<secret>` made of it acts with every scope in any workspace. It is not
stored in the database and ends with the process.
"""

import hmac
import os
import secrets
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from tallystick.app.keys import ApiKey, Scope
from tallystick.bootstrap.data_directory import DataDirectory
from tallystick.kernel import WorkspaceId

LOCAL_KEY_ID = "local"


class LocalAccess(msgspec.Struct, frozen=True, kw_only=True):
    """What `run/owner.json` tells a local client."""

    secret: str
    token: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalKey:
    """The secret of this start."""

    secret: str = field(repr=False)
    created_at: datetime

    def look_up(self, token: str) -> ApiKey | None:
        """Return the operator's key if the token holds the secret."""
        head, _, secret = token.rpartition("_")
        prefix, _, rest = head.partition("_")
        workspace, _, key_id = rest.rpartition("_")
        known = hmac.compare_digest(secret.encode(), self.secret.encode())
        if prefix != "ts" or key_id != LOCAL_KEY_ID or not workspace or not known:
            return None
        return ApiKey(
            workspace=WorkspaceId(workspace),
            id=LOCAL_KEY_ID,
            label="local operator",
            scopes=frozenset(Scope),
            account=None,
            created_at=self.created_at,
            expires_at=None,
            revoked_at=None,
        )

    def publish(self, data: DataDirectory, *, url: str, workspace: str = "live") -> None:
        """Write the file that local clients read, whole or not at all."""
        token = f"ts_{workspace}_{LOCAL_KEY_ID}_{self.secret}"
        access = LocalAccess(secret=self.secret, token=token, url=url)
        new = data.token.with_suffix(".new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(access))
        new.replace(data.token)


def new_local_key(created_at: datetime) -> LocalKey:
    """Return a key with a fresh 256-bit secret."""
    return LocalKey(secret=secrets.token_hex(32), created_at=created_at)
