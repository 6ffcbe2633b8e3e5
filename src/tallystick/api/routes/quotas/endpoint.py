"""
`POST /v1/quota/...`: the hot path of decisions, as a bare ASGI handler.

One address for each verb; each takes one order, or many of its kind. A decision is an answer, not
an error: 200 whether or not it allows. What many connections ask at one time is decided together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar.types import Receive, Scope, Send

from tallystick.api.authentication import Gatekeeper, check_scope
from tallystick.api.bodies import BodyBudget, read_body
from tallystick.api.edge import send_body, send_problem
from tallystick.api.errors import problem_from_exception
from tallystick.api.problems import HttpProblem
from tallystick.api.schemas.quotas import (
    ORDERS,
    DecisionItem,
    DecisionsAnswer,
    Many,
    QuotaOrder,
    asks_of,
    wire_from_decision,
)
from tallystick.api.strict_request import NUL, no_nul
from tallystick.app.command import Caller
from tallystick.app.keys import Scope as KeyScope
from tallystick.app.quotas import Ask, Quotas

BODY_BYTES_MAX = 8 * 1024 * 1024
BUDGET_BYTES = 128 * 1024 * 1024
PREFIX = "/v1/quota/"
JSON = "application/json"
_SECOND = timedelta(seconds=1)
_MANY_FROM = b'"requests"'


class QuotaEndpoint:
    """Decides asks over HTTP."""

    def __init__(self, quotas: Quotas, gatekeeper: Gatekeeper) -> None:
        self.quotas = quotas
        self.gatekeeper = gatekeeper
        self.budget = BodyBudget(BUDGET_BYTES)
        self.encoder = msgspec.json.Encoder()
        self.one = {verb: msgspec.json.Decoder(order) for verb, order in ORDERS.items()}
        self.many = msgspec.json.Decoder(Many)

    @property
    def paths(self) -> tuple[str, ...]:
        """The addresses that it answers for."""
        return tuple(f"{PREFIX}{verb}" for verb in ORDERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what cannot be read is a problem document."""
        try:
            body, headers = await self.decide(scope, receive)
        except Exception as error:
            problem = problem_from_exception(error)
            if problem is None:
                raise
            await send_problem(scope, send, problem)
            return
        scope["state"].setdefault("answer_headers", []).extend(headers)
        await send_body(send, 200, body, media_type=JSON)

    async def decide(self, scope: Any, receive: Receive) -> tuple[bytes, list[tuple[bytes, bytes]]]:  # noqa: ANN401 - see edge.Exchange
        """Return the answer to one request, and its headers."""
        verb = scope["path"].removeprefix(PREFIX)
        if scope["method"] != "POST":
            raise HttpProblem(
                405, "method_not_allowed", "Decisions are asked by POST.", headers={"allow": "POST"}
            )
        headers: dict[bytes, bytes] = dict(scope["headers"])
        caller = await self.gatekeeper.caller(
            scope["state"], headers, buckets=self.gatekeeper.ingest
        )
        check_scope(caller, KeyScope.QUOTA, account_keys=verb == "check")
        body = await read_body(headers, receive, bytes_max=BODY_BYTES_MAX, budget=self.budget)
        try:
            orders, is_one = self.read(verb, body)
        finally:
            self.budget.release(len(body))
        asks = asks_of(orders)
        _check_account(caller, asks)
        made = await self.quotas.ask(caller.workspace, asks, trace_id=caller.trace_id)
        items = tuple(wire_from_decision(one, at=made.at) for one in made.decisions)
        if is_one:
            return self.encoder.encode(items[0]), limit_headers(items[0], made.at)
        return self.encoder.encode(DecisionsAnswer(decisions=items)), []

    def read(self, verb: str, body: bytes) -> tuple[Sequence[QuotaOrder], bool]:
        """Return the orders of a body, and whether it is one alone."""
        if NUL.search(body):
            raise no_nul("$")
        decoder = self.one[verb]
        try:
            if _MANY_FROM in body[:64]:
                return [decoder.decode(raw) for raw in self.many.decode(body).requests], False
            return [decoder.decode(body)], True
        except msgspec.ValidationError as error:
            raise HttpProblem(422, "invalid", f"{error}.") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise HttpProblem(400, "malformed", "The body is not JSON.") from error


def limit_headers(item: DecisionItem, at: datetime) -> list[tuple[bytes, bytes]]:
    """
    Return the headers of a decision: what limits, what is left, and when to come back.

    Source: IETF draft "RateLimit header fields for HTTP" (fields RateLimit and RateLimit-Policy).
    """
    found: list[tuple[bytes, bytes]] = []
    if item.limit is not None and item.remaining is not None:
        name = item.feature.replace('"', "").replace("\\", "")
        left, most = (amount.partition(".")[0] for amount in (item.remaining, item.limit))
        reset = item.retry_at or item.resets_at
        until = "" if reset is None else f";t={max(0, -((at - reset) // _SECOND))}"
        found.append((b"ratelimit-policy", f'"{name}";q={most}'.encode()))
        found.append((b"ratelimit", f'"{name}";r={left}{until}'.encode()))
    if not item.allowed and item.retry_after_seconds is not None:
        found.append((b"retry-after", str(item.retry_after_seconds).encode()))
    return found


def _check_account(caller: Caller, asks: Sequence[Ask]) -> None:
    for ask in asks:
        if caller.account not in (None, getattr(ask, "account", None)):
            raise HttpProblem(404, "not_found", "There is no such account.")
