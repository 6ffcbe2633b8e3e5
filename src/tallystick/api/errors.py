"""Turns exceptions of the router and of the use cases into problem documents."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.exceptions import HTTPException, ValidationException

from tallystick.api.problems import PROBLEM_MEDIA_TYPE, FieldProblem, HttpProblem, problem_body
from tallystick.kernel import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar import Request
    from litestar.types import ExceptionHandlersMap
    from structlog.typing import FilteringBoundLogger

RETRY_SECONDS = "1"
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


def error_handlers(log: FilteringBoundLogger) -> ExceptionHandlersMap:
    """Return the handlers of every exception a route can end with."""

    def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        log.error("request_failed", request_id=request.scope["state"].get("request_id", ""), exc_info=error)
        return _response(request, HttpProblem(500, *INTERNAL))

    def unavailable(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        log.warning("engine_unavailable", reason=str(error))
        return _response(request, HttpProblem(503, *CODES[503], headers={"retry-after": RETRY_SECONDS}))

    return {
        HttpProblem: _known,
        ValidationException: _invalid,
        HTTPException: _http,
        RecursionError: _nested,
        EngineUnavailable: unavailable,
        Exception: unexpected,
    }


def _known(request: Request[Any, Any, Any], error: HttpProblem) -> Response[bytes]:
    return _response(request, error)


def _nested(request: Request[Any, Any, Any], _error: RecursionError) -> Response[bytes]:
    return _response(request, HttpProblem(400, "malformed", "The body is nested too deeply."))


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    code, detail = CODES.get(error.status_code, INTERNAL)
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() in {"allow", "retry-after"}}
    return _response(request, HttpProblem(error.status_code, code, detail, headers=headers))


def _invalid(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    entries = error.extra if isinstance(error.extra, list) else []
    problem = HttpProblem(422, *CODES[422], errors=[_field_problem(entry) for entry in entries])
    return _response(request, problem)


def _field_problem(entry: Mapping[str, str]) -> FieldProblem:
    return FieldProblem(code="invalid", message=entry.get("message", ""), path=entry.get("key", ""))


def _response(request: Request[Any, Any, Any], problem: HttpProblem) -> Response[bytes]:
    body = problem_body(problem, request_id=request.scope["state"].get("request_id", ""), instance=request.url.path)
    status = problem.status if problem.status in {each.value for each in HTTPStatus} else 500
    return Response(body, status_code=status, media_type=PROBLEM_MEDIA_TYPE, headers=problem.headers)
