"""
Every error as an RFC 9457 problem document, and the only place that knows HTTP statuses.

Inside, an expected failure is a `Refused` value with a machine-readable code; infrastructure
failures are exceptions.  Both become `application/problem+json` here: a stable `code` to program
against, a `detail` a person can act on, one entry in `errors` for each field concerned, and the
request id to quote to an operator.  An unexpected exception shows none of its text: it is logged,
and answered with `internal`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tallystick.kernel import Problem, Refused

PROBLEM_MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:tallystick:problem:"

STATUS_OF_CODE: Mapping[str, int] = {
    "forbidden": 403,
    "key_unknown": 404,
    "not_found": 404,
    "unknown_account": 404,
    "unknown_books": 404,
    "unknown_delivery": 404,
    "unknown_dispute": 404,
    "unknown_money": 404,
    "unknown_payment": 404,
    "unknown_export": 404,
    "no_tax_id": 409,
    "no_tax_engine": 409,
    "unknown_hold": 404,
    "unknown_grant": 404,
    "unknown_invoice": 404,
    "unknown_movement": 404,
    "unknown_limit": 404,
    "unknown_line": 404,
    "unknown_price_series": 404,
    "unknown_rates": 404,
    "unknown_restriction": 404,
    "unknown_webhook": 404,
    "no_exchange_rate": 404,
    "unknown_source": 404,
    "already_decided": 409,
    "already_ended": 409,
    "already_billed": 409,
    "already_issued": 409,
    "already_void": 409,
    "idempotency_conflict": 409,
    "webhook_disabled": 409,
    "insufficient_credit": 409,
    "key_conflict": 409,
    "known_grant": 409,
    "reconciliation_runs": 409,
    "stale_draft": 409,
    "not_covered": 503,
    "trigger_conflict": 409,
    "tax_engine_unavailable": 503,
}
CONFLICT = 409
UNPROCESSABLE = 422


class FieldProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong, and where: `path` is a JSON path into the request, or empty."""

    code: str
    message: str
    path: str = ""


class ProblemDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every error answer (RFC 9457, with `code`, `request_id` and `errors` added)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str = ""
    instance: str = ""
    errors: tuple[FieldProblem, ...] = ()


class HttpProblem(Exception):
    """Ends a request with a problem document."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what the answer needs; nothing is formatted before it is sent."""
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def problem_from_refusal(refused: Refused, *, otherwise: int = UNPROCESSABLE) -> HttpProblem:
    """
    Return the answer to a refused command; the first problem decides the status.

    Args:
        refused: every problem found.
        otherwise: the status of a code that has none of its own.
    """
    first: Problem = refused.problems[0]
    return HttpProblem(
        STATUS_OF_CODE.get(first.code, otherwise),
        first.code,
        first.message,
        errors=[
            FieldProblem(code=each.code, message=each.message, path=each.field)
            for each in refused.problems
        ],
    )


def problem_body(problem: HttpProblem, *, request_id: str, instance: str) -> bytes:
    """Return the JSON of a problem as it goes over the wire."""
    document = ProblemDocument(
        type=TYPE_PREFIX + problem.code,
        title=HTTPStatus(problem.status).phrase,
        status=problem.status,
        detail=problem.detail,
        code=problem.code,
        request_id=request_id,
        instance=instance,
        errors=problem.errors,
    )
    return msgspec.json.encode(document)
