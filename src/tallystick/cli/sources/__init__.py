"""`tallystick source ...` and the collectors of declared sources."""

from tallystick.cli.sources.commands import source_app
from tallystick.cli.sources.following import collect_sources

__all__ = ["collect_sources", "source_app"]
