"""The tour of the README, word for word."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.up import Up, reachable_folder

ROOT = Path(__file__).resolve().parents[2]
_SAID = {
    "rate": "settled 22.02 EUR",
    "apply --dry-run": "7 would be created",
    "apply": "7 created",
    "import": "accepted 10",
    "import again": "duplicate 10",
    "invoice run": "inv_b4a77c218ba62ae66a34",
    "invoice explain": "134567 x 0.000015 = 2.018505",
    "invoice export": "january.proof",
    "verify": "equal: TOUR-2026-000001, 67.83 EUR",
}
"""What each step must show, in order."""


def _tour() -> list[str]:
    """The commands of the README's tour, without the first, which enters the environment."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- tour -->\n```sh\n(.*?)```", text, re.DOTALL)
    assert found
    enters, *commands = found[1].splitlines()
    assert enters == ". .venv/bin/activate"
    return commands


@pytest.fixture
def up() -> Iterator[Up]:
    """A fresh installation, as `make run` starts it, without this computer's own usage."""
    running = Up(reachable_folder())
    running.await_ready()
    yield running
    running.stop()


def test_tour(up: Up, tmp_path: Path) -> None:
    """Each command of the tour does what the README says."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    environment = os.environ | {"TALLYSTICK_DATA": str(up.data.root), "COLUMNS": "160"}
    commands = _tour()
    assert len(commands) == len(_SAID)
    for command, (step, expected) in zip(commands, _SAID.items(), strict=True):
        program, *arguments = command.split()
        assert program == "tallystick"
        ran = subprocess.run(
            [sys.executable, "-m", "tallystick", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        said = " ".join((ran.stdout + ran.stderr).split())
        if ran.returncode or expected not in said:
            pytest.fail(f"{step}: {command}\nends with {ran.returncode}: {said}")
