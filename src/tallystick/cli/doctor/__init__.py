"""Looks at an installation and says how to mend it."""

from tallystick.cli.doctor.command import doctor
from tallystick.cli.doctor.finding import Finding, Verdict

__all__ = ["Finding", "Verdict", "doctor"]
