"""
What a workspace declares to be personal: paths in the data of a type of events.

A path names members of nested objects by their names, parted by dots, as those of meters do; it
does not enter arrays, but what stands at it may be of any kind. None of a type's paths lies below
another one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

PATHS_MAX = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredPaths:
    """The personal paths of a type; without any, nothing that is sent from now on is personal."""

    event_type: str
    paths: tuple[str, ...]


def is_at_or_below(path: str, other: str) -> bool:
    """
    Tell whether a path is another one or lies below it.

    Example:
        >>> is_at_or_below("user.email", "user"), is_at_or_below("username", "user")
        (True, False)
    """
    return path == other or path.startswith(f"{other}.")


def overlapping(paths: Sequence[str]) -> tuple[str, str] | None:
    """
    Return two paths of which the first is the second or lies below it; None where none does.

    Example:
        >>> overlapping(["ip", "user.email", "user"])
        ('user.email', 'user')
    """
    for place, path in enumerate(paths):
        for other in (*paths[:place], *paths[place + 1 :]):
            if is_at_or_below(path, other):
                return path, other
    return None
