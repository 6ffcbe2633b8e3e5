"""
A request and what its answer means: the part that both clients share, without a connection.

`Attempts` decides, answer by answer, whether to ask again and how long to wait before; who sends
and who sleeps is the client's own business.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import httpx
import msgspec
import pyarrow as pa

from tallystick.client.answers import BatchAnswer
from tallystick.client.batches import Batch, arrow_batches, json_batches
from tallystick.client.endpoint import Endpoint
from tallystick.client.errors import ProblemAnswer, RequestRefused, ServerUnreachable
from tallystick.client.retry import Retry, may_pass
from tallystick.client.usage import QUERY_PATH, UsageAsked
from tallystick.kernel import Problem

EVENTS_PATH = "/v1/events"
STATUS_ERROR = 400
STATUS_UNPROCESSABLE = 422
JSON = "application/json"

_encoder = msgspec.json.Encoder(decimal_format="string")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; `body` is sent as it is, `query` leaves out what is empty."""

    method: str
    path: str
    query: Mapping[str, str] | None = None
    body: bytes = b""
    headers: Mapping[str, str] | None = None
    repeatable: bool = True

    @property
    def parameters(self) -> dict[str, str]:
        """Return what of the query is sent."""
        return {name: text for name, text in (self.query or {}).items() if text}


@dataclass(slots=True, kw_only=True)
class Attempts:
    """
    The attempts at one request.

    Attributes:
        where: the server, for people.
        made: how many failed so far.
    """

    retry: Retry
    attempts_max: int
    where: str
    made: int = field(default=0, init=False)

    @classmethod
    def at(cls, request: Request, *, retry: Retry, endpoint: Endpoint) -> "Attempts":
        """Begin; what may not be repeated is attempted once."""
        return cls(
            retry=retry,
            attempts_max=retry.attempts_max if request.repeatable else 1,
            where=endpoint.socket or endpoint.url,
        )

    def pause_seconds(
        self, failed: httpx.Response | httpx.TransportError, *, now: datetime
    ) -> float:
        """
        Return how long to wait before the next attempt.

        Raises:
            ServerUnreachable: this was the last one.
        """
        self.made += 1
        retry_after = None
        if isinstance(failed, httpx.Response):
            problem = problem_of(failed)
            reason = f"HTTP {problem.status}: {problem.message}"
            retry_after = failed.headers.get("retry-after")
        else:
            reason = f"{type(failed).__name__}: {failed}"
        if self.made >= self.attempts_max:
            msg = (
                f"{self.where} gave no usable answer in {self.attempts_max} attempts; "
                f"the last was {reason}"
            )
            raise ServerUnreachable(msg)
        return self.retry.delay_seconds(self.made, retry_after=retry_after, now=now)


def is_final(answer: httpx.Response) -> bool:
    """Tell whether asking again would bring the same answer."""
    return not may_pass(answer.status_code)


def default_headers(endpoint: Endpoint) -> dict[str, str]:
    """Return what every request carries."""
    headers = {"user-agent": "tallystick-client"}
    if endpoint.key:
        headers["authorization"] = f"Bearer {endpoint.key}"
    return headers


def json_request(path: str, document: object = None, *, idempotency_key: str = "") -> Request:
    """Return the request that posts a JSON document; it is repeatable only with a key."""
    headers = {"content-type": JSON}
    if idempotency_key:
        headers["idempotency-key"] = idempotency_key
    return Request(
        method="POST",
        path=path,
        body=b"" if document is None else _encoder.encode(document),
        headers=headers,
        repeatable=bool(idempotency_key),
    )


def question(path: str, document: object) -> Request:
    """Return the request that posts a JSON document which may be sent again as it is."""
    return Request(
        method="POST", path=path, body=_encoder.encode(document), headers={"content-type": JSON}
    )


def usage_request(asked: UsageAsked, *, accept: str = JSON) -> Request:
    """Return the request of one page of a question for usage; it may be sent again."""
    return Request(
        method="POST",
        path=QUERY_PATH,
        body=_encoder.encode(asked),
        headers={"content-type": JSON, "accept": accept},
    )


def batches_of(events: Iterable[Mapping[str, object]] | pa.Table) -> Iterable[Batch]:
    """Return events, in order, as bodies."""
    return arrow_batches(events) if isinstance(events, pa.Table) else json_batches(events)


def batch_request(batch: Batch, *, backfill: str = "") -> Request:
    """Return the request that sends a body of events."""
    return Request(
        method="POST",
        path=EVENTS_PATH,
        body=batch.body,
        headers={"content-type": batch.media_type, "content-encoding": "zstd"},
        query={"backfill": backfill},
    )


def batch_answer(answer: httpx.Response) -> BatchAnswer:
    """
    Return what became of a body of events.

    Raises:
        RequestRefused: the body was refused as a whole.
    """
    if answer.status_code >= STATUS_ERROR and not _has_results(answer):
        raise RequestRefused(problem_of(answer))
    return msgspec.json.decode(answer.content, type=BatchAnswer)


def successful(answer: httpx.Response) -> httpx.Response:
    """
    Return the answer.

    Raises:
        RequestRefused: it is no success.
    """
    if answer.status_code >= STATUS_ERROR:
        raise RequestRefused(problem_of(answer))
    return answer


def document_of(answer: httpx.Response) -> object:
    """Return the decoded JSON of an answer, None where it has none."""
    return msgspec.json.decode(answer.content) if answer.content else None


def problem_of(answer: httpx.Response) -> ProblemAnswer:
    """Return the problem of an answer, also where a proxy on the way has written it."""
    try:
        wire = msgspec.json.decode(answer.content, type=_WireProblem)
    except msgspec.DecodeError:
        wire = _WireProblem()
    return ProblemAnswer(
        status=answer.status_code,
        code=wire.code or f"http_{answer.status_code}",
        message=wire.detail or wire.title or answer.reason_phrase,
        problems=tuple(
            Problem(code=each.code, message=each.message, field=each.path) for each in wire.errors
        ),
    )


class _WireFieldProblem(msgspec.Struct):
    code: str = ""
    message: str = ""
    path: str = ""


class _WireProblem(msgspec.Struct):
    title: str = ""
    detail: str = ""
    code: str = ""
    errors: list[_WireFieldProblem] = msgspec.field(default_factory=list)


def _has_results(answer: httpx.Response) -> bool:
    """Tell whether a 422 reports on each event (none was taken), or refuses the body as a whole."""
    if answer.status_code != STATUS_UNPROCESSABLE:
        return False
    try:
        return bool(msgspec.json.decode(answer.content, type=BatchAnswer).results)
    except msgspec.DecodeError:
        return False
