"""Which server a command asks is said by options, or by the variables that their help names."""

from pathlib import Path
from typing import get_type_hints

from cyclopts import Parameter

from tallystick.bootstrap import settings_from
from tallystick.cli.connection import Session


def test_variables_that_the_help_names_are_settings(tmp_path: Path) -> None:
    """What the command line reads is not refused as a typo when it starts."""
    hints = get_type_hints(Session, include_extras=True).values()
    named = [
        name
        for hint in hints
        for parameter in getattr(hint, "__metadata__", ())
        if isinstance(parameter, Parameter)
        for name in parameter.env_var or ()
    ]
    assert "TALLYSTICK_WORKSPACE" in named
    assert settings_from(dict.fromkeys(named, str(tmp_path))).data == tmp_path
