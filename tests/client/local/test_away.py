"""A server that cannot be asked: each feature does as it declares, and the difference is told."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from tallystick.client import Endpoint, LocalQuotas, LocalTimes, OpenGrants
from tallystick.client.local.away import decide_away
from tallystick.client.local.documents import AccountEntitlements
from tallystick.client.quotas import Consume
from tests.client.quota_tenants import counted, entitle, standing
from tests.client.relay import Relay, relay
from tests.serving import Tenant
from tests.waiting import wait_until

QUICK = LocalTimes(tick=0.02, left_behind=0.1, away=0.1, answer=5)


def _warm(quotas: LocalQuotas, *features: str) -> None:
    """Ask once, and wait until what acme may use is known here."""
    for feature in features:
        assert quotas.consume("acme", feature).allowed
    wait_until(
        lambda: quotas.knows("acme"), seconds_max=10, waiting_for="the account's entitlements"
    )


def _local(line: Relay, tenant: Tenant, folder: Path, told: list[OpenGrants]) -> LocalQuotas:
    endpoint = Endpoint(url=line.url, key=tenant.token)
    return LocalQuotas(endpoint, directory=folder, times=QUICK, told=told.append)


@pytest.mark.parametrize(
    ("declared", "granted", "reason", "by"),
    [
        ({}, {}, "fail_closed", "daily"),
        ({"if_unreachable": "fail_open"}, {}, "fail_open", ""),
        ({"meter": "mails"}, {}, "fail_open", ""),
        ({}, {"enabled": False}, "fail_open", ""),
        ({}, {"limit": None}, "fail_open", ""),
    ],
)
def test_the_strictest_limit_on_the_meter_decides(
    declared: dict[str, object], granted: dict[str, object], reason: str, by: str
) -> None:
    """Another limit that would count the use and fails closed refuses it, and is named."""
    calls = {"key": "calls", "kind": "metered", "meter": "calls", "if_unreachable": "fail_open"}
    daily = {"key": "daily", "kind": "metered", "meter": "calls"} | declared
    grant = {"enabled": True, "limit": "9"}
    items = [{"feature": calls, **grant}, {"feature": daily, **grant, **granted}]
    known = msgspec.convert({"entitlements": items}, AccountEntitlements, strict=False)
    asked = Consume(account="acme", feature="calls", source="shop", id="1")
    found = decide_away(asked, known)
    assert (found.reason, found.limited_by) == (reason, by)


def test_open_is_let_through_and_told_and_closed_is_refused(tenant: Tenant, tmp_path: Path) -> None:
    """Of 10, 1 is used; 12 more are let through while away: 9 within, 3 beyond, all counted."""
    entitle(tenant)
    told: list[OpenGrants] = []
    with relay(tenant.url) as line, _local(line, tenant, tmp_path, told) as quotas:
        _warm(quotas, "vital", "calls")
        line.cut()
        decisions = [quotas.consume("acme", "vital", id=f"away-{n}") for n in range(12)]
        assert {(each.allowed, each.reason, each.degraded) for each in decisions} == {
            (True, "fail_open", True)
        }
        closed = quotas.consume("acme", "calls")
        assert (closed.allowed, closed.reason, closed.degraded) == (False, "fail_closed", True)
        assert quotas.consume("acme", "sso").allowed
        assert quotas.consume("acme", "nothing").reason == "not_entitled"
        assert quotas.consume("other", "vital").reason == "fail_closed"
        wait_until(
            lambda: bool(quotas.problems), seconds_max=10, waiting_for="the trouble to be told"
        )
        line.mend()
        wait_until(
            lambda: sum(each.uses for each in told) == 12,
            seconds_max=10,
            waiting_for="the server to be told",
        )
        assert {each.feature for each in told} == {"vital"}  # in one part, or what waited in two
        assert sum(each.granted for each in told) == Decimal(12)
        assert sum(each.beyond for each in told) == Decimal(3)
        assert sum(each.uses_beyond for each in told) == 3
        again = quotas.consume("acme", "vital", id="away-3")
        assert (again.allowed, again.duplicate) == (True, True)
        assert not quotas.consume("acme", "vital").allowed
    assert standing(Endpoint(url=tenant.url, key=tenant.token), "vital") == (13, 0)
    wait_until(
        lambda: counted(tenant, "vitals") == (13, 13), seconds_max=30, waiting_for="the events"
    )


def test_what_was_known_and_let_through_outlives_the_process(
    tenant: Tenant, tmp_path: Path
) -> None:
    """A process that starts while the server is away knows the account; its book is told later."""
    entitle(tenant)
    told: list[OpenGrants] = []
    with relay(tenant.url) as line:
        with _local(line, tenant, tmp_path, told) as quotas:
            _warm(quotas, "vital")
        line.cut()
        with _local(line, tenant, tmp_path, told) as quotas:
            assert quotas.consume("acme", "vital").reason == "fail_open"
        assert told == []
        line.mend()
        with _local(line, tenant, tmp_path, told):
            wait_until(lambda: len(told) > 0, seconds_max=10, waiting_for="the left book")
    assert [(each.granted, each.beyond) for each in told] == [(Decimal(1), Decimal(0))]
    assert standing(Endpoint(url=tenant.url, key=tenant.token), "vital") == (2, 0)


def test_a_slice_is_spent_while_the_server_is_away(tenant: Tenant, tmp_path: Path) -> None:
    """What was granted stays granted until it ends; beyond it the feature's word holds."""
    entitle(tenant)
    told: list[OpenGrants] = []
    with relay(tenant.url) as line, _local(line, tenant, tmp_path, told) as quotas:
        _warm(quotas, "calls")
        calls = quotas.leased("acme", "calls", quantity=20)
        assert calls.consume().allowed
        line.cut()
        found = [calls.consume() for _ in range(25)]
        assert [each.allowed for each in found] == [True] * 19 + [False] * 6
        assert found[-1].reason == "fail_closed"
        line.mend()
        wait_until(lambda: calls.consume().allowed, seconds_max=10, waiting_for="the server")
    used, held = standing(Endpoint(url=tenant.url, key=tenant.token), "calls")
    assert (used, held) == (22, 0)


def test_a_server_that_is_away_is_left_alone(tenant: Tenant, tmp_path: Path) -> None:
    """After one question in vain nobody else waits, until it is tried again."""
    entitle(tenant)
    patient = LocalTimes(tick=0.02, away=600, answer=5)
    with relay(tenant.url) as line:
        endpoint = Endpoint(url=line.url, key=tenant.token)
        with LocalQuotas(endpoint, directory=tmp_path, times=patient) as quotas:
            _warm(quotas, "vital")
            line.cut()
            assert quotas.consume("acme", "vital").degraded
            tries = line.tries
            assert all(quotas.consume("acme", "vital").degraded for _ in range(1_000))
            assert line.tries == tries
