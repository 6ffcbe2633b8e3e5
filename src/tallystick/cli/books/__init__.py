"""Commands for bookkeepers."""

from tallystick.cli.books.commands import ledger_app

__all__ = ["ledger_app"]
