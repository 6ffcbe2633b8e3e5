"""
What a request can end in other than an answer.

    TallystickError
    ├── EngineUnavailable
    │   └── ServerUnreachable   no answer, or only answers that may pass, in all attempts
    └── RequestRefused          a final answer that is not a success
"""

from dataclasses import dataclass

from tallystick.kernel import EngineUnavailable, Problem, TallystickError


class ServerUnreachable(EngineUnavailable):
    """The server did not answer, or was too busy each time it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemAnswer:
    """
    A problem document of the server (RFC 9457).

    Attributes:
        status: HTTP status.
        code: machine-readable reason.
        message: what is wrong and what to do.
        problems: one for each field concerned; may be empty.
    """

    status: int
    code: str
    message: str
    problems: tuple[Problem, ...] = ()


class RequestRefused(TallystickError):
    """The server understood and said no; the answer is at `answer`."""

    def __init__(self, answer: ProblemAnswer) -> None:
        """Keep the answer beside its message."""
        super().__init__(answer.message)
        self.answer = answer
