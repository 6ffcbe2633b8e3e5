"""
Who calls, and whether they may: key, rate, scope, account.

Every route under `/v1` passes `Gatekeeper.admit` before its input is read. A route says in its
`opt` which scope it needs; a route that says nothing admits nobody. A key bound to one account is
admitted only where the route says that it shows that account alone (`account_keys`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from tallystick.api.keyring import KeyRing, unauthorized
from tallystick.api.problems import HttpProblem
from tallystick.api.rates import Allowance, Buckets
from tallystick.app.command import Caller
from tallystick.app.keys import ApiKey, Scope
from tallystick.bootstrap import LOCAL_KEY_ID

BEARER = b"bearer "
AnyConnection = ASGIConnection[Any, Any, Any, Any]


def needs(*scopes: Scope, account_keys: bool = False) -> dict[str, Any]:
    """Return the `opt` of a route: one of which scopes, and whether keys of one account call it."""
    return {"scopes": scopes, "account_keys": account_keys}


class Gatekeeper:
    """Admits requests."""

    def __init__(self, ring: KeyRing, *, requests: Buckets, ingest: Buckets) -> None:
        self.ring = ring
        self.requests = requests
        self.ingest = ingest

    async def admit(self, connection: AnyConnection, handler: BaseRouteHandler) -> None:
        """Let a request pass to its handler with a `Caller`, or end it (a Litestar guard)."""
        headers = dict(connection.scope["headers"])
        caller = await self.caller(connection.scope["state"], headers, buckets=self.requests)
        check_scope(caller, *handler.opt["scopes"], account_keys=handler.opt["account_keys"])

    async def caller(
        self, state: dict[str, Any], headers: Mapping[bytes, bytes], *, buckets: Buckets
    ) -> Caller:
        """
        Return the caller of a request, and leave it in the request's state.

        Raises:
            HttpProblem: 401 without a good key, 429 above the key's rate.
        """
        header = headers.get(b"authorization", b"")
        if not header[: len(BEARER)].lower() == BEARER:
            raise unauthorized()
        key = await self.ring.key(header[len(BEARER) :].strip().decode("latin-1"))
        allowance = buckets.take(key.id, now_nanoseconds=time.monotonic_ns())
        state["answer_headers"] = allowance.headers()
        state["actor"] = f"key:{key.id}"
        if not allowance.allowed:
            raise rate_limited(allowance)
        caller = caller_of(key, state, headers)
        state["caller"] = caller
        return caller


def caller_of(key: ApiKey, state: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> Caller:
    """Return who calls, in the words of the use cases."""
    idempotency_key = headers.get(b"idempotency-key")
    return Caller(
        workspace=key.workspace,
        actor=f"key:{key.id}",
        request_id=state.get("request_id", ""),
        trace_id=state.get("trace_id", ""),
        idempotency_key=None if idempotency_key is None else idempotency_key.decode("latin-1"),
        scopes=key.scopes,
        account=key.account,
        operator=key.id == LOCAL_KEY_ID,
    )


def check_scope(caller: Caller, *scopes: Scope, account_keys: bool) -> None:
    """End the request with 403 where the caller has no such scope, or is bound to an account."""
    if caller.scopes.isdisjoint((*scopes, Scope.ADMIN)):
        named = "' or '".join(scopes)
        raise HttpProblem(403, "forbidden", f"This needs a key with the scope '{named}'.")
    if caller.account is not None and not account_keys:
        message = "This key is bound to one account; this address concerns the whole workspace."
        raise HttpProblem(403, "forbidden", message)


def rate_limited(allowance: Allowance) -> HttpProblem:
    """Return the problem of a key that calls too often."""
    message = f"This key is over its rate; wait {allowance.retry_after_seconds} s."
    headers = {"retry-after": str(allowance.retry_after_seconds)}
    return HttpProblem(429, "rate_limited", message, headers=headers)
