"""
Expressions over one event: which names they know.

    data.tokens.input    data["user-agent"]    subject    source
"""

from tallystick.expressions import Expression, Kind, parse_expression
from tallystick.kernel import Outcome, nearest

DATA = "data"
_OTHERS = ("subject", "source")


def event_expression(text: str, kind: Kind) -> Outcome[Expression]:
    """
    Return the expression over an event that a text writes.

    Problems:
        Those of `parse_expression`.

    Example:
        >>> event_expression("data.bytes / 1024", Kind.NUMBER).value.text
        'data.bytes / 1024'
        >>> event_expression("bytes", Kind.NUMBER).problems[0].message[:45]
        'no name bytes; write data.bytes for a member '
    """
    return parse_expression(text, kind=kind, known=_problem)


def _problem(path: tuple[str, ...]) -> str:
    first, *inner = path
    if first == DATA:
        return "" if inner else "data is an object; write data.name for a member of it"
    if first in _OTHERS:
        return f"{first} is a text and has no members" if inner else ""
    near = nearest(first, (DATA, *_OTHERS)) if inner else nearest(first, _OTHERS)
    hint = f"did you mean {near}?" if near else f"write data.{first} for a member of the data"
    return f"no name {first}; {hint}"
