"""What is held, and what exists of levels, stands against the limits that are in force now."""

from tallystick.app.quotas.holding.moving import UNSETTLED, Moved, find_moved, move, settle_holds

__all__ = ["UNSETTLED", "Moved", "find_moved", "move", "settle_holds"]
