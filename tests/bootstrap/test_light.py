"""What every command loads is light: the engines' libraries take seconds."""

import subprocess
import sys

import pytest

HEAVY = {"alembic", "chdb", "clickhouse_connect", "numba", "sqlalchemy", "typst"}


@pytest.mark.parametrize(
    "module",
    ["tallystick.bootstrap", "tallystick.cli.applying", "tallystick.cli.keys", "tallystick.cli.up"],
)
def test_commands_load_no_engines(module: str) -> None:
    """Who asks a server waits for no library of an engine; nothing migrates by being imported."""
    told = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=120
    )
    heavy = {"alembic", "sqlalchemy"} if module == "tallystick.cli.up" else HEAVY
    assert set(done.stdout.split()) & heavy == set()
