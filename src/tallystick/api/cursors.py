"""
Cursors of paged lists: opaque to the client, checked when they come back.

A cursor says after which sort key the next page begins. It is signed with a key of this process's
making and bound to the list and its filters, so that one that was edited, or carried to another
list or another workspace, is refused instead of silently giving a wrong page. After a restart old
cursors are refused as well; a client then begins again, as the message says.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os

import msgspec

from tallystick.api.problems import FieldProblem, HttpProblem

SIGNATURE_BYTES = 12
CURSOR_CHARACTERS_MAX = 1024


class Cursors:
    """Makes and reads cursors with one secret."""

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret or os.urandom(32)

    def seal(self, after: str, *, scope: str) -> str:
        """Return the cursor for the page after the sort key `after` of the list `scope`."""
        content = msgspec.json.encode(after)
        return base64.urlsafe_b64encode(self._sign(content, scope) + content).decode().rstrip("=")

    def open(self, cursor: str, *, scope: str) -> str:
        """Return the sort key in a cursor, or end the request with 422."""
        try:
            sealed = base64.b64decode(
                cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True
            )
        except (binascii.Error, ValueError):
            raise _invalid() from None
        signature, content = sealed[:SIGNATURE_BYTES], sealed[SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._sign(content, scope)):
            raise _invalid()
        return msgspec.json.decode(content, type=str)

    def _sign(self, content: bytes, scope: str) -> bytes:
        message = len(scope).to_bytes(4, "big") + scope.encode() + content
        return hmac.new(self._secret, message, hashlib.sha256).digest()[:SIGNATURE_BYTES]


def _invalid() -> HttpProblem:
    message = "This cursor does not belong to this list; begin again without one."
    problem = FieldProblem(code="invalid_cursor", message=message, path="cursor")
    return HttpProblem(422, "invalid_cursor", message, errors=[problem])
