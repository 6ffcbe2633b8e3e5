"""What the use cases of retention ask of their store."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from tallystick.app.retention.removal import Removal
from tallystick.retention import LegalHold, RetentionFloor, RetentionRule


class RetentionStore(Protocol):
    """Rules, holds and floors of one workspace."""

    def lock(self) -> None:
        """Wait for other transactions that change rules or holds; keep them waiting."""
        ...

    def rules(self) -> tuple[RetentionRule, ...]:
        """Return the rules by event type."""
        ...

    def save_rule(self, rule: RetentionRule) -> None:
        """Put a rule in the place of the one of its type."""
        ...

    def remove_rule(self, event_type: str) -> None:
        """Forget the rule of a type."""
        ...

    def holds(self) -> tuple[LegalHold, ...]:
        """Return all holds, released ones included, in the order of their placing."""
        ...

    def find_hold(self, id: str) -> LegalHold | None:
        """Return a hold, None if there is none."""
        ...

    def save_hold(self, hold: LegalHold) -> None:
        """Add a hold, or note that it was released; nothing else of it changes."""
        ...

    def floors(self) -> tuple[RetentionFloor, ...]:
        """Return the floors by event type."""
        ...

    def save_floors(self, floors: Iterable[RetentionFloor]) -> None:
        """Move floors on; none moves back."""
        ...


class RemovalStore(Protocol):
    """Removals of one workspace: what was decided, and whether it was carried out."""

    def save(self, removal: Removal, *, at: datetime) -> None:
        """Add a removal that was decided."""
        ...

    def unfinished(self) -> tuple[Removal, ...]:
        """Return the removals that were decided and not carried out, in the order of deciding."""
        ...

    def finish(self, id: str, *, events: int, at: datetime) -> None:
        """Note that a removal was carried out, and of how many events."""
        ...
