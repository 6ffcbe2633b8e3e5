"""
Calls webhooks: signed by the Standard Webhooks specification, and only where that is allowed.

    webhook-id          the id of the message, the same for every attempt
    webhook-timestamp   seconds since 1970, by the clock of this attempt
    webhook-signature   v1,BASE64(HMAC-SHA256(secret, id.timestamp.body)), one for each secret

An address is looked up first, and the call goes to exactly what was found: who controls a name
cannot have it point into this network between the look and the call. Redirects are not followed.
"""

import base64
import hmac
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from urllib.parse import SplitResult, urlsplit

import httpx

from tallystick.app.webhooks import Call
from tallystick.kernel import Done, Outcome, refuse

AGENT = "tallystick"
TIMEOUT_SECONDS = 15.0
GONE = 410
# Addresses in which others stand: translated (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo (4380).
_TRANSLATED = tuple(
    ipaddress.IPv6Network(each)
    for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpWebhookCaller:
    """
    Calls over HTTP.

    Attributes:
        hosts: names that may be called wherever they are, and without TLS; all others only at
            public addresses and over https.
    """

    hosts: frozenset[str] = frozenset()
    timeout_seconds: float = TIMEOUT_SECONDS

    def call(self, call: Call, *, at: datetime) -> Outcome[None]:
        parts = urlsplit(call.url)
        host = parts.hostname or ""
        trusted = host in self.hosts
        if parts.scheme != "https" and not trusted:
            return refuse("not_allowed", "only https is called; see TALLYSTICK_WEBHOOK_HOSTS")
        try:
            address = _address_of(host, parts, trusted=trusted)
        except (OSError, UnicodeError):  # the latter for a name with a part that is too long
            return refuse("not_taken", f"the host {host[:80]} has no address")
        if address is None:
            message = f"{host[:80]} is no public address; see TALLYSTICK_WEBHOOK_HOSTS"
            return refuse("not_allowed", message)
        return self._posted(call, parts, address=address, at=at)

    def _posted(
        self, call: Call, parts: SplitResult, *, address: str, at: datetime
    ) -> Outcome[None]:
        host, port = parts.hostname or "", parts.port
        shown = f"[{address}]" if ":" in address else address
        where = parts._replace(netloc=f"{shown}:{port}" if port else shown).geturl()
        headers = {"host": parts.netloc, "content-type": call.media_type, "user-agent": AGENT}
        headers |= signed_headers(call, at=at)
        try:
            with (
                httpx.Client(
                    timeout=self.timeout_seconds, trust_env=False, verify=_authorities()
                ) as client,
                client.stream(
                    "POST",
                    where,
                    content=call.body,
                    headers=headers,
                    extensions={"sni_hostname": host},
                ) as answer,
            ):
                if answer.is_success:  # its body is of no use, and is not read
                    return Done(None)
                if answer.status_code == GONE:
                    return refuse("gone", "it answered HTTP 410: it is there no more")
                return refuse("not_taken", f"it answered HTTP {answer.status_code}")
        except httpx.HTTPError as error:
            return refuse("not_taken", f"{type(error).__name__}: {str(error)[:200]}")


@cache
def _authorities() -> ssl.SSLContext:
    """Return whom receivers are believed by: read once, as it takes longer than most calls."""
    return httpx.create_ssl_context(trust_env=False)


def signed_headers(call: Call, *, at: datetime) -> Mapping[str, str]:
    """Return the headers that say who calls; one signature for each secret."""
    seconds = str(int(at.timestamp()))
    told = b".".join((call.id.encode(), seconds.encode(), call.body))
    signatures = (hmac.digest(secret, told, "sha256") for secret in call.secrets)
    return {
        "webhook-id": call.id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(signature).decode()}" for signature in signatures
        ),
    }


def _address_of(host: str, parts: SplitResult, *, trusted: bool) -> str | None:
    """
    Return the first address of a host that may be called; None if it has but others.

    Raises:
        OSError: it has none at all.
    """
    port = parts.port or _PORTS[parts.scheme]
    for *_, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        address = str(where[0])
        if trusted or _is_public(address):
            return address
    return None


def _is_public(address: str) -> bool:
    """Tell whether an address is one of the public network, and no way around to another one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif any(found in each for each in _TRANSLATED):
            return False
    return found.is_global and not found.is_multicast
