"""
The secrets that webhooks are signed with: derived, so that none is kept.

    secret = HMAC-SHA256(root of the installation, workspace, webhook, version)

Whoever reads the database learns no secret, and a backup of the data directory has them all.
"""

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from tallystick.kernel import WorkspaceId

_LABEL = b"tallystick webhook 1"
_MARK = "whsec_"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecrets:
    """
    Derives secrets from ``root``, random bytes of this installation.

    They are asked for when a secret is: the process that keeps the log makes them.
    """

    root: Callable[[], bytes]

    def of(self, workspace: WorkspaceId, webhook: str, version: int) -> bytes:
        """Return the 32 bytes that sign for a version of a webhook's secret."""
        told = b"\0".join((_LABEL, workspace.encode(), webhook.encode(), str(version).encode()))
        return hmac.digest(self.root(), told, "sha256")


def shown(secret: bytes) -> str:
    """
    Return a secret as it is handed over, in the form of the Standard Webhooks specification.

    >>> shown(bytes(24))
    'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    """
    return _MARK + base64.b64encode(secret).decode()
