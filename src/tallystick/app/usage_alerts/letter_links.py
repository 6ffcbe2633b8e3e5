"""
Links in letters by which whoever reads them declines further ones.

    https://bills.example.com/letters?token=<base64url of: sign (16) | digest (16) | text>

    sign     HMAC-SHA256 over the rest
    digest   HMAC-SHA256 of the address in its workspace, so that no address can be read from a link
    text     workspace, account (empty: whoever is a recipient of rules) and language

Both are cut to 16 bytes, under keys derived from random bytes of the installation with a label
that nothing else has.  A link says what it said for ever: declining has no end.

>>> links = LetterLinks(root=lambda: bytes(16), public_url="https://bills.example.com")
>>> url = links.url("owner@example.com", account="acme", language="de", workspace="live")
>>> link = links.read(url.partition("?token=")[2])
>>> (link.workspace, link.account, link.language, links.names(link, "Owner@example.com"))
('live', 'acme', 'de', True)
>>> links.read("AAAA") is None
True
"""

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from tallystick.kernel import WorkspaceId

PATH = "/letters"
TOKEN_CHARACTERS_MAX = 700
_SIGNING, _NAMING = b"tallystick letters 1: sign", b"tallystick letters 1: name"
_BYTES = 16
_PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLink:
    """
    Whose letters a link is of.

    Attributes:
        account: whose alerts the letter told, as its contact; empty: to a recipient of rules.
        language: in which the letter was written.
        address: a keyed digest of the address, see `LetterLinks.names`.
    """

    workspace: WorkspaceId
    account: str
    language: str
    address: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLinks:
    """
    Makes and reads links.

    Attributes:
        root: random bytes of this installation, asked for when a link is.
        public_url: where the world reaches the server, as ``https://bills.example.com``; empty: no
            links are made, and those that were made are read all the same.
    """

    root: Callable[[], bytes]
    public_url: str = ""

    def url(self, address: str, *, workspace: str, account: str, language: str) -> str:
        """Return the link of a letter to an address; empty without a public address."""
        if not self.public_url:
            return ""
        text = f"{workspace}\0{account}\0{language}".encode()
        content = self._digest(workspace, address) + text
        token = base64.urlsafe_b64encode(self._sign(content) + content).decode().rstrip("=")
        return f"{self.public_url}{PATH}?token={token}"

    def read(self, token: str) -> LetterLink | None:
        """Return what a link says; None where this installation did not say it."""
        if len(token) > TOKEN_CHARACTERS_MAX or not token.isascii():
            return None
        padded = token.encode() + b"=" * (-len(token) % 4)
        try:
            sealed = base64.b64decode(padded, altchars=b"-_", validate=True)
        except binascii.Error:
            return None
        sign, content = sealed[:_BYTES], sealed[_BYTES:]
        if not hmac.compare_digest(sign, self._sign(content)):
            return None
        said = content[_BYTES:].decode().split("\0")
        if len(said) != _PARTS:
            return None
        workspace, account, language = said
        return LetterLink(
            workspace=WorkspaceId(workspace),
            account=account,
            language=language,
            address=content[:_BYTES],
        )

    def names(self, link: LetterLink, address: str) -> bool:
        """Tell whether a link is of an address; capitals make no difference."""
        return hmac.compare_digest(link.address, self._digest(link.workspace, address))

    def _sign(self, content: bytes) -> bytes:
        return hmac.digest(self._key(_SIGNING), content, "sha256")[:_BYTES]

    def _digest(self, workspace: str, address: str) -> bytes:
        told = f"{workspace}\0{address.strip().lower()}".encode()
        return hmac.digest(self._key(_NAMING), told, "sha256")[:_BYTES]

    def _key(self, label: bytes) -> bytes:
        return hmac.digest(self.root(), label, "sha256")
