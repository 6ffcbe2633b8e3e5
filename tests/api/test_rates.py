"""How often a key may call."""

from collections.abc import Iterator

import pytest

from tallystick.api.rates import Buckets, RateLimit
from tests.databases import Cluster
from tests.serving import Tenant, serve

SECOND = 1_000_000_000
START = 10**15


def test_a_bucket_empties_and_fills() -> None:
    """Three at once, then one each half second; headers say what is left and when to come again."""
    buckets = Buckets(RateLimit(per_second=2, burst=3))
    told = [buckets.take("k", now_nanoseconds=START) for _ in range(4)]
    assert [each.allowed for each in told] == [True, True, True, False]
    assert [each.remaining for each in told] == [2, 1, 0, 0]
    assert [each.reset_seconds for each in told] == [1, 1, 2, 2]
    assert told[-1].retry_after_seconds == 1
    assert not buckets.take("k", now_nanoseconds=START + SECOND // 2 - 1).allowed
    assert buckets.take("k", now_nanoseconds=START + SECOND // 2).allowed
    assert buckets.take("k", now_nanoseconds=START + 100 * SECOND).remaining == 2


def test_a_limit_beyond_the_clock_is_no_limit() -> None:
    """More calls a second than there are nanoseconds: every call is let pass."""
    buckets = Buckets(RateLimit(per_second=10**12, burst=2 * 10**12))
    assert all(buckets.take("k", now_nanoseconds=0).allowed for _ in range(3))


def test_keys_do_not_share_a_bucket() -> None:
    """What one key uses up, another does not miss."""
    buckets = Buckets(RateLimit(per_second=1, burst=1))
    assert buckets.take("a", now_nanoseconds=START).allowed
    assert not buckets.take("a", now_nanoseconds=START).allowed
    assert buckets.take("b", now_nanoseconds=START).allowed


def test_refused_calls_cost_nothing() -> None:
    """A client that goes on calling too often still gets its rate."""
    buckets = Buckets(RateLimit(per_second=1, burst=1))
    allowed = [
        buckets.take("k", now_nanoseconds=START + step * SECOND // 10).allowed for step in range(31)
    ]
    assert allowed.count(True) == 4


@pytest.fixture(scope="module")
def slow(cluster: Cluster, template: str) -> Iterator[Tenant]:
    """Lend a workspace of a server that lets a key call once a second."""
    with serve(cluster, template, TALLYSTICK_RATE_LIMIT="1") as server:
        yield server.tenant()


class TestOverHttp:
    """A server with a low rate."""

    def test_too_many_calls_are_answered_with_429(self, slow: Tenant) -> None:
        """Two at once, then 429 with Retry-After; another key goes on."""
        with slow.client() as client:
            answers = [client.get("/v1/meters") for _ in range(8)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert refused[0].json()["code"] == "rate_limited"
        assert 1 <= int(refused[0].headers["retry-after"]) <= 2
        for answer in answers:
            assert answer.headers["ratelimit-limit"] == "2"
            assert 0 <= int(answer.headers["ratelimit-remaining"]) <= 2
            assert 0 <= int(answer.headers["ratelimit-reset"]) <= 2

    def test_events_have_a_bucket_of_their_own(self, slow: Tenant) -> None:
        """Who may not ask any more can still deliver."""
        for _ in range(8):
            slow.ask("GET", "/v1/meters")
        assert slow.send({"id": "1"})["accepted"] == 1
