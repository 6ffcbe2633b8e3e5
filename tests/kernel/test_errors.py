"""The tree of exceptions, and the check that stays."""

import subprocess
import sys

import pytest

from tallystick.kernel import (
    CurrencyMismatch,
    EngineUnavailable,
    InvariantBroken,
    Misuse,
    TallystickError,
    UnitMismatch,
    check,
)


def test_a_check_that_fails_says_which_invariant() -> None:
    """A broken invariant raises with its message."""
    with pytest.raises(InvariantBroken, match="parts add up"):
        check(cond=False, message="parts add up")


def test_a_check_that_holds_is_silent() -> None:
    """A condition that holds does nothing."""
    check(cond=True, message="never seen")


def test_optimizing_does_not_remove_a_check() -> None:
    """Under -O asserts vanish; checks about money stay."""
    program = "from tallystick.kernel import check; check(False, 'kept')"
    run = subprocess.run([sys.executable, "-O", "-c", program], capture_output=True, check=False)
    assert b"InvariantBroken: kept" in run.stderr


@pytest.mark.parametrize("kind", [Misuse, InvariantBroken, EngineUnavailable])
def test_every_error_has_one_root(kind: type[Exception]) -> None:
    """Whoever wants to catch all of ours names one class."""
    assert issubclass(kind, TallystickError)


@pytest.mark.parametrize("kind", [CurrencyMismatch, UnitMismatch])
def test_mixing_is_misuse(kind: type[Exception]) -> None:
    """Mixing currencies or units is the caller's mistake."""
    assert issubclass(kind, Misuse)
