"""Removes dead letters whose time is over; they may hold what senders should not have sent."""

from collections.abc import Callable
from datetime import timedelta

from tallystick.app.clock import Clock
from tallystick.app.unit_of_work import RunnerUnitOfWork

SETTLED_KEPT = timedelta(days=30)
"""How long a letter is kept from its receipt once it was taken after all, or given up."""
WAITING_KEPT = timedelta(days=400)
"""How long it is kept while it waits: past the books of a year."""
BATCH = 1000


def expire_letters(units: Callable[[], RunnerUnitOfWork], *, clock: Clock) -> int:
    """Remove a batch of letters of all workspaces; return how many they were, 1,000 at most."""
    now = clock.now()
    with units() as uow:
        removed = uow.letters.remove(
            settled_before=now - SETTLED_KEPT, waiting_before=now - WAITING_KEPT, limit=BATCH
        )
        uow.commit()
    return removed
