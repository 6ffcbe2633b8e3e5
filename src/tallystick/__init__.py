"""Tallystick: from usage to a proven invoice."""

__version__ = "0.1.0"
__all__ = ["__version__"]
