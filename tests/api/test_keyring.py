"""Keys while the store that knows them does not answer."""

import asyncio
import time
from datetime import UTC, datetime

import pytest

from tallystick.api.keyring import KeyRing
from tallystick.api.problems import HttpProblem
from tallystick.app.keys import ApiKey, Scope
from tallystick.kernel import EngineUnavailable, WorkspaceId

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ASKED_IN_VAIN = 3
SECONDS_MAX = 10.0


class Store:
    """Says what it knows of one key, as long as it is there."""

    def __init__(self) -> None:
        self.is_away = False
        self.knows = True
        self.asked = 0

    def look_up(self, token: str) -> ApiKey | None:
        """Return the key, None for any other and once it is revoked."""
        self.asked += 1
        if self.is_away:
            raise EngineUnavailable("away")
        return _key() if self.knows and token == "good" else None


def _key() -> ApiKey:
    return ApiKey(
        workspace=WorkspaceId("live"),
        id="k",
        label="program",
        scopes=frozenset({Scope.QUOTA}),
        account=None,
        created_at=NOW,
        expires_at=None,
        revoked_at=None,
    )


def test_a_good_key_stays_good_while_the_store_is_away() -> None:
    """It is taken as it was found last; one that was not seen is not let in; revoked, it ends."""
    asyncio.run(_through_an_outage(Store()))


async def _through_an_outage(store: Store) -> None:
    ring = KeyRing(store.look_up, now=lambda: NOW)
    assert await ring.key("good") == _key()
    store.is_away = True
    end = time.monotonic() + SECONDS_MAX
    while store.asked < ASKED_IN_VAIN and time.monotonic() < end:
        assert await _asked(ring) == _key()
    assert store.asked >= ASKED_IN_VAIN, "the store was not asked once the key was not fresh"
    with pytest.raises(EngineUnavailable):
        await ring.key("other")
    store.is_away, store.knows = False, False
    with pytest.raises(HttpProblem, match="valid key"):
        await _ask_until(ring, time.monotonic() + SECONDS_MAX)


async def _ask_until(ring: KeyRing, end: float) -> None:
    while time.monotonic() < end:
        await _asked(ring)


async def _asked(ring: KeyRing) -> ApiKey:
    await asyncio.to_thread(str)  # look-ups in the background have their turn
    return await ring.key("good")
