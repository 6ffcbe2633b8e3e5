"""
Reads JSON bodies and query parameters strictly, with the path of what is wrong.

The router's own reading is lenient where a billing system must not be: it takes `"1"` for a
number, any content type for JSON, and ignores a misspelt query parameter, so that a wrong filter
would quietly answer with everything. Here a body is decoded by msgspec, once, straight into the
type that the route declares; unknown fields are refused by the schemas themselves.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.params import ParameterKwarg
from litestar.typing import FieldDefinition

from tallystick.api.bodies import BodyBudget, read_body
from tallystick.api.problems import FieldProblem, HttpProblem

BODY_BYTES_MAX = 1024 * 1024
BUDGET = BodyBudget(64 * 1024 * 1024)
AT_PATH = re.compile(r"^(?P<message>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
NAMED_FIELD = re.compile(r"(?:unknown|required) field `(?P<name>[^`]*)`")
PAGE_PARAMETERS = frozenset({"limit", "cursor"})


class StrictRequest(Request[Any, Any, State]):
    """A request whose JSON is what the route declares, or a problem that says where it is not."""

    async def body(self) -> bytes:
        """Return the unpacked body, read once."""
        held: bytes | None = self.scope["state"].get("body")
        if held is None:
            headers = dict(self.scope["headers"])
            most = self.route_handler.opt.get("body_bytes_max", BODY_BYTES_MAX)
            held = await read_body(headers, self.receive, bytes_max=most, budget=BUDGET)
            BUDGET.release(len(held))
            self.scope["state"]["body"] = held
        if not held and self.route_handler.parsed_data_field is not None:
            raise HttpProblem(400, "malformed", "A JSON body is needed here.")
        return held

    async def json(self) -> Any:  # noqa: ANN401 - the type is the route's
        """Return the body as an instance of the type of the route's `data`."""
        content_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != "application/json" and not content_type.endswith("+json"):
            message = "Send JSON, with Content-Type: application/json."
            raise HttpProblem(415, "unsupported_media_type", message)
        field = self.route_handler.parsed_data_field
        return decode_strictly(await self.body(), Any if field is None else field.annotation)


def decode_strictly(body: bytes, into: Any) -> Any:  # noqa: ANN401 - any type msgspec knows
    """
    Return a JSON body as an instance of `into`.

    Raises:
        HttpProblem: 400 for what is not JSON, 422 for what is JSON and not as declared.
    """
    if NUL.search(body):
        raise no_nul("$")
    try:
        return decoder(into).decode(body)
    except msgspec.ValidationError as error:
        problem = field_problem(str(error))
        raise HttpProblem(422, "invalid", problem.message, errors=[problem]) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HttpProblem(400, "malformed", f"The body is not JSON: {error}.") from error
    except RecursionError as error:
        raise HttpProblem(400, "malformed", "The body is nested too deeply.") from error


@cache
def decoder(into: Any) -> msgspec.json.Decoder[Any]:  # noqa: ANN401 - any type msgspec knows
    """Return the decoder of a type; numbers with a fraction are decimals, never floats."""
    return msgspec.json.Decoder(into, float_hook=Decimal)


def field_problem(text: str) -> FieldProblem:
    """
    Return what msgspec says as message and path.

    >>> field_problem("Object contains unknown field `c` - at `$.items[0]`").path
    '$.items[0].c'
    """
    match = AT_PATH.match(text)
    message, path = (match["message"], match["path"] or "$") if match else (text, "$")
    named = NAMED_FIELD.search(message)
    code = "invalid"
    if named is not None:
        path = f"{path}.{named['name']}"
        code = "unknown_field" if "unknown" in message else "missing_field"
    return FieldProblem(code=code, message=message, path=path)


def no_nul(path: str) -> HttpProblem:
    """Return the problem of a text with the character that PostgreSQL has no place for."""
    message = "A text must not hold the character U+0000."
    problem = FieldProblem(code="invalid", message=message, path=path)
    return HttpProblem(422, "invalid", message, errors=[problem])


def name_in_query(name: str, parameter: FieldDefinition) -> str:
    """Return how the address calls a parameter, which may not be how the route does."""
    told = parameter.kwarg_definition
    return (told.name if isinstance(told, ParameterKwarg) else None) or name


def refuse_unknown_parameters(request: Request[Any, Any, Any]) -> None:
    """End a request whose query names a parameter that its route does not have, or holds a NUL."""
    if "\0" in request.scope["path"]:
        raise no_nul("")
    for name, value in request.query_params.multi_items():
        if "\0" in value:
            raise no_nul(name)
    parameters = request.route_handler.parsed_fn_signature.parameters
    known = {name_in_query(name, each) for name, each in parameters.items()}
    known |= PAGE_PARAMETERS if "page" in parameters else set()
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        problems = [
            FieldProblem(code="unknown_parameter", message="unknown query parameter", path=name)
            for name in unknown
        ]
        message = f"This address has no query parameter '{unknown[0]}'."
        raise HttpProblem(422, "invalid", message, errors=problems)
