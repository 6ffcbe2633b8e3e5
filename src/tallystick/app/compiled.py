"""
Functions compiled to machine code, for the few loops that touch every byte of every event.

Numba compiles a function when it is first called (about a second each) and keeps the result beside
the source or, where that cannot be written, in the user's cache; a process that finds it there
loads it in milliseconds. Compiled functions let go of the interpreter's lock, so that they run
beside everything else. They take and return numbers and NumPy arrays only.

A compiled function may call others of its own module only: the kept result of a caller is not
made anew when another file changes.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Return the function compiled; it behaves as the Python that it is written in."""
    try:
        return cast("Function", numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:  # nowhere to keep the result: compile in each process
        return cast("Function", numba.njit(nogil=True)(function))
