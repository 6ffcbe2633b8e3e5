"""Commands about personal data."""

from tallystick.cli.personal.commands import personal_app

__all__ = ["personal_app"]
