"""Commands that only look work where no server runs: they start one for themselves."""

from __future__ import annotations

import json
import subprocess
import sys

from tallystick.bootstrap import DataDirectory
from tests.stories.up import Up, reachable_folder


def run(data: DataDirectory, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command on a data directory."""
    command = [sys.executable, "-m", "tallystick", *arguments, "--data", str(data.root)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_only_looks_needs_no_server_that_runs() -> None:
    """The audit is verified and a difference shown without `up`, and nothing is left running."""
    up = Up(reachable_folder(), "--sample", "--no-collect")
    up.await_ready()
    up.stop()
    verified = run(up.data, "verify", "audit", "--json")
    assert verified.returncode == 0, verified.stderr
    told = json.loads(verified.stdout)
    assert told["sealed"] + told["waiting"] >= 1
    sample = "src/tallystick/samples/saas"
    shown = run(up.data, "apply", "-f", sample, "--dry-run", "--json")
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["created"] > 0
    assert not up.data.socket.is_socket() or run(up.data, "keys", "list").returncode == 3
    with up.data.locked():
        pass


def test_what_changes_something_needs_a_server_that_runs() -> None:
    """Applying without `--dry-run` tells to start the server."""
    folder = DataDirectory(root=reachable_folder())
    folder.prepare()
    applied = run(folder, "apply", "-f", "src/tallystick/samples/saas")
    assert applied.returncode == 3
    assert "tallystick up" in applied.stderr
