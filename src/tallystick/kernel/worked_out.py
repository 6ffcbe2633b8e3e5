"""
What was worked out of an object that never changes, kept as long as that very object is in use.

A run of bills asks the same of one plan for a hundred thousand contracts.  Comparing plans takes
longer than working it out again; that it is the same object is seen at once.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def once_for_each(work: Callable[[K], V], *, kept_max: int = 1_000) -> Callable[[K], V]:
    """
    Return a function that does the work once for each object, for up to ``kept_max`` of them.

    Args:
        work: must depend on nothing but its argument, which never changes.
        kept_max: when so many are kept, all are forgotten.

    Example:
        >>> asked = []
        >>> length = once_for_each(lambda text: asked.append(text) or len(text))
        >>> name = "acme"
        >>> length(name), length(name), asked
        (4, 4, ['acme'])
    """
    kept: dict[int, tuple[K, V]] = {}

    @wraps(work)
    def remembered(of: K) -> V:
        found = kept.get(id(of))
        # The object is kept with its result: while it is, no other has its id.
        if found is None:
            if len(kept) >= kept_max:
                kept.clear()
            found = kept[id(of)] = (of, work(of))
        return found[1]

    return remembered
