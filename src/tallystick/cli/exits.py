"""Exit codes, and what an expected failure says to the person at the terminal."""

import errno
from collections.abc import Iterable
from enum import IntEnum

from tallystick.client import RequestRefused
from tallystick.kernel import EngineUnavailable, Problem, TallystickError

DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Exit(IntEnum):
    """
    What a script can rely on.

    A refusal is an answer that is no: the input is wrong, a proof does not hold, an event was not
    counted. Unavailable means that nothing could be asked; trying later may help.
    """

    OK = 0
    REFUSED = 1
    USAGE = 2
    UNAVAILABLE = 3
    INTERRUPTED = 130


class Refusal(TallystickError):
    """A command ends with problems that its user can mend."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


def exit_code(error: TallystickError) -> Exit:
    return Exit.UNAVAILABLE if isinstance(error, EngineUnavailable) else Exit.REFUSED


def disk_full(error: OSError) -> Problem:
    where = f" at {error.filename}" if error.filename else ""
    message = f"the disk is full{where}; make room on it, then start again"
    return Problem(code="disk_full", message=message)


def problems_of(error: TallystickError) -> tuple[Problem, ...]:
    """Return an expected failure as problems, the most particular ones there are."""
    match error:
        case Refusal():
            return error.problems
        case RequestRefused():
            answer = error.answer
            return answer.problems or (Problem(code=answer.code, message=answer.message),)
        case EngineUnavailable():
            return (Problem(code="unavailable", message=str(error)),)
        case _:
            return (Problem(code="refused", message=str(error)),)
