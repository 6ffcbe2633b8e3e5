"""Turns exceptions of the router and of the use cases into problem documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap
from structlog.typing import FilteringBoundLogger

from tallystick.api.problems import (
    PROBLEM_MEDIA_TYPE,
    FieldProblem,
    HttpProblem,
    problem_body,
)
from tallystick.api.strict_request import name_in_query
from tallystick.app.ingest import LogFull, Overloaded
from tallystick.kernel import EngineUnavailable

RETRY_SECONDS = "1"
STORAGE_RETRY_SECONDS = "30"
CODES: Mapping[int, tuple[str, str]] = {
    400: ("malformed", "The request could not be read."),
    401: ("unauthorized", "Send a key: Authorization: Bearer ts_..."),
    403: ("forbidden", "This key may not do that."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not know that method; see the Allow header."),
    413: ("too_large", "The body is larger than this address accepts."),
    415: ("unsupported_media_type", "This content type or encoding is not understood here."),
    422: ("invalid", "The request was understood and is not valid."),
    429: ("rate_limited", "Too many requests; see Retry-After."),
    503: ("unavailable", "Something needed is not available just now; try again."),
}
INTERNAL = ("internal", "Something failed here. Quote the request id when asking.")
_MISSING = re.compile(r"^Missing required (?P<kind>\w+) parameter '(?P<name>[^']*)'")
KEPT_HEADERS = frozenset({"allow", "retry-after"})


def problem_from_exception(
    error: Exception, *, names: Mapping[str, str] | None = None
) -> HttpProblem | None:
    """
    Return the problem that an exception stands for, None where nobody expected it.

    Args:
        error: what was raised.
        names: how addresses call parameters that the route calls otherwise.
    """
    problem: HttpProblem | None = None
    match error:
        case HttpProblem():
            problem = error
        case Overloaded():
            headers = {"retry-after": str(error.retry_after_seconds)}
            problem = HttpProblem(429, "overloaded", str(error), headers=headers)
        case LogFull():
            headers = {"retry-after": STORAGE_RETRY_SECONDS}
            problem = HttpProblem(503, "storage_full", str(error), headers=headers)
        case EngineUnavailable():
            problem = HttpProblem(503, *CODES[503], headers={"retry-after": RETRY_SECONDS})
        case RecursionError():
            problem = HttpProblem(400, "malformed", "The body is nested too deeply.")
        case ValidationException():
            problem = _invalid(error, names or {})
        case HTTPException():
            problem = _http(error)
        case _:
            pass
    return problem


def error_handlers(log: FilteringBoundLogger) -> ExceptionHandlersMap:
    """Return the one handler of whatever a route ends with."""

    def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        names = _names_in_query(request) if isinstance(error, ValidationException) else None
        problem = problem_from_exception(error, names=names)
        request_id: str = request.scope["state"].get("request_id", "")
        if problem is None:
            log.error("request_failed", request_id=request_id, exc_info=error)
            problem = HttpProblem(500, *INTERNAL)
        elif isinstance(error, EngineUnavailable):
            log.warning("engine_unavailable", request_id=request_id, reason=str(error))
        body = problem_body(problem, request_id=request_id, instance=request.url.path)
        return Response(
            body,
            status_code=problem.status,
            media_type=PROBLEM_MEDIA_TYPE,
            headers=problem.headers,
        )

    return {HTTPException: answer, Exception: answer}


def _http(error: HTTPException) -> HttpProblem:
    code, detail = CODES.get(error.status_code, INTERNAL)
    headers = {
        name: value for name, value in (error.headers or {}).items() if name.lower() in KEPT_HEADERS
    }
    return HttpProblem(error.status_code, code, detail, headers=headers)


def _invalid(error: ValidationException, names: Mapping[str, str]) -> HttpProblem:
    missing = _MISSING.search(error.detail)
    if missing is not None:
        problem = FieldProblem(
            code="missing_parameter",
            message=f"The {missing['kind']} parameter '{missing['name']}' is missing.",
            path=missing["name"],
        )
        return HttpProblem(422, CODES[422][0], problem.message, errors=[problem])
    entries = error.extra if isinstance(error.extra, list) else []
    return HttpProblem(422, *CODES[422], errors=[_field_problem(entry, names) for entry in entries])


def _field_problem(entry: Mapping[str, str], names: Mapping[str, str]) -> FieldProblem:
    key = entry.get("key", "")
    return FieldProblem(code="invalid", message=entry.get("message", ""), path=names.get(key, key))


def _names_in_query(request: Request[Any, Any, Any]) -> Mapping[str, str]:
    """Return how addresses call the parameters of the route, which may not be how it does."""
    parameters = request.route_handler.parsed_fn_signature.parameters
    return {name: name_in_query(name, each) for name, each in parameters.items()}
