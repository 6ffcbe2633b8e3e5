"""
`POST /v1/events`: the hot path, as a bare ASGI handler.

One request does what must be done and no more: name the caller (usually from memory), read and
unpack the body within its limits, hand workspace and bytes to the gate, and encode the report.
Parsing, identity and durability are the gate's. A batch is not all or nothing: the answer is 202
if any event was accepted or was here already, 422 if none was, and lists each event that was not
accepted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import parse_qs

import msgspec
from litestar.types import Receive, Scope, Send

from tallystick.api.authentication import Gatekeeper, check_scope
from tallystick.api.bodies import BodyBudget, read_body
from tallystick.api.edge import send_body, send_problem
from tallystick.api.errors import problem_from_exception
from tallystick.api.metrics import Metrics
from tallystick.api.problems import FieldProblem, HttpProblem
from tallystick.app.command import Caller
from tallystick.app.corrections import Backfill, BackfillState
from tallystick.app.ingest import Gate, IngestReport, Result, Status, UnknownMediaType
from tallystick.app.keys import Scope as KeyScope
from tallystick.kernel import Misuse, WorkspaceId

EVENTS_BYTES_MAX = 32 * 1024 * 1024
BUDGET_BYTES = 512 * 1024 * 1024
ACCEPTED = 202
UNPROCESSABLE = 422
JSON = "application/json"
BackfillOf: TypeAlias = Callable[[WorkspaceId, str], Backfill | None]
"""Finds the backfill of a name; blocks."""
KEPT_HEADERS = (b"ce-", b"content-")


class EventsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many events had which fate, and which (those accepted only with `detail=all`)."""

    accepted: int
    duplicate: int
    conflict: int
    rejected: int
    last_position: int
    results: tuple[Result, ...]


class EventsEndpoint:
    """Takes events over HTTP."""

    def __init__(
        self, gate: Gate, gatekeeper: Gatekeeper, metrics: Metrics, *, backfill_of: BackfillOf
    ) -> None:
        self.gate = gate
        self.backfill_of = backfill_of
        self.gatekeeper = gatekeeper
        self.metrics = metrics
        self.budget = BodyBudget(BUDGET_BYTES)
        self.encoder = msgspec.json.Encoder()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; everything that is refused is a problem document."""
        try:
            answer = await self.take(scope, receive)
        except Exception as error:
            problem = problem_from_exception(error)
            if problem is None:
                raise
            await send_problem(scope, send, problem)
            return
        status = ACCEPTED if answer.accepted + answer.duplicate else UNPROCESSABLE
        await send_body(send, status, self.encoder.encode(answer), media_type=JSON)

    async def take(self, scope: Any, receive: Receive) -> EventsAnswer:  # noqa: ANN401 - see edge.Exchange
        """Return the fate of each event of one request."""
        if scope["method"] != "POST":
            message = "Events are sent with POST."
            raise HttpProblem(405, "method_not_allowed", message, headers={"allow": "POST"})
        headers: dict[bytes, bytes] = dict(scope["headers"])
        caller = await self.gatekeeper.caller(
            scope["state"], headers, buckets=self.gatekeeper.ingest
        )
        check_scope(caller, KeyScope.INGEST, account_keys=False)
        asked = _asked(scope["query_string"])
        backfill = await self.open_backfill(caller, asked.get("backfill", ""))
        body = await read_body(headers, receive, bytes_max=EVENTS_BYTES_MAX, budget=self.budget)
        try:
            report = await self.submit(caller, headers, body, backfill=backfill)
        finally:
            self.budget.release(len(body))
        self.metrics.count_events(
            accepted=report.accepted,
            duplicate=report.duplicate,
            conflict=report.conflict,
            rejected=report.rejected,
        )
        return _answer(report, wants_all=asked.get("detail") == "all")

    async def open_backfill(self, caller: Caller, name: str) -> int:
        """Return the number of the backfill that shall hold the events; 0 where none is named."""
        if not name:
            return 0
        found = await asyncio.to_thread(self.backfill_of, caller.workspace, name)
        if found is None:
            raise HttpProblem(404, "not_found", f"There is no backfill '{name}'; open it first.")
        if found.state is not BackfillState.OPEN:
            message = f"Backfill '{name}' was {found.state}; send the events under another name."
            raise HttpProblem(409, "already_decided", message)
        return found.number

    async def submit(
        self, caller: Caller, headers: dict[bytes, bytes], body: bytes, *, backfill: int = 0
    ) -> IngestReport:
        """Hand a body to the gate; what it cannot read as a whole is the sender's mistake."""
        try:
            report = await self.gate.submit(
                caller.workspace,
                body,
                content_type=headers.get(b"content-type", b"").decode("latin-1"),
                headers=_gate_headers(headers),
                backfill=backfill,
            )
        except UnknownMediaType as error:
            raise HttpProblem(415, "unsupported_media_type", str(error)) from error
        except Misuse as error:
            raise HttpProblem(400, "malformed", str(error)) from error
        self.gate.traces.note(report, caller.trace_id)
        return report


def _gate_headers(headers: dict[bytes, bytes]) -> dict[str, str]:
    return {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in headers.items()
        if name.startswith(KEPT_HEADERS)
    }


def _asked(query: bytes) -> dict[str, str]:
    """Return the parameters of the query, each at most once."""
    if not query:
        return {}
    asked: dict[str, str] = {}
    for name, values in parse_qs(query.decode("latin-1"), keep_blank_values=True).items():
        wrong = name == "detail" and values[-1] not in {"errors", "all"}
        if wrong or name not in {"detail", "backfill"}:
            message = (
                "The parameters here are detail, 'errors' (the default) or 'all', and backfill."
            )
            problem = FieldProblem(code="invalid", message=message, path=name)
            raise HttpProblem(422, "invalid", message, errors=[problem])
        asked[name] = values[-1]
    return asked


def _answer(report: IngestReport, *, wants_all: bool) -> EventsAnswer:
    results = report.results
    if wants_all:
        results = _every_result(report)
    return EventsAnswer(
        accepted=report.accepted,
        duplicate=report.duplicate,
        conflict=report.conflict,
        rejected=report.rejected,
        last_position=report.last_position,
        results=results,
    )


def _every_result(report: IngestReport) -> tuple[Result, ...]:
    told = {result.index: result for result in report.results}
    count = report.accepted + report.duplicate + report.conflict + report.rejected
    duplicates = frozenset(report.duplicates)
    return tuple(
        told.get(index)
        or Result(index=index, status=Status.DUPLICATE if index in duplicates else Status.ACCEPTED)
        for index in range(count)
    )
