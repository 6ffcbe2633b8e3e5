"""Use cases that read accounts and resources."""

from tallystick.app.accounts.ports import AccountStore

__all__ = ["AccountStore"]
